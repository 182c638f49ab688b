"""No contact is flooded: what is over the limit waits, and nothing is lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.choices import Urgency
from notifications.domain.pipeline.shapes import Contact, Parcel, Sent, Wait


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` sendings within any `minutes`; a bundle is one sending."""

    count: int
    minutes: int

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.minutes)


Limits = Mapping[str, Sequence[Limit]]
# Per contact. Urgent sendings are counted among themselves, ordinary ones among all: calls leave less room for news.
LIMITS: Limits = {
    Urgency.URGENT: (Limit(10, 1), Limit(40, 15), Limit(100, 60)),
    Urgency.ORDINARY: (Limit(3, 1), Limit(8, 15), Limit(20, 60)),
}
LONGEST_WINDOW = max(limit.window for limits in LIMITS.values() for limit in limits)
NEVER_WAITS = "SEV1"


def throttle(
    parcels: Iterable[Parcel], sent: Iterable[Sent], now: datetime, limits: Limits = LIMITS
) -> tuple[list[Parcel], list[Wait]]:
    """Which parcels go now, urgent ones first, then by age; and which wait until when.

    What was attempted before was let through then and passes. A call for a SEV1 incident never waits, and
    neither do codes and tests; but they count.
    """
    gone = _times(sent)
    go: list[Parcel] = []
    wait: list[Wait] = []
    for parcel in sorted(parcels, key=_turn):
        first = parcel.first
        urgent = gone.setdefault((first.contact, Urgency.URGENT), [])
        mine = (
            urgent if first.urgency == Urgency.URGENT else gone.setdefault((first.contact, first.urgency), [])
        )
        counted = mine if mine is urgent else sorted([*mine, *urgent])
        rules = limits.get(first.urgency, ())
        full = [until for limit in rules if (until := _full_until(counted, limit, now)) is not None]
        if full and not _passes(parcel):
            wait.append(Wait(parcel, max(full), _words(rules)))
            continue
        go.append(parcel)
        if first.fresh:
            mine.append(now)
    return go, wait


def _passes(parcel: Parcel) -> bool:
    return any(
        not each.fresh or each.alone or (each.urgency == Urgency.URGENT and each.severity == NEVER_WAITS)
        for each in parcel.members
    )


def _full_until(times: list[datetime], limit: Limit, now: datetime) -> datetime | None:
    """When there is room again; None where there is."""
    within = [each for each in times if each > now - limit.window]
    if len(within) < limit.count:
        return None
    return within[-limit.count] + limit.window


def _times(sent: Iterable[Sent]) -> dict[tuple[Contact, str], list[datetime]]:
    """When something left to each contact, oldest first; what left as one counts once."""
    sendings = {(each.contact, each.urgency, each.sending): each.sent_at for each in sent}
    found: dict[tuple[Contact, str], list[datetime]] = {}
    for (contact, urgency, _), at in sorted(sendings.items(), key=lambda item: item[1]):
        found.setdefault((contact, urgency), []).append(at)
    return found


def _turn(parcel: Parcel) -> tuple[bool, datetime, int]:
    first = parcel.first
    return first.urgency != Urgency.URGENT, first.created_at, first.id


def _words(rules: Sequence[Limit]) -> str:
    said = ", ".join(f"{limit.count} in {limit.minutes} min" for limit in rules)
    return f"Waits, so that this contact is not flooded (at most {said}). Nothing is lost."
