"""Two clients who must not see each other, and one of everything that could leak."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.test import Client

from accounts.domain import action_links, links, tokens
from accounts.models import User
from core import clock
from core.crypto import seal
from core.types import SYSTEM, person
from incidents.domain import correcting, replanning
from incidents.models import ClockCorrection, Incident, Replanning
from monitoring.domain.integrations import save_new
from monitoring.models import Alert, Integration, RawDelivery
from notifications.models import ContactPoint, Message
from rotas.domain import escalation
from rotas.domain.feeds import begin_feed
from rotas.models import (
    EscalationPolicy,
    EscalationRun,
    Handover,
    HandoverItem,
    Leave,
    Override,
    Rota,
    Shadow,
    Swap,
)
from runbooks.models import Runbook, RunbookStep
from services.domain import maintenance
from services.domain.operating_model import publish
from services.models import (
    Activity,
    Dependency,
    ImpactWindow,
    MaintenanceWindow,
    MLModel,
    ModelVersion,
    Objective,
    OperatingModelVersion,
    PartyTerms,
    ReadinessResult,
    Service,
)
from tests import make
from tests.rotas import make as rota_make

SECRET = "zebra-crossing"  # stands in every text of client A, and nowhere else


@dataclass
class World:
    """`service`, `incident`, `alert` and `model` are client A's; `ours` and `theirs` are people of A and of B."""

    people: dict[str, User]
    keys: dict[str, str]
    service: Service
    other_service: Service
    incident: Incident
    other_incident: Incident
    alert: Alert
    unrouted: Alert
    integration: Integration
    delivery: RawDelivery
    rota: Rota
    override: Override
    shadow: Shadow  # of the responder, running
    policy: EscalationPolicy
    run: EscalationRun
    handover: Handover  # a draft, from the responder to the lead
    handover_item: HandoverItem
    runbook: Runbook
    model: MLModel
    version: ModelVersion
    activity: Activity
    terms: PartyTerms  # of L2 for client A's service
    dependency: Dependency  # of client A's service on an internal one
    readiness: ReadinessResult  # of client A's service, failing
    published: OperatingModelVersion
    message: Message  # to the responder, failed by e-mail
    letter: Message  # to the responder, in the inbox
    contact: ContactPoint  # the responder's, verified
    objective: Objective
    window: MaintenanceWindow  # planned for tomorrow
    impact: ImpactWindow
    swap: Swap  # from a responder who plays no part to another
    leave: Leave  # of the first
    correction: ClockCorrection  # asked by the lead, of client A's incident
    replanning: Replanning
    token_pk: int = 0
    link: str = ""
    feed_pk: int = 0  # the responder's own calendar
    feed_secret: str = ""

    def action_token(self, person: str) -> str:
        """A signed link of that person to acknowledge client A's incident."""
        link = action_links.ActionLink(
            "incident.acknowledge", self.incident.ref, self.people[person].pk, self.message.pk, clock.now()
        )
        return action_links.token_of(link)


def build() -> World:
    """One world, made through the real verbs where there are some."""
    now = clock.now()
    people = {role: make.user(role, site=make.site()) for role in ("responder", "lead", "administrator")}
    people["ours"], people["theirs"] = make.user("stakeholder"), make.user("stakeholder")
    robot = make.user("service")
    keys = {
        "robot": tokens.issue(robot, "robot", ["read", "write"], None, now)[1],
        "reader": tokens.issue(people["responder"], "reader", ["read"], None, now)[1],
    }
    ours = make.client_(members=(people["ours"],), name=f"Bank {SECRET}", slug=f"bank-{SECRET}")
    service = make.service(client=ours, name=f"Scorer {SECRET}", slug=f"scorer-{SECRET}")
    other = make.service(client=make.client_(members=(people["theirs"],)))
    incident = make.incident(service=service, title=f"Down {SECRET}", now=now)
    integration = save_new(Integration(name="Tool", source="generic"), actor=SYSTEM, now=now)
    rota = rota_make.rota(people["responder"])
    policy = rota_make.policy(people["responder"])
    feed, feed_secret = begin_feed(people["responder"], None, actor=SYSTEM, now=now)
    handover = rota_make.handover(rota, [people["responder"]], [people["lead"]], at=now)
    model = make.model(service, name=f"model-{SECRET}")
    internal = make.service(slug="store")
    activity, _ = Activity.objects.get_or_create(slug="paint", defaults={"name": "Paint", "group": "run"})
    runbook = Runbook.objects.create(
        slug="restart", title="Restart", body="Restart it.", created_at=now, updated_at=now
    )
    runbook.services.add(service)
    RunbookStep.objects.create(runbook=runbook, position=1, text="Look")
    return World(
        people=people,
        keys=keys,
        service=service,
        other_service=other,
        incident=incident,
        other_incident=make.incident(service=other, now=now),
        alert=make.alert(service, integration=integration, title=f"Late {SECRET}", at=now),
        unrouted=make.alert(None, integration=integration, at=now),
        integration=integration,
        delivery=RawDelivery.objects.create(
            integration_id=integration.pk,
            received_at=now,
            body=b"{",
            state="parked",
            reason="not JSON",
            expires_at=now + timedelta(days=1),
        ),
        rota=rota,
        override=rota_make.override(rota, now, now + timedelta(hours=1), user=people["lead"]),
        shadow=Shadow.objects.create(
            rota=rota,
            user=people["responder"],
            starts_at=now - timedelta(hours=1),
            ends_at=now + timedelta(hours=1),
            created_at=now,
        ),
        policy=policy,
        run=EscalationRun.objects.filter(subject_id=incident.pk).first()
        or escalation.start("incident", incident.pk, policy, now=now),
        handover=handover,
        handover_item=rota_make.item(handover, f"Down {SECRET}"),
        runbook=runbook,
        model=model,
        version=ModelVersion.objects.create(model=model, version=f"v1-{SECRET}"),
        correction=_correction(incident, people["lead"], now),
        replanning=replanning.ask(
            actor=person(people["lead"]),
            now=now,
            how="keep",
            reason=f"Because of {SECRET}",
            agreement=service.agreement,
        ),
        activity=activity,
        terms=PartyTerms.objects.create(party="l2", service=service, scope_in=SECRET),
        dependency=Dependency.objects.create(upstream=internal, downstream=service, note=SECRET),
        readiness=ReadinessResult.objects.create(
            service=service, standard="owner", state="fail", evidence=SECRET, since=now, checked_at=now
        ),
        published=publish(note=f"First {SECRET}", actor=SYSTEM, now=now),
        objective=make.objective(service, slug=f"up-{SECRET}", name=f"Up {SECRET}", now=now),
        window=maintenance.plan(
            [service],
            title=f"Disks {SECRET}",
            starts_at=now + timedelta(days=1),
            ends_at=now + timedelta(days=1, hours=1),
            actor=SYSTEM,
            now=now,
        ),
        impact=make.impact(
            service, 5, now=now, incident_id=incident.pk, incident_ref=incident.ref, note=f"Down {SECRET}"
        ),
        message=_message(people["responder"], "email", "failed", now),
        letter=_message(people["responder"], "in_app", "sent", now),
        contact=ContactPoint.objects.create(
            user=people["responder"],
            kind="email",
            address_sealed=seal("second@test.mainstay"),
            address_digest="second",
            hint=f"se***{SECRET}",
            state="verified",
            state_at=now,
            created_at=now,
        ),
        swap=_swap(rota, now),
        leave=Leave.objects.create(
            user=make.user(),
            starts_at=now + timedelta(days=1),
            ends_at=now + timedelta(days=2),
            asked_at=now,
            note=SECRET,
        ),
        token_pk=people["responder"].tokens.get().pk,
        link=links.make_link(people["responder"], now=now),
        feed_pk=feed.pk,
        feed_secret=feed_secret,
    )


def _swap(rota: Rota, now: datetime) -> Swap:
    return Swap.objects.create(
        rota=rota,
        giver=make.user(),
        taker=make.user(),
        starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=2),
        offered_at=now,
        expires_at=now + timedelta(days=1),
    )


def _correction(incident: Incident, lead: User, now: datetime) -> ClockCorrection:
    broken = incident.clocks.get(kind="acknowledge")
    broken.breached_at = broken.due_at
    broken.save(update_fields=["breached_at"])
    return correcting.ask(
        incident, broken.pk, actor=person(lead), now=now, verdict="kept", reason=f"Seen {SECRET}"
    )


def _message(person: User, channel: str, state: str, now: datetime) -> Message:
    return Message.objects.create(
        recipient=person,
        channel=channel,
        kind="incident.page",
        subject=f"Called {SECRET}",
        dedup_key=f"access:{channel}",
        state=state,
        created_at=now,
    )


def caller(role: str, world: World, **options: bool) -> Client:
    """A browser or a program of that role; a server error is an answer 500 here."""
    options.setdefault("raise_request_exception", False)
    if role in world.keys:
        return Client(headers={"Authorization": f"Token {world.keys[role]}"}, **options)
    client = Client(**options)
    if role in world.people:
        client.force_login(world.people[role])
    return client
