"""What the intake can't read is gone for good.

A sender changes its template, or we have a mistake in a parser, and the posts of that night are answered with
an error or dropped: nobody can see them, nobody can read them again once the cause is mended.
"""

import pytest

from core import clock
from monitoring.domain import intake, reading
from monitoring.domain.integrations import intake_url
from monitoring.models import Alert, RawDelivery
from tests import make as things
from tests.monitoring import make

pytestmark = pytest.mark.django_db
BODIES = {
    "not JSON": b'{"id": "a", "title": }',
    "half of it": b'{"id": "gpu-7", "title": "GPU lo',
    "another tool's": b'{"incident": {"state": "open"}}',
    "not text": b"\x00\x01\xfe\xff",
    "nothing": b"",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_it_is_answered_kept_as_it_came_shown_and_can_be_read_again(client, body):
    door = make.integration("generic")
    answer = client.generic("POST", "/" + intake_url(door).split("/", 3)[3], body)
    intake.tick(clock.now())

    row = RawDelivery.objects.get()
    assert (answer.status_code, row.state, bytes(row.body)) == (202, "parked", body)
    client.force_login(things.user("lead"))
    assert row.reason.split(".")[0] in client.get("/alerts/parked/").content.decode().replace("&quot;", '"')

    client.post(f"/alerts/parked/{row.pk}/replay/")

    row.refresh_from_db()
    assert (row.state, row.replays) == ("received", 1)


def test_once_the_cause_is_mended_a_replay_makes_the_alert_of_that_night(client, monkeypatch):
    door = make.integration("generic")
    with monkeypatch.context() as broken:
        broken.setattr(reading, "get_source", lambda slug: 1 / 0)
        make.take(door, b'{"id": "gpu-7", "title": "GPU lost"}')
    parked = RawDelivery.objects.get()
    assert (parked.state, Alert.objects.count()) == ("parked", 0)

    client.force_login(things.user("lead"))
    client.post(f"/alerts/parked/{parked.pk}/replay/")
    intake.tick(clock.now())

    assert make.alert().title == "GPU lost"
    assert make.alert().first_seen_at == parked.received_at
