"""Patterns to start from, made of the people who are there. What comes out is planned, looked at and changed before it is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.types import Words
from core.zones import to_local
from rotas.choices import Unit
from rotas.domain.patterns import PlannedLayer, PlannedWindow

WEEKDAYS: Final = (0, 1, 2, 3, 4)
EVERY_DAY: Final = tuple(range(7))
# Sites east to west work one after the other; on the clocks of Kathmandu, Nairobi and Bogotá these are 24 hours exactly.
_SUN: Final = {
    "Asia/Kathmandu": (time(6), time(14)),
    "Africa/Nairobi": (time(11, 15), time(19, 15)),
    "America/Bogota": (time(11, 15), time(19, 15)),
}
_OFFICE: Final = (time(9), time(17))


@dataclass(frozen=True, slots=True)
class Seed:
    """A pattern to start from. `make(people, zone, now)` gives its layers; the rota's zone and the instant it is planned at."""

    key: str
    name: Words
    meaning: Words
    make: Callable[[Sequence[User], str, datetime], list[PlannedLayer]]


def follow_the_sun(people: Sequence[User], zone: str, now: datetime) -> list[PlannedLayer]:
    """A layer a site, on in the hours of that site; weekly turns from Monday's opening."""
    at_sites = sorted(
        (person for person in people if person.site is not None),
        key=lambda person: (person.site.position, person.site.pk),  # type: ignore[union-attr]
    )
    layers = []
    for site, there in groupby(at_sites, key=lambda person: person.site):
        if site is None:
            continue
        opens, closes = _SUN.get(site.zone, _OFFICE)
        layers.append(
            PlannedLayer(
                name=site.name,
                site_id=site.pk,
                zone=site.zone,
                anchor=datetime.combine(_monday(now, site.zone), opens),
                turns=tuple((person.pk,) for person in there),
                windows=(PlannedWindow(EVERY_DAY, opens, closes),),
            )
        )
    return layers or [_empty(zone, now)]


def primary_and_secondary(people: Sequence[User], zone: str, now: datetime) -> list[PlannedLayer]:
    """Two seats in each weekly turn, called in order; this week's second is next week's first."""
    keys = [person.pk for person in people]
    turns = (
        tuple((key, keys[(place + 1) % len(keys)]) for place, key in enumerate(keys))
        if len(keys) > 1
        else ((*keys,),)
    )
    return [
        PlannedLayer(
            name=str(_("First and second")),
            zone=zone,
            anchor=datetime.combine(_monday(now, zone), time(9)),
            turns=turns,
        )
    ]


def four_on_four_off(people: Sequence[User], zone: str, now: datetime) -> list[PlannedLayer]:
    """Two crews of a day and a night shift each, four days on and four off."""
    keys = [person.pk for person in people]
    day, night = keys[0::2], keys[1::2] or keys[0::2]
    anchor = _monday(now, zone)
    return [
        PlannedLayer(
            name=str(name),
            zone=zone,
            anchor=datetime.combine(anchor, opens),
            unit=Unit.DAILY,
            length=4,
            turns=tuple((key,) for key in crew),
            windows=(PlannedWindow(EVERY_DAY, opens, closes),),
            count_closed=True,
        )
        for name, crew, opens, closes in (
            (_("Days"), day, time(7), time(19)),
            (_("Nights"), night, time(19), time(7)),
        )
    ]


def office_and_nights(people: Sequence[User], zone: str, now: datetime) -> list[PlannedLayer]:
    """In office hours whoever has the desk that day; at all other times one for a week."""
    turns = tuple((person.pk,) for person in people)
    monday = _monday(now, zone)
    return [
        PlannedLayer(
            name=str(_("Office hours")),
            zone=zone,
            anchor=datetime.combine(monday, time(8)),
            unit=Unit.DAILY,
            turns=turns,
            priority=1,
            windows=(PlannedWindow(WEEKDAYS, time(8), time(18)),),
        ),
        PlannedLayer(
            name=str(_("Nights and weekends")),
            zone=zone,
            anchor=datetime.combine(monday, time(18)),
            turns=turns[1:] + turns[:1],
        ),
    ]


SEEDS: Final = (
    Seed(
        "follow-the-sun",
        _("Follow the sun"),
        _("Each site by day, one after the other around the clock; weekly turns."),
        follow_the_sun,
    ),
    Seed(
        "primary-secondary",
        _("Weekly first and second"),
        _("Two are on call together for a week, called one after the other; the second is first next week."),
        primary_and_secondary,
    ),
    Seed(
        "four-on-four-off",
        _("Four on, four off"),
        _("Twelve-hour days and nights, four in a row, then four free."),
        four_on_four_off,
    ),
    Seed(
        "office-nights",
        _("Office hours and on-call nights"),
        _("The desk by day in daily turns, nights and weekends for a week."),
        office_and_nights,
    ),
)


def seed_of(key: str) -> Seed | None:
    """The seed of that key, if there is one."""
    return next((seed for seed in SEEDS if seed.key == key), None)


def _monday(now: datetime, zone: str) -> date:
    day = to_local(now, zone).date()
    return day - timedelta(days=day.weekday())


def _empty(zone: str, now: datetime) -> PlannedLayer:
    return PlannedLayer(
        name=str(_("All")), zone=zone, anchor=datetime.combine(_monday(now, zone), time(9)), turns=()
    )
