"""What Prometheus reads, and who may."""

import pytest

from core import clock
from tests import make

pytestmark = pytest.mark.django_db


def test_loopback_reads_open_incidents_and_queues(client):
    make.incident(impact="high", urgency="high", now=clock.now())
    text = client.get("/metrics").content.decode()
    assert 'mainstay_open_incidents{severity="SEV1"} 1.0' in text
    assert 'mainstay_engine_due{engine="intake"} 0.0' in text
    assert 'mainstay_engine_tick_age_seconds{engine="clocks"} -1.0' in text


def test_strangers_need_the_token(client, settings):
    settings.MAINSTAY_METRICS_TOKEN = "s3cret"
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get("/metrics", **elsewhere).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer s3cret"}, **elsewhere).status_code == 200


def test_probes_answer_without_a_sign_in(client):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code in {200, 503}
