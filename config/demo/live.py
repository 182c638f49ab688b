"""What goes on now: incidents opened and worked through the real verbs, a little while ago."""

# ruff: noqa: E501 - stories, one beat a line

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from core.types import Actor, machine, person
from incidents.domain import clocks, lifecycle
from incidents.models import Incident, IncidentAlert
from monitoring.models import Alert, AlertChange, Integration
from services.models import ModelVersion, Service

Beat = tuple[float, str, str, dict[str, Any]]


@dataclass(frozen=True)
class Story:
    """One incident: opened `ago` minutes back; beats are (minutes after that, verb, whose mailbox, arguments)."""

    slug: str
    severity: str
    ago: int
    title: str
    alert: str
    beats: list[Beat] = field(default_factory=list)


STORIES = [
    Story("label-join", "SEV3", 1560, "Chargeback labels four days late, accuracy unknown", "LabelDelay", [
        (14, "acknowledge", "prakash.adhikari", {}),
        (40, "note", "prakash.adhikari", {"text": "The export stops at 19 November. Without labels nobody can say how good the fraud scores are."}),
        (300, "hold", "prakash.adhikari", {"party": "engineering", "reason": "ML Engineering rebuilds the join on the new export"}),
    ]),
    Story("doc-extract", "SEV3", 424, "Invoice totals: F1 down to 0.91 on a new supplier layout", "FieldF1Low", [
        (22, "acknowledge", "faith.chebet", {}),
        (60, "note", "faith.chebet", {"text": "All misses come from one supplier: the total moved below the signature."}),
        (95, "hold", "faith.chebet", {"party": "client", "reason": "Carta sends twenty samples of the new layout"}),
    ]),
    Story("batch-orchestrator", "SEV4", 335, "GPU quota at 92 percent, training queue grows", "GpuQuota", [
        (35, "investigate", "samuel.kiptoo", {}),
        (70, "note", "samuel.kiptoo", {"text": "Two abandoned notebooks hold eight cards; owners asked."}),
    ]),
    Story("churn-propensity", "SEV3", 190, "Canary of churn v12 answers null for one segment", "CanaryNulls", [
        (18, "acknowledge", "samuel.kiptoo", {}),
        (50, "note", "samuel.kiptoo", {"text": "Prepaid customers without a bill have no tenure; v12 drops the default."}),
        (105, "mitigate", "samuel.kiptoo", {"note": "Canary held at 5 %, prepaid goes to v11.4."}),
    ]),
    Story("kyc-match", "SEV3", 115, "device_age drifts: PSI 0.31 for two hours", "InputDriftPSI", [
        (12, "acknowledge", "samuel.kiptoo", {}),
        (44, "note", "samuel.kiptoo", {"text": "A phone maker's November sale, not a bug. Watching the false non-matches."}),
    ]),
    Story("demand-forecast", "SEV2", 92, "Demand forecast late: 312 of 1,840 stores have no numbers for Tuesday", "ForecastLate", [
        (6, "acknowledge", "brian.otieno", {}),
        (20, "note", "brian.otieno", {"text": "Two executors were lost at 03:10; the missing stores are all in one shard."}),
        (24, "note", "brian.otieno", {"text": "312 stores have no forecast for Tuesday yet. We rerun what is missing; next word within the hour.", "visibility": "client"}),
        (41, "investigate", "brian.otieno", {}),
        (55, "note", "responder", {"text": "Rerunning the shard with twice the memory; about 200 stores done.", "visibility": "client"}),
    ]),
    Story("reco-home", "SEV4", 70, "Embedding index one day old, first tile less fresh", "IndexAge", [
        (25, "acknowledge", "faith.chebet", {}),
    ]),
    Story("fraud-scorer", "SEV1", 38, "Card-not-present fraud scores stuck at the 0.50 fallback", "FraudFallbackShareHigh", [
        (2, "acknowledge", "responder", {}),
        (9, "note", "responder", {"text": "41 % of card-not-present is on the fallback. merchant_risk_30d is null since the 15:50 compaction."}),
        (14, "note", "responder", {"text": "Scores of online payments are less exact at the moment. The rule set protects; next word in 30 minutes.", "visibility": "client"}),
        (26, "note", "brian.otieno", {"text": "Compaction cancelled, cache warms: null share 41 % → 18 %."}),
    ]),
    Story("feature-store", "SEV2", 4, "customer_spend_7d is 3 h stale in the online store", "FeatureStale"),
]  # fmt: skip


def load_live(now: datetime) -> int:
    """Play the stories, oldest first. Returns how many."""
    people = {user.email.split("@")[0]: user for user in User.objects.filter(role__in=["lead", "responder"])}
    door = Integration.objects.filter(source="alertmanager", service=None).earliest("pk")
    for story in STORIES:
        _play(story, people, door, now - timedelta(minutes=story.ago))
    clocks.tick(now)
    _unrouted(door, now)
    return len(STORIES)


def _play(story: Story, people: dict[str, User], door: Integration, opened: datetime) -> None:
    service = Service.objects.get(slug=story.slug)
    alert = _firing(door, service, story, opened)
    incident = lifecycle.open_incident(
        service=service,
        title=story.title,
        source="alert",  # type: ignore[arg-type]
        severity=story.severity,
        actor=machine("Alertmanager"),
        now=opened,
        started_at=opened - timedelta(minutes=3),
        model_version=ModelVersion.objects.filter(model__service=service, stage="champion").first(),
    )
    IncidentAlert.objects.create(incident=incident, alert=alert, linked_at=opened)
    for after, verb, who, arguments in story.beats:
        at = opened + timedelta(minutes=after)
        clocks.tick(at)
        act: Callable[..., Any] = getattr(lifecycle, verb)
        act(_fresh(incident), actor=_person(people[who]), now=at, **arguments)


def _fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def _person(user: User) -> Actor:
    return person(user)


def _firing(door: Integration, service: Service, story: Story, opened: datetime) -> Alert:
    begun = opened - timedelta(seconds=2)
    seen = opened + timedelta(minutes=max(0, story.ago - 2))
    alert = Alert.objects.create(
        integration=door,
        identity=f"demo-now-{story.slug}",
        severity="critical" if story.severity in {"SEV1", "SEV2"} else "warning",
        title=story.title,
        labels={"alertname": story.alert, "service": story.slug, "env": "production"},
        annotations={"summary": story.title},
        service=service,
        service_hint=story.slug,
        starts_at=begun,
        event_at=seen,
        first_seen_at=begun,
        last_seen_at=seen,
        count=1 + story.ago // 5,
    )
    # Handled: the incident is opened here, the engine has nothing to do for it.
    AlertChange.objects.create(alert=alert, kind="fired", at=begun, event_at=begun, handled_at=opened)
    return alert


def _unrouted(door: Integration, now: datetime) -> None:
    """Two alerts that nobody knows the owner of, for the lead to route."""
    for name, pod, minutes in (("PodCrashLooping", "embedder-7f", 26), ("DiskFillsUp", "minio-2", 51)):
        at = now - timedelta(minutes=minutes)
        alert = Alert.objects.create(
            integration=door,
            identity=f"demo-unrouted-{pod}",
            title=f"{name} on {pod}",
            labels={"alertname": name, "pod": pod, "env": "production"},
            service_hint="",
            starts_at=at,
            event_at=at,
            first_seen_at=at,
            last_seen_at=at,
        )
        AlertChange.objects.create(alert=alert, kind="fired", at=at, event_at=at, handled_at=at)
