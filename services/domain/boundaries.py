"""Whether boundaries are complete: one party answers for each activity, somebody does it, no hand-on goes in a circle. Pure."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from services.choices import Letter, Party
from services.types import Boundaries, BoundaryProblem, Duty, PartyBounds


def problems_of(boundaries: Boundaries) -> list[BoundaryProblem]:
    """Everything that is left open, activities first; nothing for boundaries that are complete.

    Teams are asked for where the boundaries are a service's: the template names none.
    """
    found = [problem for duty in boundaries.duties for problem in _of_duty(duty)]
    found += [_circle(path) for path in circles_of(boundaries.parties.values())]
    if boundaries.service_id is not None:
        found += _without_team(boundaries)
    return found


def who_does(duty: Duty) -> list[str]:
    """The parties that do it, in the order of the matrix."""
    return [party for party in Party.values if party in duty.letters and Letter(duty.letters[party]).does]


def who_answers(duty: Duty) -> list[str]:
    """The parties that are accountable for it; one, where the matrix is right."""
    return [party for party in Party.values if party in duty.letters and Letter(duty.letters[party]).answers]


def circles_of(parties: Iterable[PartyBounds]) -> list[list[str]]:
    """Ways of handing on that come back to where they began, each once: ["l1", "l2", "l1"]."""
    hands_to = {bounds.party: bounds.hands_to for bounds in parties if bounds.hands_to}
    done: set[str] = set()
    found = []
    for begin in hands_to:
        path: list[str] = []
        here = begin
        while here in hands_to and here not in done and here not in path:
            path.append(here)
            here = hands_to[here]
        if here in path:
            found.append([*path[path.index(here) :], here])
        done.update(path)
    return found


def words_of(duties: Iterable[Duty]) -> dict[str, dict[str, str]]:
    """The letters by activity and party, as plain values."""
    return {duty.slug: {party: str(letter) for party, letter in duty.letters.items()} for duty in duties}


def evidence_missing(bounds: PartyBounds | None, given: Mapping[str, str]) -> list[str]:
    """What the party asks for, must have and was not given: the labels."""
    asked = bounds.evidence if bounds is not None else ()
    return [each.label for each in asked if each.required and not given.get(each.key, "").strip()]


def _of_duty(duty: Duty) -> list[BoundaryProblem]:
    found = []
    answering = who_answers(duty)
    if not answering:
        found.append(
            BoundaryProblem(
                "no_accountable", _("Nobody is accountable for “%(name)s”.") % {"name": duty.name}, duty.slug
            )
        )
    if len(answering) > 1:
        names = ", ".join(str(Party(party).label) for party in answering)
        sentence = _("More than one is accountable for “%(name)s”: %(names)s.") % {
            "name": duty.name,
            "names": names,
        }
        found.append(BoundaryProblem("many_accountable", sentence, duty.slug))
    if not who_does(duty):
        sentence = _("Nobody is responsible for “%(name)s”: somebody has to do it.") % {"name": duty.name}
        found.append(BoundaryProblem("no_responsible", sentence, duty.slug))
    return found


def _circle(path: list[str]) -> BoundaryProblem:
    names = " → ".join(str(Party(party).label) for party in path)
    return BoundaryProblem("circle", _("Work is handed on in a circle: %(names)s.") % {"names": names}, party=path[0])  # fmt: skip


def _without_team(boundaries: Boundaries) -> list[BoundaryProblem]:
    """Parties that do something here and are nobody; the client's people are its members, not a team."""
    doing = {party for duty in boundaries.duties for party in who_does(duty)} - {Party.CLIENT.value}
    nobody = [
        party
        for party in Party.values
        if party in doing and (party not in boundaries.parties or boundaries.parties[party].team_id is None)
    ]
    return [
        BoundaryProblem(
            "no_team",
            _("%(party)s has work here, but no team stands for it.") % {"party": Party(party).label},
            party=party,
        )
        for party in nobody
    ]
