"""What a verb asks before it is done. The page carries the head of each dialog; its form is drawn when it is opened,
and is a page of its own for whoever comes without a script."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.rules import is_support
from core.errors import IllegalState, NotAllowed, Refused
from core.http.now import request_now
from core.ui.marks import icon
from core.zones import to_local
from incidents import rules
from incidents.choices import State
from incidents.domain import states
from incidents.domain.impact import proposal
from incidents.forms import (
    AssignForm,
    BounceForm,
    CancelForm,
    DeliverForm,
    EscalateForm,
    HandOffForm,
    HoldForm,
    ImpactForm,
    LinkForm,
    ResolveForm,
)
from incidents.models import Incident
from incidents.queries.detail import clocks, owes
from incidents.queries.receivers import may_answer
from incidents.views.shared import zone_of
from rotas.queries.steps_now import steps_now
from services.choices import Party
from services.queries.boundaries import parties_of
from services.types import Evidence, PartyBounds

DIALOGS: dict[str, tuple[type[forms.Form], Any]] = {
    "assign": (AssignForm, gettext_lazy("Give it to somebody")),
    "hold": (HoldForm, gettext_lazy("Hold")),
    "resolve": (ResolveForm, gettext_lazy("Resolve")),
    "cancel": (CancelForm, gettext_lazy("Cancel the incident")),
    "escalate": (EscalateForm, gettext_lazy("Call somebody now")),
    "impact": (ImpactForm, gettext_lazy("Say who it hurts")),
    "link": (LinkForm, gettext_lazy("Attach a link")),
    "deliver": (DeliverForm, gettext_lazy("Delivered")),
    "hand_off": (HandOffForm, gettext_lazy("Hand it on")),
    "bounce_hand_off": (BounceForm, gettext_lazy("Give it back")),
}
_ABOUT_A_HAND_OFF = {*rules.ANSWERS, "take_back"}


def dialogs_for(user: Any, *, answers: bool) -> tuple[str, ...]:
    """The verbs whose dialog this reader may open, whatever the state; `answers`: a hand-off waits for them."""
    return tuple(verb for verb in DIALOGS if rules.may(user, verb) and (answers or verb not in rules.ANSWERS))


def shells(ref: str, verbs: Sequence[str]) -> SafeString:
    """The dialogs of these verbs without what they ask: `asked.js` fetches it when one is opened."""
    return _shells(ref, tuple(verbs), get_language())


@lru_cache(maxsize=1024)
def _shells(ref: str, verbs: tuple[str, ...], language: str | None) -> SafeString:
    # `language` belongs to the key: titles are in it
    close = _("Close")
    return format_html_join(
        "\n",
        '<dialog id="do-{}" class="ms-dialog" aria-labelledby="do-{}-title" data-dialog data-asks="{}">'
        '<header class="ms-dialog-head"><h2 id="do-{}-title">{}</h2>'
        '<button class="btn btn-quiet btn-icon" type="button" data-closes aria-label="{}">{}</button></header>'
        '<div class="inc-asked" data-asked tabindex="-1"></div></dialog>',
        (
            (
                verb,
                verb,
                reverse("incidents:act", args=[ref, verb]),
                verb,
                DIALOGS[verb][1],
                close,
                icon("x"),
            )
            for verb in verbs
        ),
    )


def check(user: Any, incident: Incident, verb: str) -> None:
    """Whether the verb may be asked for now, so that nobody fills in a form in vain. Of an incident read `for_page`.

    Raises NotAllowed for who may not use it, IllegalState where it isn't possible or would change nothing.
    """
    if not rules.may(user, verb):
        raise NotAllowed(_("Your role may not do this."))
    changes = states.would_change(verb, incident.state)
    if not changes and verb in DIALOGS:
        present = State(incident.state).label.lower()
        raise IllegalState(_("The incident is %(state)s already.") % {"state": present})
    if verb == "deliver" and not owes(clocks(incident)):
        raise IllegalState(_("Nothing more is promised for this incident."))
    if verb in _ABOUT_A_HAND_OFF:
        row: dict[str, Any] | None = incident.handed  # type: ignore[attr-defined]
        if row is None:
            raise IllegalState(_("It was handed to nobody."))
        if verb in rules.ANSWERS and not may_answer(user, incident.service, row["party"], row["team_id"]):
            party = Party(row["party"]).label
            raise NotAllowed(_("It was handed to %(party)s; only they answer.") % {"party": party})


def ask(request: HttpRequest, incident: Incident, verb: str, form_class: type[forms.Form]) -> HttpResponse:
    """What the verb asks: the inside of its dialog for a script, a page for everybody else. Raises as `check`."""
    check(request.user, incident, verb)
    form = form_class(auto_id=f"{verb}_%s", initial=_initial(request, verb, incident))
    if request.headers.get("HX-Request"):
        _offer_later(form, incident)
        answer = render(request, "incidents/_asked.html", _context(request, incident, verb, form))
    else:
        answer = _page(request, incident, verb, form)
    answer["Cache-Control"] = "private, no-cache"
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def ask_again(
    request: HttpRequest, incident: Incident, verb: str, form_class: type[forms.Form], refusal: Refused
) -> HttpResponse:
    """The page of the verb with all that was typed and why it was refused, in the status of the refusal."""
    form = form_class(request.POST, auto_id=f"{verb}_%s")
    unsaid = {name: words for name, words in refusal.fields.items() if name not in form.errors}
    said = type(refusal)(refusal.message, code=refusal.code, fields=unsaid)
    return _page(request, incident, verb, form, said)


def _page(
    request: HttpRequest, incident: Incident, verb: str, form: forms.Form, refusal: Refused | None = None
) -> HttpResponse:
    _offer_all(request, form, incident)
    context = {**_context(request, incident, verb, form), "refusal": refusal}
    if verb == "hand_off":
        bounds = parties_of(incident.service).get(str(form["party"].value()))
        context |= {"bounds": bounds, "wanted": wanted(bounds, request.POST)}
    return render(request, "incidents/verb.html", context, status=refusal.status if refusal else 200)


def _context(request: HttpRequest, incident: Incident, verb: str, form: forms.Form) -> dict[str, Any]:
    if not is_support(request.user):  # what outsiders say is always the client's to read
        form.fields.pop("visibility", None)
    title = DIALOGS[verb][1] if verb in DIALOGS else states.VERBS[verb].label
    return {"incident": incident, "verb": verb, "title": title, "form": form}


def wanted(bounds: PartyBounds | None, given: QueryDict) -> list[tuple[Evidence, str]]:
    """What a party asks for when work is handed to it, each with what was given for it."""
    if bounds is None:
        return []
    return [(each, given.get(f"evidence-{each.key}", "")) for each in bounds.evidence]


def _offer_later(form: forms.Form, incident: Incident) -> None:
    """Long lists come once they are seen."""
    if isinstance(form, AssignForm):
        form.ask_later(incident.owner, reverse("incidents:owners", args=[incident.ref]))
    elif isinstance(form, EscalateForm):
        form.ask_later(
            *(reverse(f"incidents:{name}", args=[incident.ref]) for name in ("steps_now", "callable"))
        )
    elif isinstance(form, HandOffForm):
        form.ask_later(reverse("incidents:asked_for", args=[incident.ref]))


def _offer_all(request: HttpRequest, form: forms.Form, incident: Incident) -> None:
    """Nothing comes later to a page without a script."""
    if isinstance(form, EscalateForm):
        form.offer(steps_now("incident", incident.pk, request_now(request)))
    elif isinstance(form, HandOffForm):
        form.ask_later(reverse("incidents:asked_for", args=[incident.ref]), when="change")


def _initial(request: HttpRequest, verb: str, incident: Incident) -> dict[str, Any]:
    if verb == "impact":
        zone, found = zone_of(request), proposal(incident, request_now(request))
        moments = {name: found[name] and to_local(found[name], zone) for name in ("starts_at", "ends_at")}
        return {**found, **moments}
    if verb == "assign":
        return {"owner": incident.owner_id}
    if verb == "hold" and incident.hold_party:
        return {"party": incident.hold_party, "reason": incident.hold_reason}
    if verb == "hand_off":
        return {"party": Party.L2 if incident.party == Party.L1 else Party.ENGINEERING}
    return {}
