"""Several at once over one hand-over; and what is due is found by an index."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import IllegalState
from core.types import person
from rotas.domain import covering, duty, handing, handover_news, handovers
from rotas.models import Handover, HandoverItem
from rotas.queries import handovers as queries
from tests import make
from tests.make import NOW
from tests.plans import claim_a_million, explained, read_whole
from tests.rotas.make import DAY, MINUTE, handover, item, rota
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
MIDNIGHT = NOW.replace(hour=0) + DAY


@pytest.fixture
def made(amina, brian):
    made = rota(amina, brian, name="Nights")
    covering.tick(NOW)
    return made


def test_engines_that_draft_at_once_draft_one(made):
    item(handover(made, at=MIDNIGHT - DAY), "By hand")
    together(lambda n: duty.tick(MIDNIGHT), 3)
    row = Handover.objects.get(at=MIDNIGHT)
    assert [(each.title, each.carried) for each in row.items.all()] == [("By hand", 1)]
    assert (row.outgoing.count(), row.incoming.count()) == (1, 1)


def test_whoever_drafts_at_once_gets_the_same_one(made):
    found = together(lambda n: handovers.draft(made, MIDNIGHT, MIDNIGHT), 4)
    assert {row.pk for row in found} == {Handover.objects.get().pk}


def test_the_last_two_items_are_accepted_at_once_and_it_is_accepted_once(made, amina, brian):
    row = handover(made, [amina], [brian], at=MIDNIGHT)
    things = [item(row, f"Thing {n}") for n in range(4)]
    handing.publish(row, actor=person(amina), now=MIDNIGHT)
    together(lambda n: handing.accept_item(things[n], actor=person(brian), now=MIDNIGHT + MINUTE), 4)
    row.refresh_from_db()
    # a draft at version 1, published once, accepted once
    assert (row.state, row.version) == ("accepted", 3)
    assert HandoverItem.objects.filter(accepted_by=brian).count() == 4


def test_publishing_while_the_next_one_is_drafted_loses_no_item(made, amina, brian):
    row = handover(made, [brian], [amina], at=MIDNIGHT - DAY)
    item(row, "By hand")

    def act(n):
        if n:
            return handovers.draft(made, MIDNIGHT, MIDNIGHT)
        try:
            return handing.publish(row, actor=person(brian), now=MIDNIGHT)
        except IllegalState as refused:
            assert refused.code == "handover_overtaken"
            return None

    together(act, 2)
    assert [each.title for each in Handover.objects.get(at=MIDNIGHT).items.all()] == ["By hand"]


def test_engines_that_remind_at_once_remind_once(made, amina, brian):
    handover(made, [amina], [brian], at=MIDNIGHT)
    done = together(lambda n: handover_news.tick(MIDNIGHT + 15 * MINUTE), 3)
    assert sum(done) == 1
    assert amina.messages.filter(kind="rota.handover", channel="in_app").count() == 1


def test_what_is_due_and_what_waits_is_found_without_reading_what_was(made, amina, brian):
    rotas = [rota() for _ in range(20)]
    Handover.objects.bulk_create(
        Handover(
            rota=rotas[n % 20],
            since=NOW - DAY,
            at=NOW - n * MINUTE,
            drafted_at=NOW,
            state="draft" if n < 20 else "accepted",
            next_at=NOW if n < 20 else None,
        )
        for n in range(20_000)
    )
    with CaptureQueriesContext(connection) as seen:
        queries.waiting(make.user())
    asked = [each["sql"] for each in seen if 'FROM "rotas_handover" INNER' in each["sql"]]
    due = Handover.objects.filter(next_at__lte=NOW).order_by("next_at", "pk")
    with transaction.atomic():
        claim_a_million(["rotas_handover"])
        plans = [explained(sql) for sql in (*asked, _statement(due[:50]))]
        transaction.set_rollback(True)
    assert len(plans) == 2
    assert [whole for plan in plans if (whole := read_whole(plan, ["rotas_handover"]))] == []


def _statement(rows) -> str:
    with CaptureQueriesContext(connection) as seen:
        list(rows)
    return seen[0]["sql"]
