"""The operating model of the demo: who the parties are, what some services do otherwise, what hangs on what, work handed on."""

import random
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from accounts.models import Team, User
from config.demo import DEMO_LEAD, SEED
from core.types import person
from incidents.choices import ENDED_STATES, OPEN_STATES, EntryKind
from incidents.domain import lifecycle
from incidents.models import Entry, HandOff, Incident, PartyInterval
from services.domain import operating_model, readiness
from services.domain.responsibilities import set_letters
from services.models import Dependency, PartyTerms, ReadinessDay, Service

# upstream, downstream, kind, critical, what is taken
DEPENDENCIES = [
    ("feature-store", "fraud-scorer", "data", True, "merchant and card features"),
    ("feature-store", "kyc-match", "data", False, "device history"),
    ("feature-store", "reco-home", "data", True, "tastes and freshness"),
    ("feature-store", "churn-propensity", "data", True, "usage of 30 days"),
    ("batch-orchestrator", "demand-forecast", "compute", True, "nightly run, 03:00 UTC"),
    ("batch-orchestrator", "churn-propensity", "compute", True, "weekly scoring"),
    ("batch-orchestrator", "price-elasticity", "compute", True, "weekly fit"),
    ("batch-orchestrator", "feature-store", "compute", False, "materialisation"),
    ("batch-orchestrator", "label-join", "compute", True, "hourly join"),
    ("doc-extract", "claims-triage", "data", True, "nine fields of a claim"),
    ("doc-extract", "triage-ranker", "data", False, "letter type and sender"),
    ("claims-triage", "label-join", "data", False, "human decisions"),
    ("label-join", "fraud-scorer", "data", False, "outcomes, for quality only"),
    ("kyc-match", "fraud-scorer", "identity", False, "verified identity"),
    ("price-elasticity", "demand-forecast", "data", False, "price response"),
]  # fmt: skip

# what these services do otherwise than the template
OWN: dict[str, dict[str, dict[str, str]]] = {
    "fraud-scorer": {
        "model-rollback": {"l1": "C", "l2": "R", "engineering": "A", "client": "I"},
        "client-communication": {"l1": "C", "l2": "RA", "client": "I"},
    },
    "doc-extract": {
        "retrain": {"l2": "C", "engineering": "A", "partner": "R", "client": "C"},
        "vendor-ticket": {"l1": "I", "l2": "RA", "partner": "R"},
    },
    "claims-triage": {"quality-decision": {"l2": "I", "partner": "R", "client": "A"}},
}
OWN_TERMS: list[dict[str, Any]] = [
    {
        "service": "doc-extract",
        "party": "partner",
        "team": "docuvision",
        "authority": ["retrain", "change_data"],
        "scope_in": "Reading engine, labelling of new layouts, field models.",
        "scope_out": "Client contact; anything with names of insured people in it.",
        "entry": "Misses come from a layout or from the engine, with twenty pages as a sample.",
        "evidence": [
            {"key": "sample", "label": "Pages without personal data", "required": True},
            {"key": "fields", "label": "Which fields are read wrongly, and how often", "required": True},
            {"key": "ticket", "label": "Ticket at DocuVision", "required": False},
        ],
        "timebox_minutes": 1440,
        "out_of_hours": "Weekdays 08:00–18:00 London; SEV1 by phone.",
        "return_path": "Back to L2 with a model version to compare.",
    },
    {
        "service": "fraud-scorer",
        "party": "l1",
        "authority": ["restart", "drain", "declare_major"],
        "scope_in": "First look; fall back to the rule set by runbook; call the bank's fraud desk.",
        "scope_out": "Thresholds and models: a regulated decision.",
        "entry": "Everything comes to L1 first.",
        "evidence": [],
        "timebox_minutes": 10,
        "out_of_hours": "Around the clock.",
        "hands_to": "l2",
        "return_path": "",
    },
]
BROUGHT = {
    "l2": [
        ("symptom", "What is seen, since when, by whom", "Latency p99 three times the usual, seen by the gateway alert"),
        ("runbook", "Which runbook was followed, and where it ended", "Followed to step 4: the restart changed nothing"),
    ],
    "engineering": [
        ("reproduction", "How to reproduce it, or one failing request", "https://git.example.com/repro/requests/412"),
        ("logs", "Logs or traces of the time", "https://logs.example.com/q/7f3a"),
        ("tried", "What was tried and what it changed", "Rolled back one version: no change"),
    ],
}  # fmt: skip
BOUNCES = (
    "The trace is of another hour: please add the one of the alert.",
    "Step 5 of the runbook solves this; it was not tried.",
    "No release and no data change on our side in that week; looks like the network.",
)


def load_operating(now: datetime) -> None:
    """Parties, own rows, dependencies, version 1, hand-offs of the history, and one look by all standards."""
    teams = {team.slug: team for team in Team.objects.all()}
    services = {service.slug: service for service in Service.objects.all()}
    lead = User.objects.get(email=DEMO_LEAD)
    for party, slug in (
        ("l1", "l1-support"), ("l2", "l2-support"), ("engineering", "ml-engineering"), ("platform_ops", "platform-ops"),
    ):  # fmt: skip
        PartyTerms.objects.filter(party=party, service=None).update(team=teams[slug])
    for slug in ("ml-engineering", "platform-ops", "docuvision"):
        teams[slug].lead = teams[slug].members.order_by("pk").first()
        teams[slug].save(update_fields=["lead"])
    for slug, wanted in OWN.items():
        set_letters(services[slug], wanted, actor=person(lead), now=now - timedelta(days=60))
    for row in OWN_TERMS:
        values = {**row, "service": services[row["service"]], "team": teams.get(row.get("team", ""))}
        PartyTerms.objects.create(**values)
    Dependency.objects.bulk_create(
        Dependency(upstream=services[up], downstream=services[down], kind=kind, critical=critical, note=note)
        for up, down, kind, critical, note in DEPENDENCIES
    )
    operating_model.publish(
        note="First version: agreed with Engineering, Platform Ops and DocuVision",
        actor=person(lead),
        now=now - timedelta(days=45),
    )
    # agreed since, not published yet
    set_letters(
        services["kyc-match"],
        {"model-rollback": {"l1": "R", "l2": "A", "engineering": "C", "client": "I"}},
        actor=person(lead),
        now=now - timedelta(days=3),
    )
    _handed_on(lead, now)
    _handed_now(now)
    readiness.check_all(now)
    _days_before(services, now)


def _handed_on(lead: User, now: datetime) -> None:
    """Where work of the history went from L1 to L2 it was handed on; now and then it was given back first."""
    chance = random.Random(SEED)
    people = {user.email.split("@")[0]: user for user in User.objects.all()}
    second = [people[name] for name in ("responder", "samuel.kiptoo", "prakash.adhikari", "andres.pardo")]
    held: dict[int, list[PartyInterval]] = {}
    ended = PartyInterval.objects.filter(incident__state__in=ENDED_STATES)
    for row in ended.select_related("incident__owner", "team").order_by("incident", "starts_at", "pk"):
        held.setdefault(row.incident_id, []).append(row)
    past = _Past()
    for rows in held.values():
        for before, after in pairwise(rows):
            if (before.party, after.party) != ("l1", "l2"):
                continue
            giver = after.incident.owner or lead
            taker = chance.choice([person_ for person_ in second if person_ != giver])
            if chance.random() < 0.15:
                past.bounce(before, after, giver, taker, chance.choice(BOUNCES))
            stops = rows[-1].ends_at or now
            past.hand_off(before, after, giver, taker, stops, returned=chance.random() < 0.1)
    past.write()


class _Past:
    """Rows of hand-offs that were, written together."""

    def __init__(self) -> None:
        self._made: list[HandOff] = []
        self._lines: list[Entry] = []
        self._shortened: list[PartyInterval] = []
        self._between: list[PartyInterval] = []

    def hand_off(
        self,
        before: PartyInterval,
        after: PartyInterval,
        giver: User,
        taker: User,
        stops: datetime,
        *,
        returned: bool,
    ) -> None:
        at = after.starts_at
        taken = at + min(timedelta(minutes=6), (stops - at) / 2)
        made = _hand_off(before, after, giver, at, accepted_at=taken, accepted_by=taker, ended_at=stops)
        made.returned_at = stops if returned else None
        self._made.append(made)
        self._lines.append(_line(after.incident, taker, taken, f"{taker} took it over for L2"))

    def bounce(
        self, before: PartyInterval, after: PartyInterval, giver: User, taker: User, reason: str
    ) -> None:
        """Some minutes before it was taken it had been given back."""
        length = after.starts_at - before.starts_at
        given, back = after.starts_at - length / 2, after.starts_at - length / 4
        self._made.append(
            _hand_off(before, after, giver, given, ended_at=back, bounced_at=back, bounced_by=taker, bounce_reason=reason)
        )  # fmt: skip
        text = f"{taker} gave it back to L1: {reason}"
        self._lines.append(_line(after.incident, taker, back, text))
        for source, start, end in ((after, given, back), (before, back, after.starts_at)):
            self._between.append(
                PartyInterval(
                    incident=after.incident,
                    party=source.party,
                    team=source.team,
                    starts_at=start,
                    ends_at=end,
                )
            )
        before.ends_at = given
        self._shortened.append(before)

    def write(self) -> None:
        PartyInterval.objects.bulk_update(self._shortened, ["ends_at"], batch_size=500)
        PartyInterval.objects.bulk_create(self._between, batch_size=500)
        HandOff.objects.bulk_create(self._made, batch_size=500)
        Entry.objects.bulk_create(self._lines, batch_size=1000)


def _handed_now(now: datetime) -> None:
    """Three of today's incidents, through the real verbs: taken over, waiting for Engineering, given back."""
    people = {user.email.split("@")[0]: user for user in User.objects.all()}
    l2 = {key: given for key, _label, given in BROUGHT["l2"]}
    engineering = {key: given for key, _label, given in BROUGHT["engineering"]}
    beats: list[tuple[str, float, str, str, dict[str, Any]]] = [
        ("demand-forecast", 50, "hand_off", "brian.otieno", {"party": "l2", "evidence": l2}),
        ("demand-forecast", 44, "accept_hand_off", "responder", {}),
        ("kyc-match", 18, "hand_off", "samuel.kiptoo",
         {"party": "engineering", "evidence": engineering, "note": "A phone maker's sale shifts device_age; do we retrain?"}),
        ("reco-home", 40, "hand_off", "faith.chebet", {"party": "l2", "evidence": l2}),
        ("reco-home", 33, "bounce_hand_off", "samuel.kiptoo", {"reason": BOUNCES[1]}),
    ]  # fmt: skip
    for slug, ago, verb, who, inputs in beats:
        incident = Incident.objects.filter(service__slug=slug, state__in=OPEN_STATES).latest("pk")
        act: Any = getattr(lifecycle, verb)
        act(incident, actor=person(people[who]), now=now - timedelta(minutes=ago), **inputs)


def _hand_off(
    before: PartyInterval, after: PartyInterval, giver: User, at: datetime, **fields: Any
) -> HandOff:
    return HandOff(
        incident=after.incident,
        from_party=before.party,
        from_team=before.team,
        to_party=after.party,
        to_team=after.team,
        evidence=[{"key": key, "label": label, "given": given} for key, label, given in BROUGHT[after.party]],
        at=at,
        by=giver,
        by_name=str(giver),
        **fields,
    )


def _line(incident: Incident, who: User, at: datetime, text: str) -> Entry:
    return Entry(
        incident=incident,
        kind=EntryKind.PARTY,
        happened_at=at,
        recorded_at=at,
        actor_kind="person",
        actor=who,
        actor_name=str(who),
        text=text,
    )


def _days_before(services: dict[str, Service], now: datetime) -> None:
    """Four weeks of looks before today's: every service came a little nearer."""
    chance, today = random.Random(SEED), now.date()
    rows: list[ReadinessDay] = []
    for last in ReadinessDay.objects.filter(day=today, service__in=services.values()):
        met = last.met
        for back in range(1, 29):
            met = max(1, met - (chance.random() < 0.09) + (chance.random() < 0.03))
            day: date = today - timedelta(days=back)
            rows.append(
                ReadinessDay(
                    service_id=last.service_id, day=day, met=min(met, last.applied), applied=last.applied
                )
            )
    ReadinessDay.objects.bulk_create(rows, ignore_conflicts=True)
