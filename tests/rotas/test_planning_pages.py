"""Pages on which leads plan, and people swap, ask for leave and look where cover is thin."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import clock
from core.zones import to_local
from rotas.domain import covering
from rotas.models import Leave, Override, Rota, RotaVersion, Swap
from rotas.queries.conflicts import absences, holidays_within
from rotas.queries.cover import who_was
from tests import make
from tests.rotas.make import rota
from tests.rotas.test_pages import text

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
JAMHURI_DAY = datetime(2026, 12, 12, tzinfo=UTC), datetime(2026, 12, 13, tzinfo=UTC)


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


@pytest.fixture
def lead(client):
    person = make.user("lead", name="Grace Wanjiku")
    client.force_login(person)
    return person


def typed(people, *, layers=1, **fields) -> dict:
    """What a browser sends of the form."""
    values = {"layers": str(layers), "starts_at": "2027-03-01T09:00", "note": "From March"}
    for number in range(layers):
        layer = {
            "name": f"Layer {number}", "zone": "UTC", "turns": "\n".join(people), "length": "1", "unit": "weekly",
            "anchor": "2027-03-01T09:00", "hours": "", "priority": "0", "counted": "anchor", "site": "",
        }  # fmt: skip
        values.update({f"layer-{number}-{name}": value for name, value in layer.items()})
    return {**values, **fields}


def test_a_pattern_is_planned_looked_at_kept_and_taken_back(client, lead, amina, brian):
    made = rota(amina, name="Nights")
    url = reverse("rotas:plan", args=[made.slug])
    page = client.get(url)
    assert page.status_code == 200
    assert "Amina" in page.content.decode()
    looked = client.post(url, {**typed(["Brian"]), "do": "look"})
    assert looked.status_code == 200
    assert not RotaVersion.objects.exists()
    words = text(looked)
    assert "Who gains, who loses" in words
    assert "Keep it" in words
    kept = client.post(url, {**typed(["Brian", "nobody", "Amina, Brian"]), "do": "keep"}, follow=True)
    version = RotaVersion.objects.get()
    assert version.layers.get().members.count() == 4
    assert "From Mon 1 Mar 2027 09:00" in text(kept)
    client.post(reverse("rotas:pattern_undo", args=[made.slug, version.pk]))
    version.refresh_from_db()
    assert version.undone_at is not None


def test_gaps_that_it_would_open_are_said_before(client, lead, amina):
    made = rota(amina)
    looked = client.post(
        reverse("rotas:plan", args=[made.slug]),
        {**typed(["Amina"]), "layer-0-hours": "Mon–Fri 08:00–18:00", "do": "look"},
    )
    assert "without anybody" in text(looked)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("layer-0-turns", "Zoe", "Nobody who can be on call is called “Zoe”"),
        ("layer-0-turns", "Amina, Amina", "names somebody twice"),
        ("layer-0-turns", "nobody", "names nobody"),
        ("layer-0-zone", "Mars", "not an IANA time zone"),
        ("layer-0-hours", "Mon 25:00–26:00", "there is no 25:00"),
        ("layer-0-hours", "Someday 10:00–11:00", "is no day"),
        ("layer-0-hours", "whenever", "Write it as Mon–Fri"),
        ("layer-0-length", "0", "greater than or equal to 1"),
        ("layer-0-anchor", "soon", "Write it as"),
        ("starts_at", "2020-01-01T00:00", "This is past"),
    ],
)
def test_bad_input_is_said_at_its_field_and_kept_as_typed(client, lead, amina, field, value, words):
    made = rota(amina)
    answer = client.post(
        reverse("rotas:plan", args=[made.slug]), {**typed(["Amina"]), field: value, "do": "keep"}
    )
    assert answer.status_code == 400
    assert words in text(answer)
    assert not RotaVersion.objects.exists()


def test_layers_are_added_and_removed_without_losing_what_was_typed(client, lead, amina):
    made = rota(amina)
    url = reverse("rotas:plan", args=[made.slug])
    more = client.post(url, {**typed(["Amina"]), "do": "add"}).content.decode()
    assert 'name="layers" value="2"' in more
    assert "From March" in more
    less = client.post(url, {**typed(["Amina"], layers=2), "do": "remove-0"}).content.decode()
    assert 'name="layers" value="1"' in less
    assert "Layer 1" in less


@pytest.mark.parametrize("seed", ["follow-the-sun", "primary-secondary", "four-on-four-off", "office-nights"])
def test_every_seed_can_be_looked_at(client, lead, seed):
    sites = [
        make.site(zone=zone, position=n)
        for n, zone in enumerate(("Asia/Kathmandu", "Africa/Nairobi", "America/Bogota"))
    ]
    people = [make.user(name=f"P{n} Test", site=sites[n % 3]) for n in range(6)]
    made = rota(team=make.team(members=tuple(people)), zone="Africa/Nairobi")
    page = client.get(reverse("rotas:plan", args=[made.slug]), {"seed": seed})
    form = page.context
    data = {"layers": str(len(form["layers"])), "starts_at": "2027-03-01T00:00", "note": "", "do": "look"}
    for each in form["layers"]:
        data.update(
            {f"{each.prefix}-{name}": value for name, value in each.initial.items() if value is not False}
        )
    looked = client.post(reverse("rotas:plan", args=[made.slug]), data)
    assert looked.status_code == 200
    if seed in {"follow-the-sun", "primary-secondary"}:
        # around the clock, exactly
        assert "without anybody" not in text(looked)


def test_a_new_rota_gets_an_address_of_its_own(client, lead):
    team = make.team()
    answer = client.post(
        reverse("rotas:new"), {"name": "Coverage", "team": team.pk, "level": "l1", "zone": "Asia/Kathmandu"}
    )
    made = Rota.objects.get()
    assert made.slug == "coverage-2"  # the first is a page
    assert answer.url == reverse("rotas:plan", args=[made.slug])
    assert client.post(reverse("rotas:new"), {"name": "X", "zone": "Mars"}).status_code == 400


def test_coverage_shows_gaps_and_a_lead_fills_one_with_a_click(client, lead, amina, now):
    made = rota(name="Nights", team=make.team(members=(amina,)))
    page = client.get(reverse("rotas:coverage"))
    assert page.status_code == 200
    assert "Nobody" in text(page)
    suggested = client.get(reverse("rotas:gap_suggestions", args=[made.slug]), {"at": 0})
    assert "Put Amina on call" in text(suggested)
    client.post(
        reverse("rotas:gap_fill", args=[made.slug]),
        {"user": amina.pk, "start": now.isoformat(), "end": (now + DAY).isoformat()},
    )
    row = Override.objects.get()
    assert (row.user, row.replaces) == (amina, None)


@pytest.mark.parametrize(
    "bad", [{"start": "x"}, {"end": "2026-01-01"}, {"user": "x"}, {"user": "99999999999999999999"}]
)
def test_what_no_page_sends_fills_nothing(client, lead, amina, now, bad):
    made = rota(amina)
    sent = {"user": amina.pk, "start": now.isoformat(), "end": (now + DAY).isoformat(), **bad}
    assert client.post(reverse("rotas:gap_fill", args=[made.slug]), sent).status_code == 404
    assert not Override.objects.exists()


def test_coverage_costs_the_same_for_one_rota_and_for_three(client, lead, amina):
    def count() -> int:
        client.get(reverse("rotas:coverage"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("rotas:coverage"))
        return len(queries)

    rota(amina)
    one = count()
    rota(amina)
    rota(amina)
    assert count() == one
    assert one <= 12


def test_fairness_and_its_csv(client, lead, amina, brian):
    rota(amina, brian, name="Nights")
    page = client.get(reverse("rotas:fairness"))
    assert page.status_code == 200
    assert "of 100" in text(page)
    lines = b"".join(
        client.get(reverse("rotas:hours_csv"), {"from": "2027-01-01", "to": "2027-01-02"})
    ).decode()
    rows = [line.split(",") for line in lines.splitlines()]
    assert rows[0][:2] == ["name", "email"]
    assert {row[0]: row[-2] for row in rows[1:]} == {"Amina": "24.00", "Brian": "24.00"}


def test_names_are_no_formulas_in_a_spreadsheet(client, lead):
    rota(make.user(name="=cmd()"))
    lines = b"".join(client.get(reverse("rotas:hours_csv"))).decode()
    assert "'=cmd()" in lines


@pytest.mark.parametrize(
    "query",
    [
        "from=x",
        "from=2020-01-01&to=2026-01-01",
        "from=2026-05-01&to=2026-01-01",
        "rota=none",
        "zone=Mars",
        "days=-5",
    ],
)
def test_odd_addresses_show_something_sensible(client, lead, amina, query):
    rota(amina)
    for name in ("fairness", "coverage"):
        assert client.get(reverse(f"rotas:{name}") + "?" + query).status_code == 200


def test_a_shift_is_offered_and_taken(client, amina, brian, now):
    made = rota(amina, brian, name="Nights")
    client.force_login(amina)
    page = client.get(reverse("rotas:swaps"))
    which = page.context["form"].fields["which"].choices[0][0]
    client.post(reverse("rotas:swaps"), {"which": which, "taker": brian.pk, "note": "wedding"})
    swap = Swap.objects.get()
    assert (swap.giver, swap.taker, swap.rota) == (amina, brian, made)
    client.force_login(brian)
    assert "Take it" in text(client.get(reverse("rotas:swaps")))
    client.post(reverse("rotas:swap_answer", args=[swap.pk, "accept"]))
    swap.refresh_from_db()
    assert swap.state == "accepted"
    assert "Undo" in text(client.get(reverse("rotas:swaps")))


def test_leave_is_asked_for_with_a_warning_and_approved(client, amina, lead, now):
    rota(amina, name="Nights")
    client.force_login(amina)
    first = to_local(now + 2 * DAY, amina.zone).date()
    answer = client.post(
        reverse("rotas:leave"),
        {"first": first.isoformat(), "last": first.isoformat(), "kind": "holiday", "note": ""},
        follow=True,
    )
    assert "It meets 1 shift of Nights" in text(answer)
    leave = Leave.objects.get()
    client.force_login(lead)
    page = client.get(reverse("rotas:leave"))
    assert "Approve" in text(page)
    client.post(reverse("rotas:leave_answer", args=[leave.pk, "approve"]))
    leave.refresh_from_db()
    assert leave.state == "approved"
    assert "Amina on leave" in text(client.get(reverse("rotas:coverage")))


def test_nobody_sees_or_changes_leave_of_others_but_leads(client, amina, brian, lead, now):
    leave = Leave.objects.create(
        user=brian, starts_at=now + DAY, ends_at=now + 2 * DAY, asked_at=now, note="SECRET", kind="sick"
    )
    client.force_login(amina)
    assert "SECRET" not in client.get(reverse("rotas:leave")).content.decode()
    for verb in ("approve", "withdraw"):
        assert client.post(reverse("rotas:leave_answer", args=[leave.pk, verb])).status_code == 404
    client.force_login(brian)
    assert client.post(reverse("rotas:leave_answer", args=[leave.pk, "approve"])).status_code == 403


def test_a_change_in_the_admin_is_of_what_is_to_come_only(client, amina, brian, now):
    client.force_login(make.user("administrator", name="Root"))
    made = rota(amina)
    covering.tick(now)
    layer = made.layers.get()
    page = client.get(reverse("admin:rotas_layer_change", args=[layer.pk]))
    form = page.context["adminform"].form
    sent = {
        name: "" if form[name].value() is None or form[name].value() is False else form[name].value()
        for name in form.fields
    }
    member = layer.members.get()
    for prefix, rows in (("members", [member]), ("windows", [])):
        sent |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
    sent |= {
        "members-0-id": member.pk,
        "members-0-layer": layer.pk,
        "members-0-turn": 0,
        "members-0-user": brian.pk,
    }
    answer = client.post(reverse("admin:rotas_layer_change", args=[layer.pk]), sent)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    made.refresh_from_db()
    assert made.cover_from >= now
    covering.tick(clock.now())
    assert who_was(made, now - HOUR).users == (amina,)
    assert who_was(made, now + DAY).users == (brian,)


@pytest.fixture
def away(amina, now):
    """Amina is on leave the day after tomorrow."""
    start = (now + 2 * DAY).replace(hour=0, minute=0, second=0)
    return Leave.objects.create(
        user=amina, starts_at=start, ends_at=start + DAY, asked_at=now, state="approved", kind="holiday"
    )


def test_an_override_of_somebody_on_leave_warns_at_once(client, lead, amina, brian, away):
    made = rota(brian)
    start, end = (at.strftime("%Y-%m-%dT%H:%M") for at in (away.starts_at, away.ends_at))
    answer = client.post(
        reverse("rotas:override_add", args=[made.slug]),
        {"user": amina.pk, "replaces": brian.pk, "starts_at": start, "ends_at": end, "reason": ""},
        follow=True,
    )
    assert "Amina is on leave" in text(answer)
    assert Override.objects.count() == 1


def test_filling_a_gap_with_somebody_on_leave_warns_at_once(client, lead, amina, away):
    made = rota()
    sent = {"user": amina.pk, "start": away.starts_at.isoformat(), "end": away.ends_at.isoformat()}
    answer = client.post(reverse("rotas:gap_fill", args=[made.slug]), sent, follow=True)
    assert "Amina is on leave" in text(answer)


def test_a_pattern_that_puts_somebody_on_leave_on_call_says_so_before_it_is_kept(client, lead, amina, away):
    made = rota()
    begins = (away.starts_at - DAY).strftime("%Y-%m-%dT%H:%M")
    sent = {**typed(["Amina"]), "starts_at": begins, "layer-0-anchor": begins, "do": "look"}
    assert "Amina is on leave, and on call from" in text(
        client.post(reverse("rotas:plan", args=[made.slug]), sent)
    )


def test_a_shift_on_a_public_holiday_is_named(client, now):
    site = make.site(country="KE", zone="Africa/Nairobi")
    amina = make.user(name="Amina", site=site)
    rota(amina)
    client.force_login(amina)
    ahead = holidays_within(amina, now, now + 60 * DAY, now)
    assert ("public holidays of your site" in text(client.get(reverse("rotas:leave")))) == bool(ahead)
    assert "is a public holiday" in " ".join(absences(amina, *JAMHURI_DAY))
