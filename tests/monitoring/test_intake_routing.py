"""Whose alert is it?"""

import json

import pytest

from core.errors import IllegalState
from core.types import SYSTEM
from monitoring.domain.alerts import route_alert
from monitoring.domain.intake import tick
from monitoring.models import Alert, AlertChange, RoutingRule
from tests import make as things
from tests.make import NOW
from tests.monitoring import make
from tests.monitoring.payloads import data

pytestmark = pytest.mark.django_db


def post(**labels) -> bytes:
    return json.dumps({"id": "a", "labels": labels}).encode()


def rule(service, matchers, position=100, **fields) -> RoutingRule:
    return RoutingRule.objects.create(
        name="rule", service=service, matchers=matchers, position=position, **fields
    )


def test_the_label_names_the_service():
    service = things.service(slug="ranking-api")

    make.take(make.integration(), "alertmanager/firing")

    assert set(Alert.objects.values_list("service", "service_hint")) == {(service.pk, "")}


def test_the_labels_name_is_the_integrations_choice():
    service = things.service(slug="ranking-api")

    make.take(make.integration("generic", service_label="app"), post(app="Ranking-API"))

    assert make.alert().service == service


def test_the_first_rule_that_fits_says_whose_it_is():
    first, second = things.service(), things.service()
    rule(second, [{"name": "namespace", "op": "=~", "value": "fraud.*"}], position=20)
    rule(first, [{"name": "namespace", "op": "=", "value": "fraud-eu"}], position=10)
    rule(things.service(), [{"name": "namespace", "op": "=~", "value": ".*"}], position=1, is_active=False)
    rule(things.service(), [], position=2)
    rule(things.service(), [{"name": "namespace", "op": "=~", "value": "("}], position=3)

    make.take(make.integration("generic"), post(namespace="fraud-eu"))

    assert make.alert().service == first


def test_the_label_goes_before_the_rules_and_both_before_the_integrations_own():
    labelled, ruled, own = things.service(slug="labelled"), things.service(), things.service()
    rule(ruled, [{"name": "ns", "op": "=", "value": "x"}])
    door = make.integration("generic", service=own)

    make.take(
        door,
        json.dumps(
            {
                "alerts": [
                    {"id": "1", "service": "labelled", "labels": {"ns": "x"}},
                    {"id": "2", "labels": {"ns": "x"}},
                    {"id": "3"},
                ]
            }
        ).encode(),
    )

    found = dict(Alert.objects.values_list("identity", "service"))
    assert found == {"1": labelled.pk, "2": ruled.pk, "3": own.pk}


def test_a_name_that_nobody_has_is_unrouted_with_a_hint():
    make.take(make.integration("generic"), post(service="nobody-knows"))

    assert (make.alert().service, make.alert().service_hint) == (None, "nobody-knows")
    assert make.changes() == ["fired"]


def test_no_data_without_labels_goes_where_its_rules_other_alerts_are():
    service = things.service(slug="feature-store")
    door = make.integration("grafana")

    make.take(door, "grafana/firing", "grafana/nodata")

    blind = make.alert(status="no_data")
    assert blind.service == service
    assert blind.labels["rule_uid"] == make.alert(status="firing").labels["rule_uid"]
    assert make.changes() == ["fired", "no_data"]


def test_a_person_routes_an_unrouted_alert_and_incidents_hear_of_it():
    service = things.service()
    door = make.integration("generic")
    make.take(door, post())

    route_alert(make.alert(), service, actor=SYSTEM, now=NOW)
    make.take(door, post())

    assert make.alert().service == service
    assert list(AlertChange.objects.values_list("kind", "detail")) == [
        ("fired", ""),
        ("fired", "routed by Mainstay"),
    ]


def test_routing_what_is_resolved_speaks_to_nobody():
    door = make.integration("generic")
    make.take(door, post(), json.dumps({"id": "a", "status": "resolved"}).encode())

    route_alert(make.alert(), things.service(), actor=SYSTEM, now=NOW)

    assert make.changes() == ["fired", "resolved"]


def test_an_alert_that_has_a_service_is_not_moved_by_hand():
    things.service(slug="ranking-api")
    make.take(make.integration(), "alertmanager/firing")

    with pytest.raises(IllegalState):
        route_alert(Alert.objects.first(), things.service(), actor=SYSTEM, now=NOW)


def test_a_new_rule_routes_what_still_fires_and_incidents_hear_of_it():
    door = make.integration("generic")
    make.take(door, post(ns="x"))
    service = things.service()
    rule(service, [{"name": "ns", "op": "=", "value": "x"}])

    make.take(door, post(ns="x"))

    assert make.alert().service == service
    assert list(AlertChange.objects.values_list("kind", "detail")) == [("fired", ""), ("fired", "routed")]


def test_a_label_that_changes_moves_the_alert():
    things.service(slug="one")
    two = things.service(slug="two")
    door = make.integration("generic")

    make.take(door, post(service="one"), post(service="two"))

    assert make.alert().service == two


def test_the_routing_table_is_read_once_for_many_alerts(django_assert_max_num_queries):
    things.service(slug="ranking-api")
    door = make.integration()
    several = data("alertmanager/firing")
    several["alerts"] = [{**several["alerts"][0], "fingerprint": f"{n:016x}"} for n in range(20)]
    make.arrive(door, json.dumps(several).encode())

    # 20 upserts, and the claiming, reading and keeping of one post
    with django_assert_max_num_queries(40):
        tick(NOW)

    assert Alert.objects.count() == 20
