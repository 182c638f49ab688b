"""What stands in the admin to be looked at only."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.types import person
from rotas.domain.leave_calendars import keep_calendar
from rotas.models import Handover, Shadow
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, handover, item, rota

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client):
    client.force_login(make.user("administrator"))
    return client


def test_hand_overs_are_listed_and_read_with_their_items(browser, amina, brian):
    made = handover(rota(amina, name="Nights"), [amina], [brian])
    item(made, "Queue of the scorer")
    listed = browser.get(reverse("admin:rotas_handover_changelist"))
    assert listed.status_code == 200 and "Nights" in listed.content.decode()
    page = browser.get(reverse("admin:rotas_handover_change", args=[made.pk])).content.decode()
    assert "Queue of the scorer" in page and 'name="_save"' not in page and "<textarea" not in page


def test_the_list_of_hand_overs_costs_the_same_for_three_as_for_one(browser, amina, brian):
    def questions() -> int:
        browser.get(reverse("admin:rotas_handover_changelist"))
        with CaptureQueriesContext(connection) as seen:
            browser.get(reverse("admin:rotas_handover_changelist"))
        return len(seen)

    handover(rota(amina), [amina], [brian], published_by=amina)
    one = questions()
    for n in range(1, 3):
        handover(rota(amina), [amina], [brian], at=NOW + n * DAY, published_by=brian)
    assert questions() == one


@pytest.mark.parametrize("name", ["handover", "shadow", "leavecalendar"])
def test_nothing_is_added_changed_or_deleted_there(browser, amina, brian, name):
    made = {
        "handover": lambda: handover(rota(amina), [amina], [brian]),
        "shadow": lambda: Shadow.objects.create(
            rota=rota(amina), user=brian, starts_at=NOW, ends_at=NOW + HOUR, created_at=NOW
        ),
        "leavecalendar": lambda: keep_calendar(
            amina, "https://cal.example/private-abc", actor=person(amina), now=NOW
        ),
    }[name]()
    assert browser.get(reverse(f"admin:rotas_{name}_changelist")).status_code == 200
    page = browser.get(reverse(f"admin:rotas_{name}_change", args=[made.pk]))
    assert page.status_code == 200 and "private-abc" not in page.content.decode()
    assert browser.get(reverse(f"admin:rotas_{name}_add")).status_code == 403
    assert browser.post(reverse(f"admin:rotas_{name}_change", args=[made.pk]), {}).status_code == 403
    assert browser.post(reverse(f"admin:rotas_{name}_delete", args=[made.pk]), {}).status_code == 403
    assert type(made).objects.filter(pk=made.pk).exists()


def test_a_responder_is_not_let_in(client, amina, brian):
    made = handover(rota(amina), [amina], [brian])
    client.force_login(amina)
    assert client.get(reverse("admin:rotas_handover_change", args=[made.pk])).status_code in {302, 403}
    assert Handover.objects.count() == 1
