"""Small makers of test data, with sound defaults. `NOW` is a quiet Wednesday morning in Nairobi."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Membership, Site, Team, User
from core.types import SYSTEM
from incidents.domain.opening import open_incident
from incidents.models import Incident
from monitoring.models import Alert, AlertChange, Integration
from rotas.models import EscalationPolicy, PolicyStep, StepTarget
from services.domain import objectives
from services.models import (
    Agreement,
    AgreementTarget,
    AgreementVersion,
    BusinessCalendar,
    Client,
    ClientMember,
    ImpactWindow,
    IndicatorBucket,
    MLModel,
    Objective,
    Service,
    WarningRung,
)

NOW = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
_n = itertools.count(1)

MINUTES = {"SEV1": (5, 60), "SEV2": (15, 240), "SEV3": (60, 1440), "SEV4": (240, 4320)}


def site(**fields: Any) -> Site:
    n = next(_n)
    values = {"slug": f"site-{n}", "name": f"Site {n}", "zone": "Africa/Nairobi", "hue": "nbo", **fields}
    return Site.objects.create(**values)


def user(role: str = "responder", **fields: Any) -> User:
    n = next(_n)
    values = {"email": f"person{n}@test.mainstay", "name": f"Person {n}", "role": role, **fields}
    return User.objects.create_user(values.pop("email"), values.pop("password", None), **values)


def team(kind: str = "l1", members: tuple[User, ...] = (), **fields: Any) -> Team:
    n = next(_n)
    made = Team.objects.create(**{"slug": f"team-{n}", "name": f"Team {n}", "kind": kind, **fields})
    for person in members:
        Membership.objects.create(team=made, user=person)
    return made


def client_(members: tuple[User, ...] = (), **fields: Any) -> Client:
    n = next(_n)
    made = Client.objects.create(**{"slug": f"client-{n}", "name": f"Client {n}", **fields})
    for person in members:
        ClientMember.objects.create(client=made, user=person)
    return made


def calendar(**fields: Any) -> BusinessCalendar:
    n = next(_n)
    values = {"slug": f"calendar-{n}", "name": f"Calendar {n}", "zone": "UTC", "always_open": True, **fields}
    return BusinessCalendar.objects.create(**values)


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def agreement(minutes: dict[str, tuple[int, int]] | None = None, **fields: Any) -> Agreement:
    """Acknowledge and resolve minutes by severity, in force since ever; 24×7 unless a calendar is given."""
    n = next(_n)
    terms = {
        name: fields.pop(name)
        for name in ("calendar", "warn_percent", "on_reopen", "on_severity", "zone_source")
        if name in fields
    }
    terms["calendar"] = terms.get("calendar") or calendar()
    pausable = fields.pop("pausable_acknowledge", False)
    made = Agreement.objects.create(**{"slug": f"agreement-{n}", "name": f"Agreement {n}", **fields})
    version = AgreementVersion.objects.create(
        agreement=made, number=1, state="published", valid_from=LONG_AGO, **terms
    )
    for severity, (acknowledge, resolve) in (MINUTES if minutes is None else minutes).items():
        target(version, severity, "acknowledge", minutes=acknowledge, is_pausable=pausable)
        target(version, severity, "resolve", minutes=resolve)
    return made


def target(of: Agreement | AgreementVersion, severity: str, kind: str, **fields: Any) -> AgreementTarget:
    """One more promise of an agreement's first version."""
    version = of if isinstance(of, AgreementVersion) else of.versions.get(number=1)
    return AgreementTarget.objects.create(version=version, severity=severity, kind=kind, **fields)


def rung(of: Agreement, amount: int, **fields: Any) -> WarningRung:
    """One more rung of the ladder of an agreement's first version."""
    return WarningRung.objects.create(version=of.versions.get(number=1), amount=amount, **fields)


def service(**fields: Any) -> Service:
    n = next(_n)
    values: dict[str, Any] = {
        "slug": f"service-{n}",
        "name": f"Service {n}",
        "kind": "online",
        "tier": 1,
        **fields,
    }
    if "owning_team" not in values:
        values["owning_team"] = team()
    if "agreement" not in values:
        values["agreement"] = agreement()
    return Service.objects.create(**values)


def model(service_: Service, **fields: Any) -> MLModel:
    n = next(_n)
    return MLModel.objects.create(**{"service": service_, "name": f"model-{n}", **fields})


def objective(service_: Service | None = None, **fields: Any) -> Objective:
    """An objective of 99.9 % of events over 28 days, made through the real verb."""
    n = next(_n)
    now = fields.pop("now", NOW)
    values = {
        "slug": f"objective-{n}",
        "name": f"Objective {n}",
        "service": service_ or service(),
        "target": Decimal("99.9"),
        "unit": "requests",
        **fields,
    }
    return objectives.create(Objective(**values), actor=SYSTEM, now=now)


def bucket(objective_: Objective, at: datetime, good: int, total: int) -> IndicatorBucket:
    return IndicatorBucket.objects.create(objective=objective_, starts_at=at, good=good, total=total)


def impact(
    service_: Service, minutes: float, *, before: timedelta = timedelta(0), share: int = 100, **fields: Any
) -> ImpactWindow:
    """So many minutes of impact that ended `before` NOW."""
    end = fields.pop("now", NOW) - before
    values = {
        "service": service_,
        "starts_at": end - timedelta(minutes=minutes),
        "ends_at": end,
        "effect": "down" if share == 100 else "degraded",
        "share": share,
        **fields,
    }
    return ImpactWindow.objects.create(**values)


def policy(*people: User, wait: int = 5, **fields: Any) -> EscalationPolicy:
    """A default policy whose steps call these people one after the other."""
    n = next(_n)
    values = {"slug": f"policy-{n}", "name": f"Policy {n}", "is_default": True, "repeats": 0, **fields}
    made = EscalationPolicy.objects.create(**values)
    for position, person in enumerate(people, start=1):
        step = PolicyStep.objects.create(policy=made, position=position, wait_minutes=wait)
        StepTarget.objects.create(step=step, kind="person", user=person)
    return made


def incident(**fields: Any) -> Incident:
    """An incident opened through the real verb at NOW."""
    n = next(_n)
    values: dict[str, Any] = {
        "title": f"Incident {n}",
        "source": "portal",
        "actor": SYSTEM,
        "now": NOW,
        "impact": "high",
        "urgency": "medium",
        **fields,
    }
    if "service" not in values:
        values["service"] = service()
    return open_incident(**values)


def integration(**fields: Any) -> Integration:
    n = next(_n)
    values = {
        "name": f"Integration {n}",
        "source": "generic",
        "key_digest": f"{n:064d}",
        "key_sealed": "",
        "created_at": NOW,
        **fields,
    }
    return Integration.objects.create(**values)


def alert(service_: Service | None = None, **fields: Any) -> Alert:
    """A firing alert, with the transition that says so, as intake would leave them."""
    n = next(_n)
    at = fields.pop("at", NOW)
    values = {
        "identity": f"alert-{n}",
        "title": f"Alert {n}",
        "severity": "warning",
        "service": service_,
        "starts_at": at,
        "event_at": at,
        "first_seen_at": at,
        "last_seen_at": at,
        **fields,
    }
    if "integration" not in values:
        values["integration"] = integration()
    made = Alert.objects.create(**values)
    change(made, "fired", at=at)
    return made


def change(alert_: Alert, kind: str, *, at: datetime = NOW, **fields: Any) -> AlertChange:
    """One transition of an alert, its status moved with it."""
    alert_.status = {"fired": "firing", "refired": "firing", "worse": "firing"}.get(kind, kind)
    alert_.save(update_fields=["status"])
    return AlertChange.objects.create(
        alert=alert_, kind=kind, at=at, event_at=at, lane=alert_.service_id or 0, **fields
    )
