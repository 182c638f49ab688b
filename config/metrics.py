"""`/metrics`: what Prometheus reads. Open to loopback, else `Authorization: Bearer <MAINSTAY_METRICS_TOKEN>`.

Gauges are worked out when asked, from rows; counters are what the engines counted while working. So it says the
same whichever process answers. docs/operators.md lists every name.
"""

import hmac
import ipaddress
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from core import clock, meter, watch
from core.engines import ENGINES
from core.heartbeat import heartbeat
from core.http.client import client_address
from core.waiting import Waiting
from incidents.choices import OPEN_STATES
from incidents.models import Incident
from monitoring.queries.deliveries import parked_count
from services.choices import Severity


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures in Prometheus' text form; 403 for strangers."""
    if not _may_read(request):
        return HttpResponse("Set MAINSTAY_METRICS_TOKEN and send it as a bearer token.\n", status=403)
    registry = CollectorRegistry()
    registry.register(PortalCollector(clock.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class PortalCollector(Collector):
    """Engines, queues, deliveries, intake and open incidents as of `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterable[Metric]:
        """A few queries an engine, each on its partial index, and one look into Redis."""
        states = watch.look(self.now)
        counted = meter.totals()
        yield from self._beats(states)
        yield from self._waiting(states)
        yield _lateness(counted)
        for name, help_text, counter, labels in _COUNTERS:
            yield _counter(name, help_text, labels, counter, counted)
        yield from self._heartbeat()
        yield _open_incidents()
        yield GaugeMetricFamily(
            "mainstay_parked_deliveries",
            "Posts to the intake that could not be read and wait for a person.",
            value=parked_count(),
        )

    def _beats(self, states: list[watch.State]) -> Iterable[Metric]:
        age = _gauge("tick_age_seconds", "Seconds since the engine's last tick ended, -1 for never.")
        worked = _gauge("last_worked", "Rows that the last tick worked.")
        failed = _gauge("failed", "1 if the last tick failed.")
        late = _gauge("late", "1 if the engine stands still or leaves something due for too long.")
        for state in states:
            name, beat = [state.engine.name], state.beat
            age.add_metric(name, (self.now - beat.finished_at).total_seconds() if beat else -1)
            worked.add_metric(name, beat.worked if beat else 0)
            failed.add_metric(name, int(bool(beat and beat.error)))
            late.add_metric(name, int(state.is_late))
        return [age, worked, failed, late]

    def _heartbeat(self) -> Iterable[Metric]:
        known = heartbeat(self.now)
        if not known.is_on:
            return []
        age = (self.now - known.left_at).total_seconds() if known.left_at else -1
        return [
            GaugeMetricFamily(
                "mainstay_heartbeat_age_seconds",
                "Seconds since the last heartbeat arrived outside, -1 for never.",
                value=age,
            ),
            GaugeMetricFamily(
                "mainstay_heartbeat_trouble",
                "1 while a heartbeat is withheld or does not arrive.",
                value=int(bool(known.trouble)),
            ),
        ]

    def _waiting(self, states: list[watch.State]) -> Iterable[Metric]:
        due = _gauge("due", "Rows that are due and not in hand; counting stops at 10000.")
        oldest = _gauge("oldest_due_seconds", "How late the oldest due row is, 0 where nothing is due.")
        in_hand = _gauge("in_hand", "Rows that a sender holds at this moment.")
        stuck = _gauge(
            "stuck", "Rows that failed, are tried again or wait for a person; counting stops at 10000."
        )
        for state in states:
            name, found = [state.engine.name], state.waiting
            if found is None:
                found = Waiting()
            due.add_metric(name, found.due)
            oldest.add_metric(name, found.lag(self.now).total_seconds())
            stuck.add_metric(name, found.stuck)
            if found.in_hand is not None:
                in_hand.add_metric(name, found.in_hand)
        return [due, oldest, in_hand, stuck]


# name, help, name of the count, its labels
_COUNTERS = [
    ("mainstay_engine_worked", "Rows worked.", "worked", ["engine"]),
    ("mainstay_engine_failures", "Ticks that failed.", "failed", ["engine"]),
    (
        "mainstay_delivery_attempts",
        "Attempts to deliver a message by channel and how they ended: "
        "sent, held, temporary, permanent, lost, cancelled.",
        "delivery",
        ["channel", "outcome"],
    ),
    (
        "mainstay_intake_posts",
        "Posts worked by integration and result: read, parked.",
        "posts",
        ["source", "integration", "result"],
    ),
    ("mainstay_intake_alerts", "Readings of alerts folded.", "alerts", ["source", "integration"]),
    (
        "mainstay_intake_coalesced",
        "Readings of alerts that came above the integration's rate and were counted together.",
        "coalesced",
        ["source", "integration"],
    ),
    (
        "mainstay_heartbeats",
        "Heartbeats by outcome: sent, failed, withheld (counted each time it is asked).",
        "heartbeat",
        ["outcome"],
    ),
]


def _gauge(name: str, help_text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"mainstay_engine_{name}", help_text, labels=["engine"])


def _counter(
    name: str, help_text: str, labels: list[str], count: str, counted: dict[meter.Labels, int]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, help_text, labels=labels)
    if labels == ["engine"]:
        counted = {**{(count, engine): 0 for engine in ENGINES}, **counted}
    for key, n in sorted(counted.items()):
        if key[0] == count and len(key) == len(labels) + 1:
            family.add_metric(list(key[1:]), n)
    return family


def _lateness(counted: dict[meter.Labels, int]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(
        "mainstay_engine_lateness_seconds",
        "From when a row was due to when its engine took it in hand.",
        labels=["engine"],
        unit="seconds",
    )
    for engine in ENGINES:
        late, so_far, buckets = meter.lateness_of(engine, counted), 0, []
        for bound, n in zip((*map(str, meter.BOUNDS), "+Inf"), late.classes, strict=True):
            so_far += n
            buckets.append((bound, float(so_far)))
        family.add_metric([engine], buckets, late.seconds)
    return family


def _open_incidents() -> GaugeMetricFamily:
    family = GaugeMetricFamily("mainstay_open_incidents", "Open incidents.", labels=["severity"])
    open_now = Incident.objects.filter(state__in=OPEN_STATES).order_by()
    counted = dict(open_now.values_list("severity").annotate(Count("pk")))
    for severity in Severity:
        family.add_metric([severity.value], counted.get(severity.value, 0))
    return family


def _may_read(request: HttpRequest) -> bool:
    token = settings.MAINSTAY_METRICS_TOKEN
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(token.encode(), sent.encode()):
        return True
    address = client_address(request)
    return address is not None and ipaddress.ip_address(address).is_loopback
