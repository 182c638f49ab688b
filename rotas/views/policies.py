"""Pages of escalation policies: who is called in which order, right now."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import User
from core.http.now import request_now
from core.wall_times import MINUTE_FORM
from core.zones import to_local
from rotas import rules
from rotas.models import EscalationPolicy
from rotas.queries.policies import MOST_USES, policies_listed, policies_now, policy_used, service_to_try
from rotas.views.reader import on_call_reader
from services.choices import Severity
from services.queries.visible import services_visible_to


@require_GET
def policy_list(request: HttpRequest) -> HttpResponse:
    """Every policy, with whom its first step calls now; those that are switched off last."""
    user = on_call_reader(request)
    found = policies_now(policies_listed(), request_now(request), with_ways=False)
    context = {"policies": found, "may_edit": rules.can_plan(user)}
    return render(request, "rotas/policies.html", context)


@require_GET
def policy_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One policy: its steps along time with who is called now, and what it is used for."""
    user = on_call_reader(request)
    policy = policy_used(slug)
    if policy is None:
        raise Http404
    uses = list(policy.assignments.all())
    context: dict[str, Any] = {
        "now": policies_now([policy], request_now(request))[0],
        "uses": uses[:MOST_USES],
        "more": max(len(uses) - MOST_USES, 0),
        "try_url": _try_url(request, user, policy),
        "may_edit": rules.can_plan(user),
    }
    return render(request, "rotas/policy.html", context)


def _try_url(request: HttpRequest, user: User, policy: EscalationPolicy) -> str:
    """The simulator, walked now for a service that this policy calls for; where there is none, unwalked."""
    url = reverse("rotas:simulator")
    service = service_to_try(policy, services_visible_to(user)) if policy.is_active else None
    if service is None:
        return url
    severity = next((use.severity for use in policy.assignments.all() if use.severity), Severity.SEV2)
    at = to_local(request_now(request), user.zone).strftime(MINUTE_FORM)
    asked = {"service": service.slug, "severity": severity, "at": at, "zone": user.zone, "alerts": 1}
    return f"{url}?{urlencode(asked)}"
