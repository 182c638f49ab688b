"""One's own further addresses, as a panel of "My page" and as a page of their own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import actor_of
from core.errors import Invalid, NotAllowed, Refused
from core.http.now import request_now
from notifications import rules
from notifications.domain import contacts, verifying
from notifications.forms import ContactForm, ContactVerbForm
from notifications.queries import contacts as queries


@require_http_methods(["GET", "HEAD", "POST"])
def my_contacts(request: HttpRequest) -> HttpResponse:
    """Show the reader's contact points; a post adds one or does something with one.

    A refusal is said in the panel, with the form as it was filled. A webhook's secret is in the one answer
    that added it, and in no other.
    """
    if not rules.can_have_contacts(request.user):
        raise NotAllowed(_("A service account has an inbox and nothing else."))
    said: dict[str, Any] = {"form": ContactForm(initial={"kind": "email"})}
    if request.method == "POST":
        try:
            said |= _act(request)
        except Refused as refusal:
            said |= {"refusal": refusal, "status": refusal.status}
        if not request.headers.get("HX-Request") and not said.keys() & {"secret", "refusal", "invalid"}:
            return redirect("notifications:my_contacts")
    context = {**said, "panels": queries.panels(request.user, request_now(request))}
    panel = request.headers.get("HX-Request")
    # htmx swaps in what has succeeded only, and a refusal belongs into the panel
    status = 200 if panel else said.get("status", 200)
    template = "notifications/_contacts.html" if panel else "notifications/contacts.html"
    return render(request, template, context, status=status)


def _act(request: HttpRequest) -> dict[str, Any]:
    who = {"actor": actor_of(request), "now": request_now(request)}
    if request.POST.get("act") == "add":
        return _add(request, who)
    form = ContactVerbForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("That is no change of contact points we know."))
    wanted = form.cleaned_data
    point = get_object_or_404(queries.contacts_of(request.user), pk=wanted["pk"])
    if wanted["act"] == "code":
        verifying.send_code(point, **who)
        return {"done": _("A code is on its way.")}
    if wanted["act"] == "verify":
        verifying.verify(point, wanted["code"], **who)
        return {"done": _("Verified. Add it to your rules, so that calls go there.")}
    if wanted["act"] == "test":
        contacts.send_test(point, **who)
        return {"done": _("A test is on its way.")}
    contacts.remove(point, **who)
    return {"done": _("Removed.")}


def _add(request: HttpRequest, who: dict[str, Any]) -> dict[str, Any]:
    form = ContactForm(request.POST)
    if not form.is_valid():
        return {"form": form, "invalid": True, "status": 400}
    wanted = form.cleaned_data
    try:
        point, secret = contacts.add(
            request.user, wanted["kind"], wanted["address"], name=wanted["name"], **who
        )
        verifying.send_code(point, **who)
    except Refused as refusal:
        for name, words in refusal.fields.items():
            form.add_error(name if name in form.fields else None, words)
        return {"form": form, "invalid": True, "refusal": refusal, "status": refusal.status}
    done = {"done": _("Added. A code is on its way through it.")}
    return {**done, "secret": secret} if secret else done
