"""Pages of people's own: swaps and leave."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import actor_of
from accounts.models import User
from core.errors import Invalid
from core.http.now import request_now
from rotas import rules
from rotas.choices import LeaveState, SwapState
from rotas.domain import leave_calendars, leaves, swaps
from rotas.domain.leave_import import Imported, import_leave
from rotas.forms.people import LeaveCalendarForm, LeaveForm, LeaveImportForm, SwapForm
from rotas.models import Leave, LeaveCalendar, Override, Swap
from rotas.queries.conflicts import absences, holidays_within, shifts_within
from rotas.queries.look import look_at_swap
from rotas.queries.mine import shifts_of
from rotas.queries.twice import twice_by
from rotas.queries.visible import callable_people
from rotas.views.reader import on_call_reader

# What ended so long ago is not listed any more.
PAST = timedelta(days=30)
# How far ahead one's shifts on public holidays are named.
AHEAD = timedelta(days=60)


@require_http_methods(["GET", "POST"])
def swap_page(request: HttpRequest) -> HttpResponse:
    """Offers to me, my own, everybody's for leads; and a form to offer one of my shifts."""
    user = on_call_reader(request)
    now = request_now(request)
    shifts = [shift for shift in shifts_of(user, now, limit=40) if shift.start > now]
    form = SwapForm(
        request.POST if request.method == "POST" else None,
        shifts=shifts,
        people=_others(user),
        zone=user.zone,
    )
    looked: Swap | None = None
    if request.method == "POST" and form.is_valid():
        shift = form.shift
        wanted = {
            "starts_at": form.cleaned_data["starts_at"] or shift.start,
            "ends_at": form.cleaned_data["ends_at"] or shift.end,
            "taker": form.cleaned_data["taker"],
            "note": form.cleaned_data["note"],
        }
        try:
            if request.POST.get("do") == "look":
                looked = swaps.draw_up(shift.rota, user, **wanted, now=now)
            else:
                swaps.offer_swap(shift.rota, user, **wanted, actor=actor_of(request), now=now)
                messages.success(request, _("The shift is offered."))
                return redirect("rotas:swaps")
        except Invalid as error:
            for name, fault in error.fields.items():
                form.add_error(name if name in form.fields else None, fault)
    rows = Swap.objects.filter(ends_at__gt=now - PAST).select_related("rota", "giver__site", "taker__site")
    context: dict[str, Any] = {
        "asked": [row for row in rows if _is_asked(row, user, now)],
        "mine": [row for row in rows if row.state == SwapState.OFFERED and row.giver_id == user.pk],
        "past": [row for row in rows if row.state != SwapState.OFFERED][:30],
        "others": [
            row
            for row in rows
            if row.state == SwapState.OFFERED and user.pk != row.giver_id and not _is_asked(row, user, now)
        ],
        "form": form if shifts else None,
        "now": now,
        "may_end": rules.can_plan(user),
        "looked": looked,
        "looked_by_all": looked is not None and looked.taker_id is None,
        "found": look_at_swap(looked, now) if looked else None,
    }
    refused = form.is_bound and looked is None
    return render(request, "rotas/swaps.html", context, status=400 if refused else 200)


@require_POST
def swap_answer(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Take an offered shift, decline it, withdraw an offer, or undo a swap."""
    user = on_call_reader(request)
    now = request_now(request)
    swap = get_object_or_404(Swap, pk=pk)
    if verb == "accept":
        done = swaps.accept_swap(swap, user, now=now)
        messages.success(request, _("The shift is yours."))
        if done.override is not None:
            warn_of_override(request, done.override)
    elif verb == "decline":
        swaps.decline_swap(swap, user, now=now)
        messages.success(request, _("You declined it."))
    elif verb == "withdraw":
        swaps.withdraw_swap(swap, actor=actor_of(request), now=now)
        messages.success(request, _("The offer is withdrawn."))
    elif verb == "undo":
        swaps.undo_swap(swap, actor=actor_of(request), now=now)
        messages.success(request, _("Everybody has their own shifts again."))
    else:
        raise Http404
    return redirect("rotas:swaps")


@require_http_methods(["GET", "POST"])
def leave_page(request: HttpRequest) -> HttpResponse:
    """My leave and a form to ask for it; for leads everybody's, with the shifts that it meets."""
    user = on_call_reader(request)
    now = request_now(request)
    decides = rules.can_plan(user)
    form = LeaveForm(
        request.POST if request.method == "POST" else None,
        user=user,
        people=list(callable_people()) if decides else None,
    )
    if request.method == "POST" and form.is_valid():
        who = form.who
        try:
            made = leaves.ask_leave(
                who,
                starts_at=form.cleaned_data["first"],
                ends_at=form.cleaned_data["last"],
                kind=form.cleaned_data["kind"],
                note=form.cleaned_data["note"],
                actor=actor_of(request),
                now=now,
            )
        except Invalid as error:
            names = {"starts_at": "first", "ends_at": "last"}
            for name, fault in error.fields.items():
                at = names.get(name, name)
                form.add_error(at if at in form.fields else None, fault)
        else:
            _warn(request, made, now)
            return redirect("rotas:leave")
    return _leave_page(request, user, form=form, status=400 if form.is_bound else 200)


@require_POST
def leave_import(request: HttpRequest) -> HttpResponse:
    """Take one's own leave from a calendar file; what it did and what it meets is said at once."""
    user = on_call_reader(request)
    upload = LeaveImportForm(request.POST, request.FILES)
    if upload.is_valid():
        now = request_now(request)
        try:
            done = import_leave(user, upload.cleaned_data["file"], actor=actor_of(request), now=now)
        except Invalid as error:
            upload.add_error("file", error.message)
        else:
            _say_imported(request, done)
            return redirect("rotas:leave")
    return _leave_page(request, user, upload=upload, status=400)


@require_POST
def leave_calendar(request: HttpRequest, verb: str) -> HttpResponse:
    """Say from which address one's own leave is read, have it read again, or take it away."""
    user, now = on_call_reader(request), request_now(request)
    if verb == "keep":
        form = LeaveCalendarForm(request.POST)
        if form.is_valid():
            try:
                leave_calendars.keep_calendar(
                    user, form.cleaned_data["address"], actor=actor_of(request), now=now
                )
            except Invalid as error:
                form.add_error("address", error.message)
            else:
                messages.success(request, _("It is read within a minute, and every hour from then on."))
                return redirect("rotas:leave")
        return _leave_page(request, user, address=form, status=400)
    if verb == "read":
        leave_calendars.read_soon(user, now=now)
        messages.success(request, _("It is read within a minute."))
    elif verb == "drop":
        leave_calendars.drop_calendar(user, actor=actor_of(request), now=now)
        messages.success(request, _("It is read no more. Leave that came from it stays."))
    else:
        raise Http404
    return redirect("rotas:leave")


def _leave_page(
    request: HttpRequest,
    user: User,
    *,
    form: LeaveForm | None = None,
    upload: LeaveImportForm | None = None,
    address: LeaveCalendarForm | None = None,
    status: int,
) -> HttpResponse:
    now = request_now(request)
    decides = rules.can_plan(user)
    form = form or LeaveForm(user=user, people=list(callable_people()) if decides else None)
    rows = _leave_visible(user, decides).filter(ends_at__gt=now - PAST)
    listed = list(rows.select_related("user__site", "decided_by").order_by("starts_at", "pk")[:200])
    context = {
        "leaves": [
            {
                "row": row,
                "meets": shifts_within(row.user, row.starts_at, row.ends_at, now) if _is_open(row) else [],
                "may_decide": decides and row.state == LeaveState.ASKED,
                "may_withdraw": row.ends_at > now and _is_open(row) and (decides or row.user_id == user.pk),
            }
            for row in listed
        ],
        "form": form,
        "upload": upload or LeaveImportForm(),
        "address": address or LeaveCalendarForm(),
        "calendar": LeaveCalendar.objects.filter(user=user).first(),
        "decides": decides,
        "holidays": holidays_within(user, now, now + AHEAD, now)[:5],
    }
    return render(request, "rotas/leave.html", context, status=status)


@require_POST
def leave_answer(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Approve or decline leave, or take one's own back."""
    user = on_call_reader(request)
    decides = rules.can_plan(user)
    leave = get_object_or_404(_leave_visible(user, decides), pk=pk)
    now = request_now(request)
    if verb == "withdraw" and (decides or leave.user_id == user.pk):
        leaves.withdraw_leave(leave, actor=actor_of(request), now=now)
        messages.success(request, _("It is taken back."))
    elif verb in {"approve", "decline"}:
        if not decides:
            raise PermissionDenied
        decided = leaves.decide_leave(leave, approve=verb == "approve", actor=actor_of(request), now=now)
        if decided.state == LeaveState.APPROVED:
            _warn(request, decided, now)
        else:
            messages.success(request, _("It is declined."))
    else:
        raise Http404
    return redirect("rotas:leave")


def _others(user: User) -> list[User]:
    return [person for person in callable_people() if person != user]


def _is_asked(swap: Swap, user: User, now: Any) -> bool:
    """Whether this person can take it: it is offered to them, or to all who take turns of the rota."""
    if swap.state != SwapState.OFFERED or swap.expires_at <= now or swap.giver_id == user.pk:
        return False
    if swap.taker_id is not None:
        return swap.taker_id == user.pk
    return bool(swap.rota.layers.filter(members__user=user).exists())


def _leave_visible(user: User, decides: bool) -> QuerySet[Leave]:
    return Leave.objects.all() if decides else Leave.objects.filter(Q(user=user))


def _is_open(leave: Leave) -> bool:
    return leave.state in {LeaveState.ASKED, LeaveState.APPROVED}


def warn_of_absence(request: HttpRequest, user: User | None, start: datetime, end: datetime) -> None:
    """Say at once where somebody who was put on call is away then."""
    said = absences(user, start, end) if user is not None else []
    if said:
        messages.warning(request, "; ".join(said[:5]) + ".")


def warn_of_override(request: HttpRequest, override: Override) -> None:
    """Say at once where whoever an override puts on call is away, or on call of another rota."""
    warn_of_absence(request, override.user, override.starts_at, override.ends_at)
    twice = twice_by(override)
    if twice:
        said = "; ".join(each.words for each in twice[:3])
        more = _(" and %(n)d more") % {"n": len(twice) - 3} if len(twice) > 3 else ""
        messages.warning(request, _("In two places: %(said)s%(more)s.") % {"said": said, "more": more})


def _warn(request: HttpRequest, leave: Leave, now: Any) -> None:
    """Say that it is kept, and at once which shifts it meets."""
    meets = shifts_within(leave.user, leave.starts_at, leave.ends_at, now)
    words = _("Leave is approved.") if leave.state == LeaveState.APPROVED else _("Leave is asked for.")
    if meets:
        names = ", ".join(dict.fromkeys(each.rota.name for each in meets))
        warn = ngettext(
            "It meets %(n)d shift of %(rotas)s: offer it as a swap, or ask a lead for an override.",
            "It meets %(n)d shifts of %(rotas)s: offer them as swaps, or ask a lead for overrides.",
            len(meets),
        ) % {"n": len(meets), "rotas": names}
        messages.warning(request, f"{words} {warn}")
    else:
        messages.success(request, words)


def _say_imported(request: HttpRequest, done: Imported) -> None:
    """What became of the calendar's events, and which shifts they meet."""
    counts = {
        "made": len(done.made),
        "moved": len(done.moved),
        "gone": len(done.withdrawn),
        "same": done.same,
    }
    messages.success(
        request, _("%(made)d new, %(moved)d moved, %(gone)d withdrawn, %(same)d as before.") % counts
    )
    if done.refused:
        said = "; ".join(f"{event.summary or event.uid}: {words}" for event, words in done.refused[:3])
        more = _(" and %(n)d more") % {"n": len(done.refused) - 3} if len(done.refused) > 3 else ""
        messages.warning(request, _("Left out: %(said)s%(more)s") % {"said": said, "more": more})
    if done.conflicts:
        names = ", ".join(dict.fromkeys(each.rota.name for each in done.conflicts))
        warn = ngettext(
            "It meets %(n)d shift of %(rotas)s: offer it as a swap, or ask a lead for an override.",
            "It meets %(n)d shifts of %(rotas)s: offer them as swaps, or ask a lead for overrides.",
            len(done.conflicts),
        )
        messages.warning(request, warn % {"n": len(done.conflicts), "rotas": names})
