"""Agreements of the demo: with clients, between teams, with a partner."""

# ruff: noqa: E501 - tables, one row a line

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Team, User
from core.types import person
from services.domain.agreements import draft, publish
from services.models import (
    Agreement,
    AgreementScope,
    AgreementTarget,
    AgreementVersion,
    BusinessCalendar,
    Client,
    WarningRung,
)

BEGINNING = datetime(2015, 1, 1, tzinfo=UTC)
GOALS = {"SEV1": Decimal(99), "SEV2": Decimal(97), "SEV3": Decimal(95), "SEV4": Decimal(90)}

# slug, name, calendar, for services that name none, client, acknowledge and resolve in business minutes
SLAS: list[tuple[str, str, str, bool, dict[str, tuple[int, int]]]] = [
    ("gold", "Gold, 24×7", "always", False, {"SEV1": (5, 60), "SEV2": (15, 240), "SEV3": (60, 1440), "SEV4": (240, 4320)}),
    ("silver", "Silver, London bank hours", "london-bank", False, {"SEV1": (15, 240), "SEV2": (30, 480), "SEV3": (120, 1200), "SEV4": (480, 3000)}),
    ("bronze", "Bronze, Bogotá office hours", "bogota-office", False, {"SEV1": (30, 480), "SEV2": (60, 960), "SEV3": (240, 2400), "SEV4": (480, 4800)}),
    ("standard", "Standard, 24×7", "always", True, {"SEV1": (10, 240), "SEV2": (30, 480), "SEV3": (120, 2880), "SEV4": (480, 7200)}),
]  # fmt: skip

# minutes to the first word to the client, and from word to word
WORDS = {"gold": {"SEV1": (15, 30), "SEV2": (30, 60)}, "silver": {"SEV1": (30, 60), "SEV2": (60, 120)}}

# slug, name, kind, party, team, calendar, severity -> acknowledge minutes, (mode, amount) to give it back
INSIDE: list[tuple[str, str, str, str, str, str, dict[str, tuple[int, tuple[str, int]]]]] = [
    ("ola-l2", "L2 for L1", "ola", "l2", "", "always", {"SEV1": (5, ("business", 60)), "SEV2": (15, ("business", 180)), "SEV3": (60, ("business", 720)), "SEV4": (240, ("business", 2880))}),
    ("ola-ml-engineering", "ML Engineering for Support", "ola", "engineering", "ml-engineering", "nairobi-office", {"SEV1": (30, ("elapsed", 240)), "SEV2": (60, ("business", 480)), "SEV3": (240, ("business_days", 3)), "SEV4": (480, ("business_days", 10))}),
    ("ola-platform-ops", "Platform Ops for Support", "ola", "platform_ops", "platform-ops", "nairobi-office", {"SEV1": (15, ("elapsed", 120)), "SEV2": (30, ("business", 240)), "SEV3": (240, ("business_days", 2)), "SEV4": (480, ("business_days", 5))}),
    ("uc-docuvision", "DocuVision, support contract", "uc", "partner", "docuvision", "london-bank", {"SEV1": (60, ("business", 240)), "SEV2": (120, ("next_day", 16)), "SEV3": (240, ("business_days", 3)), "SEV4": (480, ("business_days", 10))}),
]  # fmt: skip


def load_agreements(calendars: Mapping[str, BusinessCalendar]) -> dict[str, Agreement]:
    """What is promised to clients; by slug."""
    found = {}
    for slug, name, calendar, default, minutes in SLAS:
        made = found[slug] = Agreement.objects.create(slug=slug, name=name, is_default=default)
        version = _version(made, calendars[calendar])
        for severity, pair in minutes.items():
            _targets(version, slug, severity, pair)
        _ladder(version)
    return found


def load_underpinning(calendars: Mapping[str, BusinessCalendar], teams: Mapping[str, Team]) -> None:
    """What Engineering, Platform Ops, L2 and the partner promise to Support."""
    for slug, name, kind, party, team, calendar, promised in INSIDE:
        made = Agreement.objects.create(
            slug=slug,
            name=name,
            kind=kind,
            provider=party,
            provider_team=teams.get(team),
            receiver="l1",
            is_default=True,
        )
        version = _version(made, calendars[calendar])
        for severity, (acknowledge, (mode, amount)) in promised.items():
            _target(version, severity, "acknowledge", minutes=acknowledge, is_pausable=False)
            how: dict[str, Any] = {"minutes": amount}
            if mode == "business_days":
                how = {"days": amount}
            elif mode == "next_day":
                how = {"at": time(amount)}
            _target(version, severity, "resolve", mode=mode, **how)
        WarningRung.objects.create(
            version=version, kind="resolve", unit="before", amount=30, act="notify", whom="party"
        )


def load_carta(
    agreements: Mapping[str, Agreement], clients: Mapping[str, Client], lead: User, now: datetime
) -> None:
    """One that is made with a client covers all of theirs; its next version begins with the next quarter."""
    silver = agreements["silver"]
    AgreementScope.objects.create(agreement=silver, client=clients["carta-assurance"])
    version = draft(silver, actor=person(lead), now=now - timedelta(days=9))
    version.targets.filter(severity="SEV1", kind="resolve").update(minutes=180)
    version.targets.filter(severity="SEV4", kind="resolve").update(mode="business_days", minutes=None, days=5)
    WarningRung.objects.create(
        version=version, severity="SEV1", kind="resolve", unit="percent", amount=90, act="escalate"
    )
    first = datetime(now.year + 1, 1, 1, tzinfo=UTC)
    publish(
        version,
        actor=person(lead),
        now=now - timedelta(days=8),
        valid_from=first,
        note="SEV1 in three hours, SEV4 in five business days",
    )


def _version(agreement: Agreement, calendar: BusinessCalendar) -> AgreementVersion:
    return AgreementVersion.objects.create(
        agreement=agreement, number=1, state="published", valid_from=BEGINNING, published_at=BEGINNING, calendar=calendar,
        credits_text="" if agreement.kind != "sla" else "5 % of the month’s fee for each point under the goal, at most 25 %.",
    )  # fmt: skip


def _targets(version: AgreementVersion, slug: str, severity: str, pair: tuple[int, int]) -> None:
    acknowledge, resolve = pair
    goal = GOALS[severity]
    _target(version, severity, "acknowledge", minutes=acknowledge, is_pausable=False, goal_percent=goal)
    _target(
        version,
        severity,
        "resolve",
        minutes=resolve,
        goal_percent=goal,
    )
    if severity in WORDS.get(slug, {}):
        first, cadence = WORDS[slug][severity]
        _target(version, severity, "first_update", minutes=first, is_pausable=False)
        _target(version, severity, "next_update", minutes=cadence)
        _target(version, severity, "mitigate", minutes=resolve * 3 // 4, stops_for=["client"])
        _target(version, severity, "rca", mode="business_days", days=5, is_pausable=False)
        _target(version, severity, "action", mode="business_days", days=20, is_pausable=False)


def _target(version: AgreementVersion, severity: str, kind: str, **fields: Any) -> None:
    AgreementTarget.objects.create(version=version, severity=severity, kind=kind, **fields)


def _ladder(version: AgreementVersion) -> None:
    rungs = [
        {"kind": "next_update", "unit": "before", "amount": 5, "act": "remind"},
        {
            "kind": "resolve",
            "severity": "SEV1",
            "unit": "percent",
            "amount": 50,
            "act": "notify",
            "whom": "lead",
        },
        {"kind": "resolve", "unit": "after", "amount": 60, "act": "notify", "whom": "leads"},
    ]
    WarningRung.objects.bulk_create(WarningRung(version=version, **rung) for rung in rungs)
