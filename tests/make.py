"""Small makers of test data, with sound defaults. `NOW` is a quiet Wednesday morning in Nairobi."""

import itertools
from datetime import UTC, datetime
from typing import Any

from accounts.models import Membership, Site, Team, User
from services.models import Agreement, AgreementTarget, BusinessCalendar, Client, ClientMember, MLModel, Service

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


def agreement(minutes: dict[str, tuple[int, int]] | None = None, **fields: Any) -> Agreement:
    """Acknowledge and resolve minutes by severity; 24×7 unless a calendar is given."""
    n = next(_n)
    fields.setdefault("calendar", None)
    fields["calendar"] = fields["calendar"] or calendar()
    made = Agreement.objects.create(**{"slug": f"agreement-{n}", "name": f"Agreement {n}", **fields})
    for severity, (acknowledge, resolve) in (minutes or MINUTES).items():
        AgreementTarget.objects.create(agreement=made, severity=severity, kind="acknowledge", minutes=acknowledge)
        AgreementTarget.objects.create(agreement=made, severity=severity, kind="resolve", minutes=resolve)
    return made


def service(**fields: Any) -> Service:
    n = next(_n)
    values: dict[str, Any] = {"slug": f"service-{n}", "name": f"Service {n}", "kind": "online", "tier": 1, **fields}
    if "owning_team" not in values:
        values["owning_team"] = team()
    if "agreement" not in values:
        values["agreement"] = agreement()
    return Service.objects.create(**values)


def model(service_: Service, **fields: Any) -> MLModel:
    n = next(_n)
    return MLModel.objects.create(**{"service": service_, "name": f"model-{n}", **fields})
