"""Calendars, agreements, clients, services and models of the demo."""

# ruff: noqa: E501 - tables, one row a line

from datetime import datetime, timedelta

from accounts.models import Team, User
from config.demo.agreements import load_agreements, load_carta, load_underpinning
from services.models import (
    BusinessCalendar,
    CalendarException,
    CalendarFrame,
    Client,
    ClientMember,
    MLModel,
    ModelVersion,
    Service,
)

MORNING, NOON, ONE, EVENING = 8 * 60, 12 * 60, 13 * 60, 17 * 60
WEEKDAYS = range(5)

# slug, name, zone, country, subdivision, frames in local minutes (none: 24×7)
CalendarRow = tuple[str, str, str, str, str, list[tuple[int, int]]]
CALENDARS: list[CalendarRow] = [
    ("always", "24×7", "UTC", "", "", []),
    ("bogota-office", "Bogotá office hours", "America/Bogota", "CO", "", [(MORNING, NOON), (ONE, EVENING)]),
    ("nairobi-office", "Nairobi office hours", "Africa/Nairobi", "KE", "", [(MORNING, EVENING)]),
    ("kathmandu-office", "Kathmandu office hours", "Asia/Kathmandu", "NP", "", [(9 * 60 + 15, 17 * 60 + 15)]),
    ("london-bank", "London bank hours", "Europe/London", "GB", "ENG", [(8 * 60, 18 * 60)]),
]

# slug, name, zone, mailbox of its contact, notes
CLIENTS = [
    ("lumen-bank", "Lumen Bank", "America/Bogota", "client", "Regulated: every SEV1 needs a written cause within five days."),
    ("harvest-foods", "Harvest Foods", "Europe/London", "oliver.marsh", "Orders are placed at 05:00 UK; forecasts after that are of no use."),
    ("orbita-telecom", "Orbita Telecom", "America/Bogota", "rosa.medina", "Campaigns start on Mondays."),
    ("carta-assurance", "Carta Assurance", "Europe/London", "", "Claims are heaviest after storms."),
]  # fmt: skip

# slug, name, client, tier, kind, agreement, parties, summary, model, task, version
SERVICES = [
    ("fraud-scorer", "Fraud scorer", "lumen-bank", 1, "online", "gold", ["ml-engineering", "platform-ops"], "Scores card payments within 80 ms.", "xgb-cnp", "classification", "v3.17.4"),
    ("demand-forecast", "Demand forecast", "harvest-foods", 1, "batch", "gold", ["ml-engineering"], "Orders for 1,840 stores, every night.", "tft-stores", "forecast", "v2.9.1"),
    ("feature-store", "Feature store", "", 1, "platform", "standard", ["platform-ops"], "Fresh features for every online model.", "", "", ""),
    ("doc-extract", "Document extraction", "carta-assurance", 2, "pipeline", "silver", ["ml-engineering", "docuvision"], "Reads invoices and claims into fields.", "layout-ie", "extraction", "v1.12.0"),
    ("label-join", "Label join", "", 3, "pipeline", "standard", ["ml-engineering"], "Joins outcomes to predictions, so that quality is known.", "", "", ""),
    ("kyc-match", "KYC match", "lumen-bank", 1, "online", "gold", ["ml-engineering"], "Matches a face to a document at sign-up.", "kyc-face", "matching", "v2.2.0"),
    ("batch-orchestrator", "Batch orchestrator", "", 2, "platform", "standard", ["platform-ops"], "Runs training and scoring jobs.", "", "", ""),
    ("churn-propensity", "Churn propensity", "orbita-telecom", 2, "batch", "bronze", ["ml-engineering"], "Who may leave next month, for campaigns.", "churn-gbm", "classification", "v11.4"),
    ("reco-home", "Home recommendations", "orbita-telecom", 2, "online", "bronze", ["ml-engineering"], "Orders the tiles of the app's first page.", "two-tower", "ranking", "v5.0.2"),
    ("triage-ranker", "Triage ranker", "carta-assurance", 2, "online", "silver", ["ml-engineering"], "Puts urgent letters on top.", "letters-rank", "ranking", "v1.6.3"),
    ("claims-triage", "Claims triage", "carta-assurance", 2, "annotation", "silver", ["docuvision"], "People check what the models doubt.", "claims-tier", "classification", "v0.9.8"),
    ("price-elasticity", "Price elasticity", "harvest-foods", 3, "batch", "silver", ["ml-engineering"], "How demand answers to price, weekly.", "elastic-hb", "regression", "v1.3.0"),
]  # fmt: skip


def load_catalogue(now: datetime) -> None:
    """Everything that is promised, to whom, about what."""
    calendars = {row[0]: _calendar(row) for row in CALENDARS}
    CalendarException.objects.create(
        calendar=calendars["bogota-office"], date=(now + timedelta(days=12)).date(), reason="Inventory day"
    )
    agreements = load_agreements(calendars)
    clients = {}
    for slug, name, zone, mailbox, notes in CLIENTS:
        clients[slug] = Client.objects.create(slug=slug, name=name, zone=zone, notes=notes)
        if mailbox:
            contact = User.objects.get(email=f"{mailbox}@demo.mainstay")
            ClientMember.objects.create(client=clients[slug], user=contact)
    teams = {team.slug: team for team in Team.objects.all()}
    load_underpinning(calendars, teams)
    load_carta(agreements, clients, User.objects.get(email="lead@demo.mainstay"), now)
    offices = {"lumen-bank": "bogota-office", "orbita-telecom": "bogota-office"}
    for slug, name, client, tier, kind, agreement, parties, summary, model, task, version in SERVICES:
        service = Service.objects.create(
            slug=slug,
            name=name,
            summary=summary,
            client=clients.get(client),
            tier=tier,
            kind=kind,
            owning_team=teams["l1-support"],
            support_calendar=calendars[offices.get(client, "london-bank" if client else "nairobi-office")],
            agreement=None if agreement == "standard" else agreements[agreement],
        )
        service.parties.set([teams[party] for party in parties])
        if model:
            _model(service, model, task, version, now)


def _calendar(row: CalendarRow) -> BusinessCalendar:
    slug, name, zone, country, subdivision, frames = row
    calendar = BusinessCalendar.objects.create(
        slug=slug, name=name, zone=zone, country=country, subdivision=subdivision, always_open=not frames
    )
    # the working week of Kathmandu begins on Sunday
    days = [6, 0, 1, 2, 3] if zone == "Asia/Kathmandu" else WEEKDAYS
    CalendarFrame.objects.bulk_create(
        CalendarFrame(calendar=calendar, weekday=day, opens=opens, closes=closes)
        for day in days
        for opens, closes in frames
    )
    return calendar


def _model(service: Service, name: str, task: str, version: str, now: datetime) -> None:
    model = MLModel.objects.create(service=service, name=name, task=task)
    head, last = version.rsplit(".", 1)
    ModelVersion.objects.create(
        model=model,
        version=version,
        stage="champion",
        trained_at=now - timedelta(days=41),
        promoted_at=now - timedelta(days=33),
    )
    ModelVersion.objects.create(
        model=model,
        version=f"{head}.{max(0, int(last) - 1)}-prev",
        stage="archived",
        trained_at=now - timedelta(days=130),
        promoted_at=now - timedelta(days=120),
    )
    if service.slug in {"churn-propensity", "fraud-scorer"}:
        nxt = "v12.0" if service.slug == "churn-propensity" else "v3.18.0"
        ModelVersion.objects.create(
            model=model, version=nxt, stage="canary", trained_at=now - timedelta(days=6)
        )
