"""Who is called: follow-the-sun rotas, overrides, policies, personal rules; and the doors for alerts."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Site, Team, User
from config.demo import DEMO_LEAD
from core.crypto import digest, seal
from core.types import SYSTEM
from monitoring.domain.integrations import find_or_create
from monitoring.models import RoutingRule
from notifications.domain.contacts import new_secret
from notifications.models import ContactPoint, PersonalRule
from rotas.models import (
    EscalationPolicy,
    Layer,
    LayerMember,
    LayerWindow,
    Override,
    PolicyAssignment,
    PolicyStep,
    Rota,
    StepTarget,
)
from services.models import Service

# Local hours of the three sites; together they are exactly a day: 00:15–08:15–16:15–00:15 UTC.
HOURS = {
    "kathmandu": (time(6, 0), time(14, 0)),
    "nairobi": (time(11, 15), time(19, 15)),
    "bogota": (time(11, 15), time(19, 15)),
}
ANCHOR_WEEKS = 26


def load_calling(now: datetime) -> None:
    """Two rotas, two policies, their assignments, an override or two, some personal rules."""
    teams = {team.slug: team for team in Team.objects.all()}
    lead = User.objects.get(email=DEMO_LEAD)
    l1 = _rota("l1-sun", "L1 follow-the-sun", teams["l1-support"], "l1", now)
    l2 = _rota("l2-sun", "L2 follow-the-sun", teams["l2-support"], "l2", now)
    _overrides(l1, l2, lead, now)
    urgent = EscalationPolicy.objects.create(
        slug="default", name="Around the clock", repeats=1, fallback=lead, is_default=True
    )
    calm = EscalationPolicy.objects.create(slug="calm", name="In its own time", repeats=0, fallback=lead)
    _steps(urgent, [(5, l1), (10, l2), (15, lead)])
    _steps(calm, [(45, l1), (90, l2), (240, lead)])
    for severity in ("SEV3", "SEV4"):
        PolicyAssignment.objects.create(severity=severity, policy=calm)
    fraud = Service.objects.get(slug="fraud-scorer")
    bank = EscalationPolicy.objects.create(slug="fraud-sev1", name="Fraud, at once", repeats=2, fallback=lead)
    _steps(bank, [(3, l1), (5, l2), (10, lead)])
    PolicyAssignment.objects.create(service=fraud, severity="SEV1", policy=bank)
    _personal_rules()
    _contact_points(now)


def load_doors(now: datetime) -> None:
    """One integration for each tool, and where alerts go that name no service."""
    for source in ("alertmanager", "grafana", "generic"):
        find_or_create(source, None, actor=SYSTEM, now=now)
    services = {service.slug: service for service in Service.objects.all()}
    rules = [
        (10, "Fraud namespace", "namespace", "=", "fraud", "fraud-scorer"),
        (20, "Redis of the feature store", "job", "=~", "feast.*", "feature-store"),
        (30, "Airflow and GPU pools", "namespace", "=~", "airflow|gpu-.*", "batch-orchestrator"),
    ]
    for position, name, label, op, value, slug in rules:
        RoutingRule.objects.create(
            position=position,
            name=name,
            matchers=[{"name": label, "op": op, "value": value}],
            service=services[slug],
        )


def _rota(slug: str, name: str, team: Team, level: str, now: datetime) -> Rota:
    rota = Rota.objects.create(slug=slug, name=name, team=team, level=level, zone="UTC")
    for site in Site.objects.filter(slug__in=HOURS):
        start, end = HOURS[site.slug]
        zone = ZoneInfo(site.zone)
        monday = now.astimezone(zone).date() - timedelta(days=now.astimezone(zone).weekday())
        layer = Layer.objects.create(
            rota=rota,
            name=site.name,
            site=site,
            zone=site.zone,
            unit="weekly",
            anchor=datetime.combine(monday - timedelta(weeks=ANCHOR_WEEKS), start, tzinfo=zone),
        )
        LayerWindow.objects.create(layer=layer, weekdays=list(range(7)), start=start, end=end)
        people = User.objects.filter(teams=team, site=site, role="responder").order_by("pk")
        for turn, user in enumerate(people):
            LayerMember.objects.create(layer=layer, user=user, turn=turn)
    return rota


def _overrides(l1: Rota, l2: Rota, lead: User, now: datetime) -> None:
    day = now.replace(hour=8, minute=15, second=0, microsecond=0)
    people = {user.email.split("@")[0]: user for user in User.objects.all()}
    # Both of Nairobi's L1 are there tomorrow, whoever has the week.
    for mailbox in ("brian.otieno", "faith.chebet"):
        Override.objects.create(
            rota=l1,
            starts_at=day + timedelta(days=1),
            ends_at=day + timedelta(days=1, hours=8),
            user=people[mailbox],
            reason="Release of xgb-cnp v3.18.0: two on call",
            created_by=lead,
            created_at=now - timedelta(days=3),
        )
    Override.objects.create(
        rota=l2,
        starts_at=day + timedelta(days=4, hours=8),
        ends_at=day + timedelta(days=4, hours=16),
        user=people["samuel.kiptoo"],
        replaces=people["andres.pardo"],
        reason="Andrés travels",
        created_by=people["andres.pardo"],
        created_at=now - timedelta(days=5),
    )


def _steps(policy: EscalationPolicy, steps: list[tuple[int, Rota | User]]) -> None:
    for position, (wait, target) in enumerate(steps, start=1):
        step = PolicyStep.objects.create(policy=policy, position=position, wait_minutes=wait)
        if isinstance(target, Rota):
            StepTarget.objects.create(step=step, kind="on_call", rota=target)
        else:
            StepTarget.objects.create(step=step, kind="person", user=target)


def _personal_rules() -> None:
    for mailbox, urgency, rules in (
        ("responder", "urgent", [("in_app", 0), ("email", 0)]),
        ("brian.otieno", "urgent", [("in_app", 0), ("email", 2)]),
        ("prakash.adhikari", "urgent", [("email", 0), ("in_app", 0)]),
        ("lead", "ordinary", [("in_app", 0), ("email", 10)]),
    ):
        user = User.objects.get(email=f"{mailbox}@demo.mainstay")
        PersonalRule.objects.bulk_create(
            PersonalRule(user=user, urgency=urgency, channel=channel, delay_minutes=delay, position=place)
            for place, (channel, delay) in enumerate(rules)
        )


def _contact_points(now: datetime) -> None:
    """Further addresses, verified long ago, and rules that use them. All at example hosts: nothing ever leaves."""
    for mailbox, kind, name, address, hint, minutes in (
        ("lead", "apprise", "Phone", "ntfys://ntfy.example.org/mainstay-lead", "ntfy · 5d1e", 2),
        (
            "responder",
            "webhook",
            "Team chat bridge",
            "https://hooks.example.com/mainstay",
            "hooks.example.com",
            1,
        ),
        ("responder", "email", "Private mailbox", "grace.wanjiku@example.net", "gr***@example.net", 5),
        ("brian.otieno", "apprise", "Phone", "ntfys://ntfy.example.org/mainstay-brian", "ntfy · 90c2", 3),
    ):
        user = User.objects.get(email=f"{mailbox}@demo.mainstay")
        point = ContactPoint.objects.create(
            user=user,
            kind=kind,
            name=name,
            address_sealed=seal(address),
            address_digest=digest(f"{kind}:{address}"),
            hint=hint,
            # made anew each time the demo is loaded
            secret_sealed=seal(new_secret()) if kind == "webhook" else "",
            state="verified",
            state_at=now - timedelta(days=60),
            created_at=now - timedelta(days=60),
        )
        if not user.notification_rules.filter(urgency="urgent").exists():
            for place, channel in enumerate(("in_app", "email")):
                PersonalRule.objects.create(user=user, urgency="urgent", channel=channel, position=place)
        PersonalRule.objects.create(
            user=user,
            urgency="urgent",
            channel=kind,
            contact=point,
            delay_minutes=minutes,
            position=user.notification_rules.filter(urgency="urgent").count(),
        )
