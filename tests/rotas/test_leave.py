"""Leave: asked, decided, taken back; it changes no rota and warns both sides."""

import pytest

from core.errors import IllegalState, Invalid
from core.types import person
from rotas.domain import leaves
from rotas.models import Leave
from rotas.queries.conflicts import holidays_within, leave_within, shifts_within
from rotas.queries.gaps import covered
from rotas.queries.oncall import on_call
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, layer, rota

pytestmark = pytest.mark.django_db
MIDNIGHT = NOW.replace(hour=0)
WHEN = {"starts_at": MIDNIGHT + 2 * DAY, "ends_at": MIDNIGHT + 5 * DAY}


@pytest.fixture
def lead():
    return make.user("lead", name="Grace")


def ask(user, actor=None, **fields) -> Leave:
    return leaves.ask_leave(user, **{**WHEN, **fields}, actor=person(actor or user), now=NOW)


def test_a_responder_asks_and_a_lead_decides(amina, lead):
    leave = ask(amina, note="Diwali")
    assert leave.state == "asked"
    assert lead.messages.get(channel="in_app").subject == "Amina asks for leave"
    decided = leaves.decide_leave(leave, approve=True, actor=person(lead), now=NOW + HOUR)
    assert (decided.state, decided.decided_by) == ("approved", lead)
    assert amina.messages.get(channel="in_app").subject == "Your leave is approved"
    with pytest.raises(IllegalState, match="approved already"):
        leaves.decide_leave(leave, approve=False, actor=person(lead), now=NOW)


def test_what_a_lead_enters_is_approved(amina, lead):
    assert ask(amina, actor=lead).state == "approved"
    assert ask(lead).state == "approved"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_at": WHEN["starts_at"]}, "ends_at"),
        ({"starts_at": NOW - 2 * DAY, "ends_at": NOW - DAY}, "ends_at"),
        ({"ends_at": NOW + 400 * DAY}, "ends_at"),
        ({"kind": "sabbatical"}, "kind"),
    ],
)
def test_what_makes_no_sense(amina, change, field):
    with pytest.raises(Invalid) as refused:
        ask(amina, **change)
    assert field in refused.value.fields


def test_leave_never_overlaps_leave(amina):
    leave = ask(amina)
    with pytest.raises(Invalid, match="meets other leave of Amina"):
        ask(amina, starts_at=WHEN["ends_at"] - HOUR, ends_at=WHEN["ends_at"] + DAY)
    leaves.withdraw_leave(leave, actor=person(amina), now=NOW)
    assert ask(amina).state == "asked"


def test_leave_that_runs_ends_when_it_is_taken_back_and_what_is_over_stays(amina, lead):
    leave = ask(amina, actor=lead)
    ended = leaves.withdraw_leave(leave, actor=person(amina), now=WHEN["starts_at"] + HOUR)
    assert (ended.state, ended.ends_at) == ("approved", WHEN["starts_at"] + HOUR)
    with pytest.raises(IllegalState, match="over"):
        leaves.withdraw_leave(ended, actor=person(amina), now=WHEN["starts_at"] + DAY)


def test_somebody_who_is_never_on_call_needs_none():
    with pytest.raises(Invalid, match="never on call"):
        ask(make.user("stakeholder"))


def test_it_changes_no_rota_but_the_shifts_that_it_meets_are_told(amina, brian, lead):
    made = rota(amina, brian)
    ask(amina, actor=lead)
    assert on_call(made, MIDNIGHT + 2 * DAY) == [amina]
    meets = shifts_within(amina, WHEN["starts_at"], WHEN["ends_at"], NOW)
    assert [(each.start - MIDNIGHT, each.end - MIDNIGHT) for each in meets] == [
        (2 * DAY, 3 * DAY),
        (4 * DAY, 5 * DAY),
    ]
    assert [each.user for each in leave_within([amina, brian], WHEN["starts_at"], WHEN["ends_at"])] == [amina]


def test_on_leave_counts_as_nobody_once_it_is_approved(amina, brian, lead):
    made = rota(amina, brian)
    leave = ask(amina)
    (before,) = covered([made], NOW, MIDNIGHT + 10 * DAY)
    assert before.short == ()
    leaves.decide_leave(leave, approve=True, actor=person(lead), now=NOW)
    (after,) = covered([made], NOW, MIDNIGHT + 10 * DAY)
    assert [(each.start - MIDNIGHT, each.away) for each in after.short] == [
        (2 * DAY, (amina,)),
        (4 * DAY, (amina,)),
    ]


def test_shifts_on_public_holidays_of_one_s_site_are_known(brian):
    kenya = make.site(country="KE", zone="Africa/Nairobi")
    amina = make.user(name="Amina", site=kenya)
    made = rota()
    layer(made, amina, zone="Africa/Nairobi", anchor=NOW.replace(hour=21))
    start = NOW.replace(month=12, day=10)
    (found,) = holidays_within(amina, start, start + 5 * DAY, NOW)
    # Jamhuri day, midnight to midnight in Nairobi
    assert (found.start.isoformat(), found.end.isoformat()) == (
        "2026-12-11T21:00:00+00:00",
        "2026-12-12T21:00:00+00:00",
    )
    made.holiday_rule = "skip"
    made.save()
    assert holidays_within(amina, start, start + 5 * DAY, NOW) == []
