"""Querysets that are compiled once and asked again with other values."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, DurationField, ExpressionWrapper, F, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.rules import is_support
from core import compiled as machine
from core.compiled import Keys, Reader, compiled
from incidents.models import Incident
from services.models import Service
from services.queries.visible import services_visible_to
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def unchecked() -> Iterator[None]:
    """As on duty, without the comparison that tests make."""
    before, machine.CHECK = machine.CHECK, 0
    yield
    machine.CHECK = before


def test_other_values_give_other_rows_without_being_built_again(unchecked: None) -> None:
    built = []

    @compiled
    def opened(since: datetime, until: datetime, *, severity: str) -> QuerySet[Incident]:
        built.append(severity)
        return Incident.objects.filter(
            opened_at__gte=since, opened_at__lt=until, severity=severity
        ).select_related("service")

    service = make.service()
    early = make.incident(service=service, severity="SEV2", now=NOW)
    late = make.incident(service=service, severity="SEV2", now=NOW + timedelta(hours=2))
    make.incident(service=service, urgency="low", now=NOW)
    hour = timedelta(hours=1)

    assert opened(NOW, NOW + hour, severity="SEV2") == [early]
    assert opened(NOW + hour, NOW + 3 * hour, severity="SEV2") == [late]
    assert opened(NOW + 3 * hour, NOW + 4 * hour, severity="SEV2") == []
    assert built == ["SEV2"]
    with CaptureQueriesContext(connection) as seen:
        assert opened(NOW, NOW + hour, severity="SEV2")[0].service == service
    assert len(seen) == 1


def test_who_asks_decides_over_the_statement_and_their_key_is_a_value(unchecked: None) -> None:
    @compiled
    def mine(reader: Reader) -> QuerySet[Service]:
        return services_visible_to(reader)

    ana, ben, lead = make.user("stakeholder"), make.user("stakeholder"), make.user("lead")
    hers, his = make.service(client=make.client_((ana,))), make.service(client=make.client_((ben,)))

    assert mine(ana) == [hers]
    assert mine(ben) == [his]
    assert set(mine(lead)) == {hers, his}
    lead.is_active = False
    assert mine(lead) == []


def test_a_statement_that_can_have_no_rows_is_not_asked(unchecked: None) -> None:
    @compiled
    def nothing(reader: Reader) -> QuerySet[Service]:
        return Service.objects.all() if is_support(reader) else Service.objects.none()

    with CaptureQueriesContext(connection) as seen:
        assert nothing(make.user("stakeholder")) == []
    assert [each for each in seen if "services_service" in each["sql"]] == []


def test_keys_dictionaries_and_prefetched_rows(unchecked: None) -> None:
    @compiled
    def chosen(keys: Keys) -> QuerySet[Service]:
        return Service.objects.filter(pk__in=keys).prefetch_related("parties").order_by("pk")

    @compiled
    def slugs(keys: Keys) -> QuerySet[Any, dict[str, Any]]:
        return Service.objects.filter(pk__in=keys).order_by("pk").values("slug")

    one, two, three = make.service(), make.service(), make.service()
    assert chosen([one.pk, three.pk]) == [one, three]
    assert chosen([two.pk]) == [two]
    assert chosen([]) == []
    assert [list(each.parties.all()) for each in chosen([one.pk])] == [list(one.parties.all())]
    assert slugs([two.pk, one.pk]) == [{"slug": one.slug}, {"slug": two.slug}]


def test_a_value_given_twice_is_one_so_it_can_be_grouped_by(unchecked: None) -> None:
    @compiled
    def by_day(now: datetime) -> QuerySet[Any, Any]:
        hours = ExpressionWrapper(now - F("opened_at"), output_field=DurationField())
        return Incident.objects.order_by().values(age=hours).annotate(n=Count("pk")).values_list("age", "n")

    make.incident(now=NOW)
    make.incident(now=NOW)
    hour = timedelta(hours=1)
    assert by_day(NOW + hour) == [(hour, 2)]
    assert by_day(NOW + 2 * hour) == [(2 * hour, 2)]


def test_a_percent_in_the_statement_stays_one(unchecked: None) -> None:
    @compiled
    def ending(part: str, name: str) -> QuerySet[User]:
        share = RawSQL("'100%%s, 5 %%'", [], output_field=TextField())
        return User.objects.annotate(share=share).filter(name__endswith="%s", name=name, phone=part)

    ana = make.user(name="100%s", phone="1")
    make.user(name="100%", phone="1")
    (found,) = ending("1", "100%s")
    assert (found, found.share) == (ana, "100%s, 5 %")  # type: ignore[attr-defined]


def test_the_server_plans_once_a_connection(unchecked: None) -> None:
    @compiled
    def named(key: int) -> QuerySet[User]:
        return User.objects.filter(pk=key).annotate(shoe_size=Value(43))

    def kept() -> tuple[int, int]:
        """Statements that the server has prepared, and how often it planned or used them."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), sum(generic_plans + custom_plans) FROM pg_prepared_statements "
                "WHERE statement LIKE '%AS \"shoe_size\"%' AND statement NOT LIKE '%pg_prepared%'"
            )
            statements, executed = cursor.fetchone()
        return int(statements), int(executed or 0)

    ana = make.user(name="Ana")
    assert (named(ana.pk), kept()) == ([ana], (1, 1))
    assert (named(ana.pk), kept()) == ([ana], (1, 2))


def test_rows_are_new_objects_each_time(unchecked: None) -> None:
    @compiled
    def named(key: int) -> QuerySet[User]:
        return User.objects.filter(pk=key)

    ana = make.user(name="Ana")
    named(ana.pk)[0].name = "Somebody else"
    assert named(ana.pk)[0].name == "Ana"


def test_a_hostile_value_stays_a_value(unchecked: None) -> None:
    @compiled
    def titled(title: str) -> QuerySet[Incident]:
        return Incident.objects.filter(title=title)

    hostile = "'; DROP TABLE incidents_incident; -- %s %(x)s"
    incident = make.incident(title=hostile)
    assert titled("x") == []
    assert titled(hostile) == [incident]


def test_a_missing_value_is_refused(unchecked: None) -> None:
    @compiled
    def named(key: int, name: str) -> QuerySet[User]:
        return User.objects.filter(pk=key, name=name)

    @compiled
    def seen_by(reader: Reader, key: int) -> QuerySet[Service]:
        return services_visible_to(reader).filter(pk=key)

    with pytest.raises(TypeError, match="takes 2 values, 1 were given"):
        named(1)
    with pytest.raises(TypeError, match="takes 2 values, 1 were given"):
        seen_by(make.user())


def test_more_of_a_reader_than_their_rights_can_not_be_baked_in(unchecked: None) -> None:
    @compiled
    def at_home(reader: Reader) -> QuerySet[User]:
        return User.objects.filter(site=reader.site_id)  # type: ignore[attr-defined]

    with pytest.raises(AttributeError, match="site_id"):
        at_home(make.user())


def test_tests_notice_what_is_not_part_of_the_shape() -> None:
    moved = {"name": "Ana"}

    @compiled
    def named(key: int) -> QuerySet[User]:
        return User.objects.filter(pk=key, name=moved["name"])

    assert machine.CHECK
    ana = make.user(name="Ana")
    assert named(ana.pk) == [ana]
    moved["name"] = "Ben"
    with pytest.raises(AssertionError, match="asks something else when it is compiled"):
        named(ana.pk)


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_statement_and_not_the_connection(unchecked: None) -> None:
    @compiled
    def named(key: int) -> QuerySet[User]:
        return User.objects.filter(pk=key).select_related("site")

    people = [make.user(site=make.site()) for _ in range(4)]
    found: list[tuple[int, int]] = []

    def ask(person: User) -> None:
        try:
            found.extend((person.pk, named(person.pk)[0].pk) for _ in range(20))
        finally:
            connection.close()

    threads = [Thread(target=ask, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(asked == answered for asked, answered in found)
