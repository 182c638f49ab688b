"""Who does what: the template, a service's own rows over it, and what is left open."""

from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from services.choices import Letter, Party
from services.domain.boundaries import (
    circles_of,
    evidence_missing,
    problems_of,
    who_answers,
    who_does,
)
from services.models import PartyTerms, Responsibility
from services.queries.boundaries import boundaries_of, boundaries_of_all, parties_of, template
from services.types import Boundaries, Duty, Evidence, PartyBounds
from tests import make
from tests.services import operating

PARTIES = st.sampled_from(Party.values)
LETTERS = st.dictionaries(PARTIES, st.sampled_from(Letter.values))


def codes(boundaries):
    return [problem.code for problem in problems_of(boundaries)]


def duty(slug="deploy", **letters):
    return Duty(slug, slug.capitalize(), "change", letters)


def test_complete_boundaries_leave_nothing_open():
    assert codes(Boundaries((duty(l1="R", l2="A"), duty("detect", l1="RA")))) == []


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ({}, ["no_accountable", "no_responsible"]),
        ({"l1": "R"}, ["no_accountable"]),
        ({"l1": "A"}, ["no_responsible"]),
        ({"l1": "RA", "l2": "A"}, ["many_accountable"]),
        ({"l1": "C", "l2": "I"}, ["no_accountable", "no_responsible"]),
    ],
)
def test_each_activity_has_one_who_answers_and_somebody_who_does_it(letters, expected):
    assert codes(Boundaries((duty(**letters),))) == expected


@given(LETTERS)
def test_problems_of_an_activity_say_exactly_what_is_wrong_with_its_letters(letters):
    found = set(codes(Boundaries((duty(**letters),))))
    answering = sum(letter in {"A", "RA"} for letter in letters.values())
    doing = sum(letter in {"R", "RA"} for letter in letters.values())
    assert ("no_accountable" in found) == (answering == 0)
    assert ("many_accountable" in found) == (answering > 1)
    assert ("no_responsible" in found) == (doing == 0)
    assert (found == set()) == (answering == 1 and doing > 0)
    assert len(who_answers(duty(**letters))) == answering and len(who_does(duty(**letters))) == doing


@given(st.dictionaries(PARTIES, PARTIES))
def test_a_circle_is_found_where_following_the_hand_ons_never_ends(hands_to):
    def endless(party):
        seen = set()
        while party in hands_to:
            if party in seen:
                return True
            seen.add(party)
            party = hands_to[party]
        return False

    found = circles_of([PartyBounds(party, hands_to=to) for party, to in hands_to.items()])
    assert bool(found) == any(endless(party) for party in hands_to)
    for path in found:
        assert path[0] == path[-1]
        assert all(hands_to[here] == there for here, there in pairwise(path))
    rounds = [frozenset(path) for path in found]
    assert len(rounds) == len(set(rounds))


def test_a_circle_is_said_in_words():
    parties = {"l1": PartyBounds("l1", hands_to="l2"), "l2": PartyBounds("l2", hands_to="l1")}
    (problem,) = problems_of(Boundaries((), parties))
    assert (problem.code, problem.sentence) == ("circle", "Work is handed on in a circle: L1 → L2 → L1.")


def test_a_party_that_does_something_for_a_service_needs_a_team_but_the_client_does_not():
    parties = {"l1": PartyBounds("l1", team_id=1), "l2": PartyBounds("l2"), "client": PartyBounds("client")}
    rows = (duty(l1="RA", l2="R", client="R"), duty("detect", l1="RA", engineering="C"))
    found = problems_of(Boundaries(rows, parties, service_id=7))
    assert [(problem.code, problem.party) for problem in found] == [("no_team", "l2")]
    assert codes(Boundaries(rows, parties)) == []


def test_only_what_is_required_and_blank_is_missing():
    asked = (Evidence("logs", "Logs", True), Evidence("note", "A note", False), Evidence("id", "An id", True))
    bounds = PartyBounds("l2", evidence=asked)
    assert evidence_missing(bounds, {"logs": "  ", "other": "x"}) == ["Logs", "An id"]
    assert evidence_missing(bounds, {"logs": "here", "id": "7"}) == []
    assert evidence_missing(None, {}) == []


@pytest.mark.django_db
def test_the_defaults_are_complete():
    operating.defaults()
    found = template()
    assert len(found.duties) == 23 and set(found.parties) == set(Party.values)
    assert problems_of(found) == []
    assert found.parties["l1"].authority == ("restart", "drain", "speak_to_client")


@pytest.mark.django_db
def test_a_services_own_rows_of_an_activity_replace_the_templates_as_a_whole():
    service, other = make.service(), make.service()
    operating.activity("paint-fence", {"engineering": "RA", "l2": "C", "client": "C"})
    operating.activity("paint-fence", {"partner": "RA"}, service)
    mine, theirs = boundaries_of(service), boundaries_of(other)
    (ours,) = [row for row in mine.duties if row.slug == "paint-fence"]
    (plain,) = [row for row in theirs.duties if row.slug == "paint-fence"]
    assert (dict(ours.letters), ours.own) == ({"partner": "RA"}, True)
    assert (dict(plain.letters), plain.own) == ({"l2": "C", "engineering": "RA", "client": "C"}, False)


@pytest.mark.django_db
def test_who_a_party_is_here():
    operating.defaults()
    desk, ml, partner, second = (
        make.team("l1"),
        make.team("engineering"),
        make.team("partner"),
        make.team("l2"),
    )
    service = make.service(owning_team=desk)
    service.parties.add(ml)
    PartyTerms.objects.filter(party="l2").update(team=second)
    PartyTerms.objects.create(party="partner", service=service, team=partner, scope_in="Fields")
    found = {party: bounds.team_id for party, bounds in parties_of(service).items()}
    assert found == {
        "l1": desk.pk, "l2": second.pk, "engineering": ml.pk, "partner": partner.pk, "platform_ops": None, "client": None,
    }  # fmt: skip
    assert parties_of(service)["partner"].own and parties_of(service)["partner"].evidence == ()


@pytest.mark.django_db
def test_many_services_cost_as_many_queries_as_one(django_assert_num_queries):
    operating.defaults()
    services = [make.service() for _ in range(3)]
    for service in services:
        service.owning_team  # noqa: B018 - read before, as callers do
    with django_assert_num_queries(4):
        boundaries_of_all(services[:1])
    with django_assert_num_queries(4):
        assert len(boundaries_of_all(services)) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("service", [None, "one"])
def test_a_party_has_one_letter_an_activity(service):
    service = make.service() if service else None
    row = operating.activity("paint-fence", {"l2": "R"}, service)
    with pytest.raises(IntegrityError), transaction.atomic():
        Responsibility.objects.create(activity=row, party="l2", letter="A", service=service)
