"""A real Chromium against the real portal. Engines are ticked by the test, so nothing waits for luck."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import User
from core import clock
from core.types import SYSTEM
from incidents.domain import clocks
from incidents.domain import intake as incident_intake
from incidents.models import Incident
from monitoring.domain import intake as alert_intake
from monitoring.models import Alert
from notifications.domain import delivery
from rotas.domain import escalation
from rotas.models import EscalationPolicy, Layer, LayerMember, Rota
from runbooks.models import Runbook, RunbookStep
from services.domain import maintenance
from tests import make

AXE = (Path(__file__).parent / "vendor/axe-core-4.14.1/axe.min.js").read_text()
PASSWORD = "a long enough password"


def tick() -> None:
    """What one second of worker and beat does: every engine until nothing is due."""
    for engine in (alert_intake, incident_intake, clocks, escalation, delivery):
        while engine.tick(clock.now()):
            pass


@dataclass
class Desk:
    """One signed-in person at one screen. `errors` collects what the console and the policy complain about."""

    page: Page
    base: str
    errors: list[str]
    status: int = 0

    def go(self, path: str) -> Page:
        answer = self.page.goto(self.base + path)
        self.status = answer.status if answer else 0
        return self.page

    def axe(self) -> list[str]:
        """What axe-core finds wrong (WCAG 2.0 to 2.2, A and AA), as lines."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found = self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations'], "
            "runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        )
        return [
            f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def overflow(self) -> int:
        """Pixels that the page is wider than the screen."""
        return self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.fixture
def desk(browser: Browser, live_server, settings) -> Iterator[Callable[..., Desk]]:
    """`desk(user, width=…, theme=…)`: a fresh browser profile, signed in through the real page."""
    settings.MAINSTAY_NUDGES = False
    contexts: list[BrowserContext] = []

    def sit(user: User | None, *, width: int = 1440, theme: str = "light") -> Desk:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        contexts.append(context)
        page = context.new_page()
        made = Desk(page, live_server.url, [])
        page.on("console", lambda said: made.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: made.errors.append(str(error)))
        if user is not None:
            made.go("/sign-in")
            page.fill("input[name=username]", user.email)
            page.fill("input[name=password]", PASSWORD)
            page.click("main button[type=submit]")
            page.wait_for_load_state()
        return made

    yield sit
    for context in contexts:
        context.close()


@dataclass
class World:
    """A small organisation with something on every page."""

    responder: User
    lead: User
    incident: Incident
    alert: Alert
    policy: EscalationPolicy


@pytest.fixture
def world(transactional_db) -> World:
    site = make.site(name="Nairobi", slug="nairobi")
    responder = make.user(name="Grace Wanjiku", site=site, password=PASSWORD)
    lead = make.user("lead", name="Brian Otieno", site=site, password=PASSWORD)
    policy = make.policy(responder, lead)
    team = make.team(members=(responder,), lead=lead, name="L1 support")
    service = make.service(slug="feature-store", name="Feature store", owning_team=team)
    now = clock.now()
    alert = make.alert(service, title="customer_spend_7d is 3 h stale in the online store", at=now)
    tick()
    rota = Rota.objects.create(slug="l1", name="L1 by week", team=team, zone=site.zone)
    layer = Layer.objects.create(rota=rota, name="Nairobi", site=site, zone=site.zone, anchor=now)
    LayerMember.objects.create(layer=layer, user=responder)
    runbook = Runbook.objects.create(slug="stale", title="Stale features", body="## Look\n\nAt the *lag*.")
    RunbookStep.objects.create(runbook=runbook, position=1, text="Find the oldest view")
    runbook.services.add(service)
    objective = make.objective(service, slug="fresh", name="Features are fresh", now=now)
    make.bucket(objective, now - timedelta(days=3), 9_990, 10_000)
    maintenance.plan(
        [service],
        title="Move to faster disks",
        starts_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=2),
        actor=SYSTEM,
        now=now,
    )
    return World(responder, lead, Incident.objects.get(), alert, policy)
