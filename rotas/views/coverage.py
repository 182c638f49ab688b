"""Pages of coverage and of what it weighs: gaps ahead with who could take them, and fairness."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actor import actor_of
from accounts.models import Site, User
from core.errors import Invalid
from core.http.now import request_now
from core.zones import to_local, to_utc
from rotas import rules
from rotas.domain.overrides import add_override
from rotas.domain.words import what_it_does
from rotas.domain.workload import PARTS, WEIGHTS
from rotas.models import Rota
from rotas.queries.burden import LONGEST, Burden, burden
from rotas.queries.calendar import ROWS, VIEWS, calendar
from rotas.queries.gaps import MOST_DAYS, Short, covered
from rotas.queries.heat import heat
from rotas.queries.suggest import suggestions
from rotas.queries.twice import twice_within
from rotas.queries.visible import callable_people, rotas_visible_to
from rotas.views.people import warn_of_override

DAYS = (14, 28, 90)


@require_GET
def coverage_page(request: HttpRequest) -> HttpResponse:
    """Where too few are on call ahead: by rota, as a calendar of hours, as a list."""
    now = request_now(request)
    rotas = _rotas(request)
    chosen = _chosen(request, rotas)
    days = _number(request, "days", DAYS[0], 1, MOST_DAYS)
    zone = _zone(request, chosen)
    first = to_local(now, zone).date()
    found = covered(rotas, now, _midnight(first + timedelta(days=days), zone))
    shown = [each for each in found if chosen is None or each.rota == chosen]
    shorts = sorted(
        (short for each in shown for short in each.short), key=lambda short: (short.start, short.rota.pk)
    )
    twice = [each for each in twice_within(found) if chosen is None or chosen in each.rotas]
    context: dict[str, Any] = {
        "rows": found,
        "chosen": chosen,
        "days": days,
        "choices": DAYS,
        "zone": zone,
        "zones": _zones(request, rotas),
        "heat": heat(shown, first, min(days, 28), zone),
        "shorts": shorts[:50],
        "more": max(len(shorts) - 50, 0),
        "twice": twice[:20],
        "more_twice": max(len(twice) - 20, 0),
        "may_fill": rules.can_override(request.user),
    }
    return render(request, "rotas/coverage.html", context)


@require_GET
def calendar_page(request: HttpRequest) -> HttpResponse:
    """Everybody's shifts: a day, a week, a month or a quarter, by rota, person or site."""
    now = request_now(request)
    rotas = _rotas(request)
    view = next((each for each in VIEWS if each == request.GET.get("view")), "week")
    by = next((each for each in ROWS if each == request.GET.get("by")), "rota")
    zone = _zone(request, None)
    day = _date(request, "day", to_local(now, zone).date())
    context = {
        "calendar": calendar(rotas, day, now, view=view, by=by, zone=zone),
        "view": view,
        "views": VIEWS,
        "by": by,
        "bys": ROWS,
        "day": day,
        "zones": _zones(request, rotas),
        "sites": Site.objects.order_by("position", "name")[:4],
    }
    return render(request, "rotas/calendar.html", context)


@require_GET
def gap_suggestions(request: HttpRequest, slug: str) -> HttpResponse:
    """Who could take one shortage, the fittest first."""
    rota = _one(request, slug)
    if not rules.can_override(request.user):
        raise PermissionDenied
    now = request_now(request)
    short = _short(request, rota, now)
    context = {"short": short, "rota": rota, "suggestions": suggestions(short, now)}
    return render(request, "rotas/_suggestions.html", context)


@require_POST
def gap_fill(request: HttpRequest, slug: str) -> HttpResponse:
    """Put somebody on call for a gap."""
    rota = _one(request, slug)
    if not rules.can_override(request.user):
        raise PermissionDenied
    now = request_now(request)
    user = get_object_or_404(callable_people(), pk=_key(request.POST.get("user", "")))
    try:
        start, end = (datetime.fromisoformat(request.POST.get(name, "")) for name in ("start", "end"))
        if start.tzinfo is None or end.tzinfo is None:
            raise ValueError
    except ValueError:
        raise Http404 from None
    away = callable_people().filter(pk=_key(request.POST.get("away", ""))).first()
    try:
        made = add_override(
            rota,
            starts_at=max(start, now),
            ends_at=end,
            user=user,
            replaces=away,
            reason=str(_("gap")),
            actor=actor_of(request),
            now=now,
        )
    except Invalid as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{what_it_does(made)}.")
        warn_of_override(request, made)
    return redirect("rotas:coverage")


@require_GET
def fairness_page(request: HttpRequest) -> HttpResponse:
    """Hours and load by person against their share, pages at night, and where rest is too short."""
    found, context = _burden(request)
    return render(
        request, "rotas/fairness.html", {**context, "burden": found, "parts": PARTS, "weights": WEIGHTS}
    )


@require_GET
def hours_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Hours by person and part of the day, for pay."""
    if not rules.can_override(request.user):
        raise PermissionDenied
    found, context = _burden(request)

    class _Echo:
        def write(self, line: str) -> str:
            return line

    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield writer.writerow(
            [
                "name",
                "email",
                "site",
                "from",
                "until",
                *(f"{part}_hours" for part in PARTS),
                "total_hours",
                "pages",
            ]
        )
        for each in found.people:
            yield writer.writerow(
                [
                    *map(
                        _plain,
                        (each.user.name, each.user.email, each.user.site.name if each.user.site else ""),
                    ),
                    context["first"],
                    context["last"],
                    *(f"{each.hours.of(part) / timedelta(hours=1):.2f}" for part in PARTS),
                    f"{each.hours.total / timedelta(hours=1):.2f}",
                    each.pages,
                ]
            )

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="hours-{context["first"]}-{context["last"]}.csv"'
    return answer


def _burden(request: HttpRequest) -> tuple[Burden, dict[str, Any]]:
    now = request_now(request)
    rotas = _rotas(request)
    chosen = _chosen(request, rotas)
    zone = chosen.zone if chosen else _own_zone(request)
    today = to_local(now, zone).date()
    first = _date(request, "from", today.replace(day=1))
    last = _date(request, "to", _month_end(first))
    if not timedelta() <= last - first <= LONGEST:
        first, last = today.replace(day=1), _month_end(today)
    start, end = _midnight(first, zone), _midnight(last + timedelta(days=1), zone)
    found = burden([chosen] if chosen else rotas, start, end, now)
    return found, {"rotas": rotas, "chosen": chosen, "first": first, "last": last, "zone": zone, "now": now}


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _rotas(request: HttpRequest) -> list[Rota]:
    if not rules.can_see_rotas(request.user):
        raise PermissionDenied
    return list(rotas_visible_to(request.user).filter(is_active=True).select_related("owner", "team__lead"))


def _one(request: HttpRequest, slug: str) -> Rota:
    return get_object_or_404(rotas_visible_to(request.user), slug=slug, is_active=True)


def _chosen(request: HttpRequest, rotas: list[Rota]) -> Rota | None:
    asked = request.GET.get("rota", "")
    return next((rota for rota in rotas if rota.slug == asked), None)


def _short(request: HttpRequest, rota: Rota, now: datetime) -> Short:
    """The shortage that begins at `?at=` (seconds), or now."""
    at = _number(request, "at", 0, 0, 2**40)
    found = covered([rota], now, now + timedelta(days=MOST_DAYS))[0]
    short = next((each for each in found.short if int(each.start.timestamp()) == at), None)
    # the one that runs began at the page's now, which has passed
    short = short or next((each for each in found.short if each.start <= now), None)
    if short is None:
        raise Http404
    return short


def _number(request: HttpRequest, name: str, otherwise: int, least: int, most: int) -> int:
    try:
        return min(max(int(request.GET.get(name, otherwise)), least), most)
    except ValueError:
        return otherwise


def _key(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 19 else 0


def _date(request: HttpRequest, name: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return otherwise
    return found if 2000 <= found.year <= 2100 else otherwise


def _midnight(day: date, zone: str) -> datetime:
    return to_utc(datetime.combine(day, datetime.min.time()), zone)


def _own_zone(request: HttpRequest) -> str:
    user = request.user
    return user.zone if isinstance(user, User) else "UTC"


def _zone(request: HttpRequest, chosen: Rota | None) -> str:
    asked = request.GET.get("zone", "")
    if asked in available_timezones():
        return asked
    return chosen.zone if chosen else _own_zone(request)


def _zones(request: HttpRequest, rotas: list[Rota]) -> list[str]:
    sites = Site.objects.order_by("position", "name").values_list("zone", flat=True)[:4]
    return list(dict.fromkeys([_own_zone(request), *sites, *(rota.zone for rota in rotas), "UTC"]))[:6]


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
