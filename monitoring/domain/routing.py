"""Whose alert is it? Label, then routing table, then the rule's other alerts, then the integration."""

import logging
from collections.abc import Mapping, Sequence
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

    def integration(self, pk: int) -> Integration | None:
        """The integration of that id, or None when it is gone."""
        if pk not in self._integrations:
            self._integrations[pk] = Integration.objects.filter(pk=pk).first()
        return self._integrations[pk]

    def route(self, integration: Integration, labels: Mapping[str, str]) -> Route:
        """Decide for one alert of `integration`."""
        said = labels.get(integration.service_label) or labels.get(DEFAULT_LABEL) or ""
        named = self._by_slug(said.strip()) if said.strip() else None
        if named is not None:
            return Route(named=named)
        fallback = self._by_rule(labels) or self._by_sibling(integration, labels) or integration.service_id
        return Route(fallback=fallback, hint=said[:200])

    def _by_slug(self, text: str) -> int | None:
        if text not in self._slugs:
            found = dict(Service.objects.filter(slug__in={text, text.lower()}).values_list("slug", "pk"))
            self._slugs[text] = found.get(text) or found.get(text.lower())
        return self._slugs[text]

    def _by_rule(self, labels: Mapping[str, str]) -> int | None:
        if self._rules is None:
            self._rules = _active_rules()
        return next((service for matchers, service in self._rules if matches(matchers, labels)), None)

    def _by_sibling(self, integration: Integration, labels: Mapping[str, str]) -> int | None:
        """Another alert of the same rule: one that lost its labels belongs where the others do."""
        rule = labels.get(RULE_LABEL)
        if not rule:
            return None
        return (
            Alert.objects.filter(
                integration=integration, labels__contains={RULE_LABEL: rule}, service__isnull=False
            )
            .order_by("-last_seen_at", "-pk")
            .values_list("service_id", flat=True)
            .first()
        )


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
