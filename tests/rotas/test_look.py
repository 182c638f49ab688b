"""An override or a swap is looked at before it is kept: it shows what keeping it does, and keeps nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.errors import Invalid
from core.types import person
from notifications.models import Message
from rotas.domain import covering
from rotas.domain.overrides import add_override
from rotas.domain.swaps import accept_swap, draw_up, offer_swap
from rotas.models import Leave, Override, Swap
from rotas.queries.look import look_at_override, look_at_swap
from rotas.queries.oncall import final
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, layer, override, rota
from tests.rotas.test_pages import text

pytestmark = pytest.mark.django_db


def asked(made, start, end, user=None, replaces=None, **fields) -> Override:
    return Override(rota=made, starts_at=start, ends_at=end, user=user, replaces=replaces, **fields)


def gains(found) -> dict:
    return {gain.user.name: gain.more for gain in found.gains}


def test_who_covers_gains_what_who_is_away_loses(amina, brian):
    made = rota(amina)
    found = look_at_override(asked(made, NOW + HOUR, NOW + 3 * HOUR, brian, amina), NOW)
    assert gains(found) == {"Amina": -2 * HOUR, "Brian": 2 * HOUR}
    (change,) = found.changes
    assert (change.start, change.end, change.before, change.after) == (
        NOW + HOUR,
        NOW + 3 * HOUR,
        (amina,),
        (brian,),
    )
    assert not found.opened and not Override.objects.exists()


def test_somebody_away_without_cover_opens_a_gap_and_somebody_put_into_one_closes_it(amina, brian):
    made = rota(name="Days")
    layer(made, amina, hours=(8, 12))
    away = look_at_override(asked(made, NOW, NOW + 8 * HOUR, replaces=amina), NOW)
    assert (len(away.opened), away.open_time) == (1, 4 * HOUR)
    fills = look_at_override(asked(made, NOW, NOW + 8 * HOUR, brian), NOW)
    assert [(each.start, each.end) for each in fills.closed] == [(NOW + 4 * HOUR, NOW + 8 * HOUR)]


def test_covering_who_is_not_on_call_changes_nothing(amina, brian):
    made = rota(amina)
    assert look_at_override(asked(made, NOW, NOW + HOUR, make.user(), brian), NOW).is_same


def test_what_has_begun_counts_from_now_on(amina, brian):
    made = rota(amina)
    found = look_at_override(asked(made, NOW - 5 * HOUR, NOW + HOUR, brian, amina), NOW)
    assert gains(found) == {"Amina": -HOUR, "Brian": HOUR}


def test_leave_and_other_rotas_of_who_gains_are_said_and_of_nobody_else(amina, brian):
    made, other = rota(amina), rota(brian, name="Elsewhere")
    rota(amina, name="Also")
    for each in (made, other):
        covering.derive(each.pk, NOW)
    for who in (amina, brian):
        Leave.objects.create(user=who, state="approved", starts_at=NOW, ends_at=NOW + 30 * HOUR, asked_at=NOW)
    found = look_at_override(asked(made, NOW + HOUR, NOW + 3 * HOUR, brian, amina), NOW)
    assert [words.split(" is on leave")[0] for words in found.absences] == ["Brian"]
    (twice,) = found.twice
    assert (twice.user, twice.start, twice.end) == (brian, NOW + HOUR, NOW + 3 * HOUR)


def test_it_takes_seven_questions_at_most(amina, brian):
    made = rota(amina)
    wanted = asked(made, NOW + HOUR, NOW + 3 * HOUR, brian, amina)
    with CaptureQueriesContext(connection) as seen:
        look_at_override(wanted, NOW)
    assert len(seen) <= 7


HOURS = st.integers(0, 47)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=HOURS, length=st.integers(1, 20), covers=st.booleans(), away=st.booleans(), alone=st.booleans())
def test_what_it_shows_is_what_keeping_it_does(start, length, covers, away, alone):
    if not covers and not away:
        return
    amina, brian, chege = (make.user(name=name) for name in ("Amina", "Brian", "Chege"))
    made = rota()
    layer(made, amina, brian, hours=(6, 20))
    override(made, NOW + 5 * HOUR, NOW + 9 * HOUR, user=chege)
    begins, ends = NOW + start * HOUR, NOW + (start + length) * HOUR
    alone = alone and covers and not away
    user, replaces = (chege if covers else None), (amina if away else None)
    before = final(made, begins, ends)
    found = look_at_override(asked(made, begins, ends, user, replaces, takes_over=alone), NOW)
    add_override(
        made,
        starts_at=begins,
        ends_at=ends,
        user=user,
        replaces=replaces,
        takes_over=alone,
        actor=person(make.user("lead")),
        now=NOW,
    )
    after = final(made, begins, ends)

    def hours(schedule):
        total = {}
        for cover in schedule:
            for who in cover.users:
                total[who] = total.get(who, timedelta()) + cover.end - cover.start
        return total

    was, will = hours(before), hours(after)
    differ = {who for who in {*was, *will} if was.get(who) != will.get(who)}
    shown = {gain.user: (gain.before, gain.after) for gain in found.gains}
    assert differ <= set(shown)
    for who, both in shown.items():
        assert both == (was.get(who, timedelta()), will.get(who, timedelta()))


# swaps


def test_a_swap_in_exchange_shows_both_sides(amina, brian):
    made = rota(amina, brian)
    day = NOW.replace(hour=0)
    both = {
        "starts_at": day + 2 * DAY,
        "ends_at": day + 3 * DAY,
        "taker": brian,
        "back": (day + 3 * DAY, day + 3 * DAY + 6 * HOUR),
    }
    found = look_at_swap(draw_up(made, amina, **both, now=NOW), NOW)
    assert gains(found) == {"Amina": -18 * HOUR, "Brian": 18 * HOUR}
    assert not Swap.objects.exists() and not Message.objects.exists()
    real = offer_swap(made, amina, **both, actor=person(amina), now=NOW)
    before = final(made, day + 2 * DAY, day + 4 * DAY)
    accept_swap(real, brian, now=NOW)
    after = final(made, day + 2 * DAY, day + 4 * DAY)
    assert [cover.users for cover in before] != [cover.users for cover in after]
    assert [(change.start, change.after) for change in found.changes] == [
        (day + 2 * DAY, (brian,)),
        (day + 3 * DAY, (amina,)),
    ]
    assert (after[0].start, after[0].users) == (day + 2 * DAY, (brian,))
    assert (after[1].start, after[1].end, after[1].users) == (
        day + 3 * DAY,
        day + 3 * DAY + 6 * HOUR,
        (amina,),
    )


def test_what_can_not_be_offered_can_not_be_looked_at(amina, brian):
    made = rota(amina)
    with pytest.raises(Invalid):
        draw_up(made, brian, starts_at=NOW + DAY, ends_at=NOW + 2 * DAY, now=NOW)


# pages


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


@pytest.fixture
def lead(client):
    who = make.user("lead", name="Grace")
    client.force_login(who)
    return who


def wall(at) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"


def typed(user, replaces, start, end, **fields) -> dict:
    return {
        "user": user.pk,
        "replaces": replaces.pk if replaces else "",
        "starts_at": wall(start),
        "ends_at": wall(end),
        "reason": "",
        **fields,
    }


def test_look_first_on_the_rota_s_page_keeps_nothing_and_keeps_what_was_typed(
    client, lead, amina, brian, now
):
    made = rota(amina, name="Nights", zone="UTC")
    start = (now + DAY).replace(second=0)
    url = reverse("rotas:override_add", args=[made.slug])
    sent = typed(brian, amina, start, start + 2 * HOUR, reason="Dentist")
    page = client.post(url, {**sent, "do": "look"})
    assert page.status_code == 200
    said = text(page).split("What it would change")[1]
    assert "Brian" in said and "+2 h" in said and "Amina" in said
    assert not Override.objects.exists() and not Message.objects.exists()
    assert page.context["form"]["reason"].value() == "Dentist"
    assert "What it would change" in text(page)
    assert 'href="?week' not in page.content.decode()
    client.post(url, sent)
    assert Override.objects.count() == 1


def test_what_is_wrong_is_said_beside_the_field_when_looking_too(client, lead, amina, now):
    made = rota(amina, zone="UTC")
    url = reverse("rotas:override_add", args=[made.slug])
    page = client.post(url, typed(amina, amina, now + DAY, now + 2 * DAY, do="look"))
    assert page.status_code == 400
    assert page.context["form"].errors == {"user": ["Nobody covers themselves."]}
    assert "What it would change" not in text(page)


def test_an_offer_is_looked_at_for_one_and_for_all(client, amina, brian, now):
    made = rota(name="Nights", zone="UTC")
    layer(made, amina, brian, anchor=now.replace(hour=0, minute=0, second=0))
    client.force_login(amina)
    url = reverse("rotas:swaps")
    which = next(iter(client.get(url).context["form"].fields["which"].choices))[0]
    one = client.post(url, {"which": which, "taker": brian.pk, "note": "", "do": "look"})
    assert one.status_code == 200
    assert gains(one.context["found"]) == {"Amina": -DAY, "Brian": DAY}
    everybody = client.post(url, {"which": which, "taker": "", "note": "", "do": "look"})
    assert "Whoever takes it is on call instead." in text(everybody)
    assert "without anybody" not in text(everybody)
    assert not Swap.objects.exists() and not Message.objects.exists()
    assert client.post(url, {"which": which, "taker": amina.pk, "do": "look"}).status_code == 400
    assert client.post(url, {"which": which, "taker": brian.pk, "note": ""}).status_code == 302
    assert Swap.objects.count() == 1
