"""Read models of the uptime page: services by client, a month and the two before it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.utils.dates import MONTHS

from core.intervals import Interval, total
from core.ui.words import duration
from core.zones import to_local
from services.domain.windows import month_before, month_of
from services.models import Client, Service
from services.queries.objective_page import percent
from services.queries.uptime import Uptime, of_services, together

MONTHS_SHOWN = 3
MOST_SERVICES = 500
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class MonthName:
    """A month as it is asked for (2026-11) and read ("November 2026")."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service: its uptime by month (the newest first), and what failed and was planned in the newest."""

    service: Service
    kept: tuple[str, ...]
    lost: str
    work: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class ClientBlock:
    """A client (None: internal services) with its services and their uptime taken together, by month."""

    client: Client | None
    zone: str
    kept: tuple[str, ...]
    rows: tuple[ServiceRow, ...]


def months_of(day: date) -> list[date]:
    """The month of `day` and those before it, the newest first."""
    found = [day.replace(day=1)]
    while len(found) < MONTHS_SHOWN:
        found.append(month_before(found[-1]))
    return found


def named(day: date) -> MonthName:
    """A month as it is asked for and read."""
    return MonthName(f"{day:%Y-%m}", f"{MONTHS[day.month]} {day.year}")


def blocks(
    services: Sequence[Service], month: date, now: datetime, *, exclude_announced: bool
) -> list[ClientBlock]:
    """Services by client, months by the client's own zone. Two queries a month and zone."""
    by_zone: dict[str, list[Service]] = defaultdict(list)
    for service in services:
        by_zone[_zone(service)].append(service)
    told: dict[int, list[Uptime]] = defaultdict(list)
    for zone, theirs in by_zone.items():
        for each in months_of(month):
            for row in of_services(theirs, month_of(each, zone), now, exclude_announced=exclude_announced):
                told[row.service.pk].append(row)
    by_client: dict[int | None, list[Service]] = defaultdict(list)
    for service in services:
        by_client[service.client_id].append(service)
    found = [_block(theirs, [told[service.pk] for service in theirs]) for theirs in by_client.values()]
    return sorted(found, key=lambda block: (block.client is None, block.client.name if block.client else ""))


def month_now(zone: str, now: datetime) -> date:
    """The first of this month in `zone`."""
    return to_local(now, zone).date().replace(day=1)


def _zone(service: Service) -> str:
    return service.client.zone if service.client else "UTC"


def _block(services: Sequence[Service], told: Sequence[Sequence[Uptime]]) -> ClientBlock:
    by_month = zip(*told, strict=True)
    return ClientBlock(
        client=services[0].client,
        zone=_zone(services[0]),
        kept=tuple(_kept(together(rows)) for rows in by_month),
        rows=tuple(_row(months) for months in told),
    )


def _row(months: Sequence[Uptime]) -> ServiceRow:
    newest = months[0]
    lost = _length(newest.down)
    return ServiceRow(
        service=newest.service,
        kept=tuple(_kept(each.kept) for each in months),
        lost=lost,
        work=_length(newest.work),
        is_whole=not newest.counted.bad,
    )


def _kept(part: Fraction | None) -> str:
    return "–" if part is None else percent(part, _DIGITS)


def _length(stretches: Sequence[Interval[datetime]]) -> str:
    return duration(total(stretches).total_seconds()) if stretches else ""
