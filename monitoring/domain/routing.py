"""Whose alert is it? Label, then routing table, then the rule's other alerts, then the integration."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.labels import Matcher, matches, parse_matchers
from monitoring.models import Alert, Integration, RoutingRule
from monitoring.types import RULE_LABEL
from services.models import Service

log = logging.getLogger(__name__)
DEFAULT_LABEL = "service"


@dataclass(frozen=True, slots=True)
class Route:
    """Where an alert goes: `named` by its own label, else `fallback` (both None: unrouted).

    `hint` is what the label said when it named no service that we know.
    """

    named: int | None = None
    fallback: int | None = None
    hint: str = ""


class Router:
    """Integrations and the routing table, read once a batch and only as far as needed."""

    def __init__(self) -> None:
        self._slugs: dict[str, int | None] = {}
        self._integrations: dict[int, Integration | None] = {}
        self._rules: list[tuple[Sequence[Matcher], int]] | None = None
        self._siblings: dict[tuple[int, str], int | None] = {}

    def integration(self, pk: int) -> Integration | None:
        """The integration of that id, or None when it is gone."""
        if pk not in self._integrations:
            self._integrations[pk] = Integration.objects.filter(pk=pk).first()
        return self._integrations[pk]

    def learn(self, integration: Integration, labels: Iterable[Mapping[str, str]]) -> None:
        """Read all services that these labels name, at once."""
        said = {_said(integration, each) for each in labels} - self._slugs.keys() - {""}
        if not said:
            return
        asked = said | {text.lower() for text in said}
        found = dict(Service.objects.filter(slug__in=asked).values_list("slug", "pk"))
        for text in said:
            self._slugs[text] = found.get(text) or found.get(text.lower())

    def route(self, integration: Integration, labels: Mapping[str, str]) -> Route:
        """Decide for one alert of `integration`."""
        said = labels.get(integration.service_label) or labels.get(DEFAULT_LABEL) or ""
        if said.strip() and said.strip() not in self._slugs:
            self.learn(integration, [labels])
        named = self._slugs.get(said.strip())
        if named is not None:
            return Route(named=named)
        fallback = self._by_rule(labels) or self._by_sibling(integration, labels) or integration.service_id
        return Route(fallback=fallback, hint=said[:200])

    def seen(self, integration: Integration, labels: Mapping[str, str], service_id: int | None) -> None:
        """An alert with these labels was folded and belongs to this service: those of its rule may follow it."""
        rule = labels.get(RULE_LABEL)
        if rule and service_id is not None:
            self._siblings[integration.pk, rule] = service_id

    def forget_siblings(self) -> None:
        """What was folded has been rolled back."""
        self._siblings.clear()

    def _by_rule(self, labels: Mapping[str, str]) -> int | None:
        if self._rules is None:
            self._rules = _active_rules()
        return next((service for matchers, service in self._rules if matches(matchers, labels)), None)

    def _by_sibling(self, integration: Integration, labels: Mapping[str, str]) -> int | None:
        """Another alert of the same rule: one that lost its labels belongs where the others do."""
        rule = labels.get(RULE_LABEL)
        if not rule:
            return None
        key = integration.pk, rule
        if key not in self._siblings:
            self._siblings[key] = (
                Alert.objects.filter(
                    integration=integration, labels__contains={RULE_LABEL: rule}, service__isnull=False
                )
                .order_by("-last_seen_at", "-pk")
                .values_list("service_id", flat=True)
                .first()
            )
        return self._siblings[key]


def _said(integration: Integration, labels: Mapping[str, str]) -> str:
    """What the labels say about the service, without space around it."""
    return (labels.get(integration.service_label) or labels.get(DEFAULT_LABEL) or "").strip()


def _active_rules() -> list[tuple[Sequence[Matcher], int]]:
    found: list[tuple[Sequence[Matcher], int]] = []
    for rule in RoutingRule.objects.filter(is_active=True).order_by("position", "pk"):
        try:
            matchers = parse_matchers(rule.matchers)
        except ValueError as error:
            log.warning("routing rule %s can't be used: %s", rule.pk, error)
            continue
        if matchers:
            found.append((matchers, rule.service_id))
    return found
