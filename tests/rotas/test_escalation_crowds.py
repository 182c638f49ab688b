"""Many runs that are due at once are walked together: in as many queries as a few, and each as it would be by itself."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Entry, Incident
from rotas.domain import escalation
from rotas.models import Call
from tests import make
from tests.make import NOW
from tests.rotas.make import MINUTE, called, policy, rota

pytestmark = pytest.mark.django_db


def begin(many, walked, **fields):
    incidents = [make.incident(**fields) for _ in range(many)]
    return [escalation.start("incident", each.pk, walked, now=NOW) for each in incidents]


def queries_of(work) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_twenty_runs_take_as_many_queries_as_two(amina, brian):
    walked = policy(rota(amina), brian, wait=5)
    counts = []
    for many in (2, 20):
        runs = begin(many, walked)
        counts.append(queries_of(lambda: escalation.tick(NOW)))
        assert [called(run) for run in runs] == [[(1, 1, "called", "Amina")]] * many
    assert counts[0] == counts[1]


@pytest.mark.parametrize("minutes", [0, 5, 10], ids=["first step", "second step", "nobody acknowledged"])
def test_together_and_one_by_one_leave_the_same(amina, brian, minutes):
    service = make.service()

    def left(limit: int) -> list[object]:
        walked = policy(rota(amina, name="Nights"), [brian, rota(name="Empty")], wait=5, name="Day")
        runs = begin(3, walked, service=service)
        for minute in range(0, minutes + 1, 5):
            while escalation.tick(NOW + minute * MINUTE, limit=limit):
                pass
        rows = [
            (run.state, run.step, run.round, run.next_at, run.ended_at, run.end_reason, run.said)
            for run in type(runs[0]).objects.filter(pk__in=[run.pk for run in runs]).order_by("pk")
        ]
        about = [Incident.objects.get(pk=run.subject_id) for run in runs]
        texts = list(
            Entry.objects.filter(incident__in=about, kind="call").order_by("pk").values_list("text", "data")
        )
        calls = list(
            Call.objects.filter(run__in=runs).order_by("pk").values_list("outcome", "user", "why", "at")
        )
        lasts = [each.last_entry for each in about]
        letters = {
            user.name: sorted(
                user.messages.filter(about_ref__in=[each.ref for each in about]).values_list(
                    "body", "channel"
                )
            )
            for user in (amina, brian)
        }
        return [rows, sorted(map(str, texts)), sorted(map(str, calls)), lasts, letters]

    assert left(50) == left(1)


def test_what_was_not_in_use_before_is_said_for_each(amina):
    walked = policy(rota(name="Empty"), wait=5, fallback=amina)
    runs = begin(4, walked)
    assert escalation.tick(NOW) == 4
    assert [called(run) for run in runs] == [[(1, 1, "nobody", ""), (1, 1, "fallback", "Amina")]] * 4
