"""One's own rules, as a panel of "My page" and as a page of their own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import actor_of
from core.errors import Invalid
from core.http.now import request_now
from notifications import kinds
from notifications.domain import personal
from notifications.domain.muting import mute, muted_by
from notifications.forms import RuleForm
from notifications.queries.personal import rule_lists

DELAYS = (0, 1, 2, 5, 10, 15, 30, 60, 120)


@require_http_methods(["GET", "HEAD", "POST"])
def my_rules(request: HttpRequest) -> HttpResponse:
    """Show how the reader is reached; a post changes one thing of it."""
    if request.method == "POST":
        if request.POST.get("act") == "kinds":
            _apply_kinds(request)
        else:
            _apply(request)
        if not request.headers.get("HX-Request"):
            return redirect("notifications:my_rules")
    without = muted_by(request.user)
    context = {
        "lists": rule_lists(request.user),
        "delays": DELAYS,
        "kinds": [{"kind": kind, "comes": kind.key not in without} for kind in kinds.optional()],
    }
    panel = request.headers.get("HX-Request")
    return render(request, "notifications/_rules.html" if panel else "notifications/rules.html", context)


def _apply_kinds(request: HttpRequest) -> None:
    wanted = set(request.POST.getlist("kind"))
    without = [kind.key for kind in kinds.optional() if kind.key not in wanted]
    mute(request.user, without, actor=actor_of(request), now=request_now(request))


def _apply(request: HttpRequest) -> None:
    form = RuleForm(request.POST)
    if not form.is_valid():
        raise Invalid(
            _("That is no change of rules we know."),
            fields={name: str(errors[0]) for name, errors in form.errors.items()},
        )
    wanted = form.cleaned_data
    who = {"actor": actor_of(request), "now": request_now(request)}
    if wanted["act"] == "reset":
        personal.reset(request.user, wanted["urgency"], **who)
        return
    channel, minutes = wanted["channel"], wanted["minutes"] or 0
    if not channel:
        raise Invalid(_("Choose a channel."), fields={"channel": _("needed")})
    edits = {
        "add": lambda routes: personal.add_channel(routes, channel, minutes),
        "remove": lambda routes: personal.remove_channel(routes, channel),
        "up": lambda routes: personal.move_up(routes, channel),
    }
    personal.change(request.user, wanted["urgency"], edits[wanted["act"]], **who)
