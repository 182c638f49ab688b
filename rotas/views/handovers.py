"""Pages of hand-overs: the list, one of them with its small forms, and what the operations room shows."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.actor import actor_of
from core.errors import Changed, Invalid, Refused
from core.http.now import request_now
from core.pagination import paginate
from core.ui.chips import url_with
from rotas import rules
from rotas.choices import HandoverState
from rotas.domain import handing
from rotas.domain.handovers import is_overtaken
from rotas.filters import HandoverFilter
from rotas.handover_forms import ItemForm, RestForm, SummaryForm
from rotas.models import Handover
from rotas.queries import handovers as queries
from rotas.queries.visible import callable_people, rotas_visible_to


@require_GET
def handover_list(request: HttpRequest) -> HttpResponse:
    """What waits, the reader's own first; then all of them, newest first."""
    _see(request)
    rows = HandoverFilter(request.GET, queryset=queries.handovers_visible_to(request.user))
    page = paginate(
        queries.counted(rows.qs),
        queries.NEWEST_FIRST,
        cursor=request.GET.get("cursor", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    chosen = request.GET.get("rota", "")
    rotas = [rota for rota in rotas_visible_to(request.user) if rota.hands_over or rota.slug == chosen]
    context = {
        "page": page,
        "waiting": queries.waiting(request.user),
        "rotas": [
            {"name": rota.name, "url": url_with(request.GET, rota=rota.slug), "here": rota.slug == chosen}
            for rota in rotas
        ],
        "all_url": url_with(request.GET, rota=""),
        "chosen": chosen,
    }
    return render(request, "rotas/handovers.html", context)


@require_GET
def handover_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One hand-over, to be read, completed, published and accepted."""
    return _page(request, _handover(request, pk))


@require_POST
def handover_do(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Write the summary, add an item, give away what has no owner, publish, or accept all that is left."""
    found = _handover(request, pk)
    actor, now = actor_of(request), request_now(request)
    if verb == "accept":
        handing.accept(found, actor=actor, now=now)
        messages.success(request, _("The hand-over is accepted."))
        return redirect("rotas:handover", pk=pk)
    form = _form(request, verb)
    if not form.is_valid():
        return _page(request, found, bound={verb: form}, status=400)
    version = form.cleaned_data["version"]
    try:
        _write(request, found, verb, form, version)
    except (Invalid, Changed) as refusal:
        return _refused(request, pk, verb, form, refusal)
    return redirect("rotas:handover", pk=pk)


@require_POST
def item_do(request: HttpRequest, pk: int, item: int, verb: str) -> HttpResponse:
    """Edit an item, remove or accept it."""
    found = _handover(request, pk)
    row = get_object_or_404(found.items.select_related("handover", "owner"), pk=item)
    actor, now = actor_of(request), request_now(request)
    if verb == "accept":
        handing.accept_item(row, actor=actor, now=now)
    elif verb == "remove":
        handing.remove_item(row, actor=actor, now=now)
        messages.success(request, _("“%(title)s” is removed.") % {"title": row.title})
    elif verb == "edit":
        form = ItemForm(request.POST, people=list(callable_people()), zone=_zone(request), item=row)
        if not form.is_valid():
            return _page(request, found, bound={str(row.pk): form}, status=400)
        try:
            handing.edit_item(row, form.values(), actor=actor, now=now, version=form.cleaned_data["version"])
        except (Invalid, Changed) as refusal:
            return _refused(request, pk, str(row.pk), form, refusal)
    else:
        raise Http404
    return redirect(f"{reverse('rotas:handover', args=[pk])}#item-{row.pk}")


@require_GET
def panel_waiting(request: HttpRequest) -> HttpResponse:
    """What nobody has accepted yet, for the operations room."""
    _see(request)
    return render(request, "rotas/_handovers_waiting.html", {"handovers": queries.waiting(request.user)})


def _write(request: HttpRequest, found: Handover, verb: str, form: forms.Form, version: int) -> None:
    said: dict[str, Any] = {"actor": actor_of(request), "now": request_now(request), "version": version}
    if verb == "summary":
        handing.write_summary(found, form.cleaned_data["summary"], **said)
        messages.success(request, _("Kept."))
    elif verb == "add" and isinstance(form, ItemForm):
        made = handing.add_item(found, form.values(), section=form.cleaned_data["section"], **said)
        messages.success(request, _("“%(title)s” is added.") % {"title": made.title})
    elif verb == "rest":
        handing.give_rest(found, form.cleaned_data["owner"], **said)
        messages.success(request, _("Every item has an owner."))
    else:
        handing.publish(found, **said)
        messages.success(request, _("It is published: those who take over hear of it."))


def _form(request: HttpRequest, verb: str) -> forms.Form:
    """The form of a verb, filled. Raises Http404 where there is no such verb."""
    if verb in {"summary", "publish"}:
        return SummaryForm(request.POST)
    people = list(callable_people())
    if verb == "add":
        return ItemForm(request.POST, people=people, zone=_zone(request))
    if verb == "rest":
        return RestForm(request.POST, people=people)
    raise Http404


def _refused(request: HttpRequest, pk: int, name: str, form: forms.Form, refusal: Refused) -> HttpResponse:
    """The page as it is now, with what was typed; after a change by somebody else it can be saved over that."""
    found = _handover(request, pk)
    if isinstance(refusal, Changed):
        form.data = form.data.copy()
        form.data["version"] = str(found.version)
    form.add_error(None, refusal.message)
    return _page(request, found, bound={name: form}, status=refusal.status)


def _page(
    request: HttpRequest, found: Handover, *, bound: dict[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    """The page; `bound` are forms that were refused, by the verb or by the key of their item."""
    bound, overtaken = bound or {}, is_overtaken(found)
    writes = found.state == HandoverState.DRAFT and not overtaken and handing.may_write(found, request.user)
    accepts = (
        found.state == HandoverState.PUBLISHED and not overtaken and handing.may_accept(found, request.user)
    )
    people = list(callable_people()) if writes else []
    version, zone = {"version": found.version}, _zone(request)
    items = list(found.items.all())
    edits = {
        item.pk: bound.get(str(item.pk)) or ItemForm(people=people, zone=zone, item=item, initial=version)
        for item in items
        if writes
    }
    incomplete = sum(bool(handing.lacks(item)) for item in items)
    context = {
        "handover": found,
        "parts": [
            {"part": part, "rows": [{"item": item, "form": edits.get(item.pk)} for item in part.items]}
            for part in queries.parts_of(found)
        ],
        "overtaken": overtaken,
        "writes": writes,
        "accepts": accepts,
        "left": sum(item.accepted_at is None for item in items),
        "incomplete": _incomplete(incomplete) if found.state == HandoverState.DRAFT else "",
        "summary": bound.get("summary") or SummaryForm(initial={**version, "summary": found.summary}),
        "publish": bound.get("publish"),
        "add": bound.get("add") or ItemForm(people=people, zone=zone, initial=version),
        "rest": bound.get("rest") or RestForm(people=people, initial=version),
        "without_owner": any("owner" in handing.lacks(item) for item in items),
    }
    return render(request, "rotas/handover.html", context, status=status)


def _incomplete(count: int) -> str:
    if not count:
        return ""
    words = ngettext(
        "%(n)d item lacks an owner or a next action.", "%(n)d items lack an owner or a next action.", count
    )
    return words % {"n": count}


def _handover(request: HttpRequest, pk: int) -> Handover:
    return get_object_or_404(queries.with_items(queries.handovers_visible_to(request.user)), pk=pk)


def _see(request: HttpRequest) -> None:
    if not rules.can_see_rotas(request.user):
        raise PermissionDenied


def _zone(request: HttpRequest) -> str:
    return str(getattr(request.user, "zone", "") or "UTC")
