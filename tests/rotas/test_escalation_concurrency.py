"""Any number of workers is as good as one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from rotas.domain import escalation
from rotas.models import Call, EscalationRun
from tests import make
from tests.make import NOW
from tests.rotas.make import MINUTE, policy
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4


def test_workers_that_tick_at_once_call_each_step_once(cases):
    amina, brian = make.user(), make.user()
    walked = policy(amina, brian)
    for _ in range(12):
        escalation.start("case", cases.new(), walked, now=NOW)
    for minute in (0, 5, 10):
        done = 0
        while EscalationRun.objects.filter(next_at__lte=NOW + minute * MINUTE).exists():
            done += sum(together(lambda n, at=minute: escalation.tick(NOW + at * MINUTE), WORKERS))
        assert done == 12
    assert Call.objects.filter(outcome="called").count() == 24
    assert set(EscalationRun.objects.values_list("state", flat=True)) == {"exhausted"}
    assert amina.messages.filter(channel="in_app").count() == 12


def test_of_many_that_start_one_run_comes(cases):
    case, walked = cases.new(), policy(make.user())

    def start(n):
        with transaction.atomic():
            cases.lock_and_wait(case)
            return escalation.start("case", case, walked, now=NOW).pk

    assert len(set(together(start, WORKERS))) == 1


def test_a_busy_subject_is_left_for_the_next_tick_and_holds_nobody_up(cases):
    busy, free = cases.new(), cases.new()
    walked = policy(make.user())
    for case in (busy, free):
        escalation.start("case", case, walked, now=NOW)

    def tick_elsewhere():
        try:
            return escalation.tick(NOW)
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert cases.lock(busy)
        assert pool.submit(tick_elsewhere).result(timeout=20) == 1
    assert escalation.tick(NOW) == 1


def test_an_acknowledgement_and_a_tick_at_once_never_leave_a_call_after_the_stop(cases):
    amina, brian = make.user(), make.user()
    walked = policy(amina, brian)
    case_ids = [cases.new() for _ in range(8)]
    for case in case_ids:
        escalation.start("case", case, walked, now=NOW)

    def act(n):
        if n % 2:
            return escalation.tick(NOW)
        for case in case_ids:
            with transaction.atomic():
                cases.lock_and_wait(case)
                escalation.stop("case", case, reason="acknowledged", now=NOW)
        return 0

    together(act, WORKERS)
    assert set(EscalationRun.objects.values_list("state", flat=True)) == {"stopped"}
    assert not amina.messages.exclude(state="cancelled").exists()
    assert escalation.tick(NOW + 60 * MINUTE) == 0
