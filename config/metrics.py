"""`/metrics`: what Prometheus reads. Open to loopback, else `Authorization: Bearer <MAINSTAY_METRICS_TOKEN>`.

Worked out when asked, from rows, so that it says the same whichever process answers.
"""

import hmac
import ipaddress
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from core import clock
from core.engines import ENGINES
from core.http.client import client_address
from core.models import EngineTick
from incidents.choices import OPEN_STATES
from incidents.models import Clock, Incident
from monitoring.models import AlertChange, RawDelivery
from notifications.models import Message
from rotas.models import EscalationRun


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures in Prometheus' text form; 403 for strangers."""
    if not _may_read(request):
        return HttpResponse("Set MAINSTAY_METRICS_TOKEN and send it as a bearer token.\n", status=403)
    registry = CollectorRegistry()
    registry.register(PortalCollector(clock.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class PortalCollector(Collector):
    """Ages, queues and open incidents as of `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Nine queries, each on its partial index."""
        yield from self._engines()
        yield from self._queues()
        open_now = GaugeMetricFamily("mainstay_open_incidents", "Open incidents", labels=["severity"])
        counted = dict(
            Incident.objects.filter(state__in=OPEN_STATES)
            .order_by()
            .values_list("severity")
            .annotate(Count("pk"))
        )
        for severity in ("SEV1", "SEV2", "SEV3", "SEV4"):
            open_now.add_metric([severity], counted.get(severity, 0))
        yield open_now
        parked = RawDelivery.objects.filter(state="parked").count()
        yield GaugeMetricFamily("mainstay_parked_deliveries", "Posts that could not be read", value=parked)

    def _engines(self) -> Iterable[GaugeMetricFamily]:
        age = GaugeMetricFamily(
            "mainstay_engine_tick_age_seconds", "Since the last tick; -1 for never", labels=["engine"]
        )
        worked = GaugeMetricFamily(
            "mainstay_engine_last_worked", "Rows worked by the last tick", labels=["engine"]
        )
        failed = GaugeMetricFamily("mainstay_engine_failed", "1 if the last tick failed", labels=["engine"])
        beats = {beat.name: beat for beat in EngineTick.objects.all()}
        for name in ENGINES:
            beat = beats.get(name)
            age.add_metric([name], (self.now - beat.finished_at).total_seconds() if beat else -1)
            worked.add_metric([name], beat.worked if beat else 0)
            failed.add_metric([name], 1 if beat and beat.error else 0)
        return [age, worked, failed]

    def _queues(self) -> Iterable[GaugeMetricFamily]:
        due = GaugeMetricFamily("mainstay_due", "Rows that are due now", labels=["queue"])
        late = GaugeMetricFamily(
            "mainstay_oldest_due_seconds", "How late the oldest due row is", labels=["queue"]
        )
        for queue, rows, field in [
            ("raw", RawDelivery.objects.filter(state="received"), "received_at"),
            ("changes", AlertChange.objects.filter(handled_at=None), "at"),
            ("clocks", Clock.objects.filter(next_at__lte=self.now), "next_at"),
            ("runs", EscalationRun.objects.filter(state="running", next_at__lte=self.now), "next_at"),
            ("messages", Message.objects.filter(next_at__lte=self.now), "next_at"),
        ]:
            found = rows.aggregate(count=Count("pk"), oldest=Min(field))
            due.add_metric([queue], found["count"])
            late.add_metric([queue], (self.now - found["oldest"]).total_seconds() if found["oldest"] else 0)
        return [due, late]


def _may_read(request: HttpRequest) -> bool:
    token = settings.MAINSTAY_METRICS_TOKEN
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(token.encode(), sent.encode()):
        return True
    address = client_address(request)
    return address is not None and ipaddress.ip_address(address).is_loopback
