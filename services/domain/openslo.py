"""Objectives as OpenSLO documents (apiVersion openslo/v1, https://github.com/OpenSLO/OpenSLO), read and written.

Written: a Service and an SLO for each objective, its indicator inline. Read: SLO, with Service and SLI documents beside
it. What OpenSLO has no word for (the unit, the policy, when it is at risk) stands in annotations under `mainstay/`.
No database here: what reading would make or change is said by `services.domain.taking_over`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any, Final

import yaml

from core.errors import Invalid
from services.choices import BudgetWindow, Direction, Indicator
from services.models import Objective

VERSION: Final = "openslo/v1"
MOST_BYTES: Final = 200_000
MOST_DOCUMENTS: Final = 200
_SLICE: Final = "5m"
_PREFIX: Final = "mainstay/"
_OPS: Final = {"lte": Direction.AT_MOST, "gte": Direction.AT_LEAST}
_ROLLING: Final = {
    "28d": BudgetWindow.ROLLING_28D,
    "4w": BudgetWindow.ROLLING_28D,
    "30d": BudgetWindow.ROLLING_30D,
}
_BESIDE: Final = {"DataSource", "AlertPolicy", "AlertCondition", "AlertNotificationTarget"}


@dataclass(frozen=True, slots=True)
class Read:
    """One SLO as read: its name and service by their slugs, and the fields of an `Objective`. `path` is where it stood."""

    path: str
    slug: str
    service: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def write(objectives: Iterable[Objective]) -> str:
    """The objectives and their services as one YAML stream; each service once. Reading it gives the same objectives."""
    known = list(objectives)
    services = {each.service_id: each.service for each in known}
    documents = [
        _document(
            "Service", service.slug, service.name, {"description": service.summary} if service.summary else {}
        )
        for service in services.values()
    ]
    documents += [_slo(each) for each in known]
    return yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=100, explicit_start=True)


def read(text: str) -> list[Read]:
    """The SLOs of a YAML stream.

    Raises Invalid for what is too large, no YAML, or no OpenSLO that we can count, and names the place as a path such as
    `documents[2].spec.objectives[0].target`.
    """
    documents = _documents(text)
    indicators = {
        str(_at(each, "metadata", path).get("name", "")): each.get("spec")
        for path, each in documents
        if each.get("kind") == "SLI"
    }
    found = [_read_slo(path, each, indicators) for path, each in documents if each.get("kind") == "SLO"]
    if not found:
        raise _refusal("documents", "There is no document of kind SLO in it.")
    seen: dict[str, str] = {}
    for each in found:
        if each.slug in seen:
            raise _refusal(
                f"{each.path}.metadata.name", f"“{each.slug}” stands at {seen[each.slug]} already."
            )
        seen[each.slug] = each.path
    return found


class _Plain(yaml.SafeLoader):
    """Safe loading without aliases: a few bytes of them can stand for gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read; write the values out")
        return super().compose_node(parent, index)


def _documents(text: str) -> list[tuple[str, dict[str, Any]]]:
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise _refusal(
            "documents", f"It has more than {MOST_BYTES // 1000} kB. Send the objectives in parts."
        )
    if "\0" in text:
        raise _refusal("documents", "Text can't hold the character NUL.")
    try:
        loaded = [each for each in yaml.load_all(text, Loader=_Plain) if each is not None]
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        said = " ".join(str(error).split())[:300]
        raise _refusal("documents", f"This is no YAML that can be read: {said}") from error
    flat = [one for each in loaded for one in (each if isinstance(each, list) else [each])]
    if len(flat) > MOST_DOCUMENTS:
        raise _refusal("documents", f"More than {MOST_DOCUMENTS} documents. Send them in parts.")
    found = []
    for place, each in enumerate(flat):
        path = f"documents[{place}]"
        if not isinstance(each, dict):
            raise _refusal(path, "A document is a mapping with apiVersion, kind, metadata and spec.")
        if each.get("apiVersion") != VERSION:
            raise _refusal(f"{path}.apiVersion", f"Only {VERSION} is read.")
        if _text(each, "kind", path) not in {"SLO", "SLI", "Service"} | _BESIDE:
            raise _refusal(f"{path}.kind", "Known kinds are SLO, SLI and Service.")
        found.append((path, each))
    return found


def _read_slo(path: str, document: dict[str, Any], indicators: Mapping[str, Any]) -> Read:
    metadata, spec = _at(document, "metadata", path), _at(document, "spec", path)
    slug = _text(metadata, "name", f"{path}.metadata", required=True)
    kept = _annotations(metadata, f"{path}.metadata")
    target, bound = _goal(spec, f"{path}.spec")
    indicator = _indicator(spec, f"{path}.spec", indicators, kept, bound)
    window, zone = _window(spec, f"{path}.spec")
    zone = zone or kept.get("zone", "UTC")
    fields = {
        "name": _text(metadata, "displayName", f"{path}.metadata") or slug,
        "description": _text(spec, "description", f"{path}.spec"),
        "indicator": indicator,
        "target": target,
        "window": window,
        "zone": zone,
        **(bound if indicator == Indicator.SAMPLES else {"direction": "", "threshold": None}),
        **_ours(kept, f"{path}.metadata.annotations"),
    }
    return Read(path, slug, _text(spec, "service", f"{path}.spec", required=True), fields)


def _goal(spec: dict[str, Any], path: str) -> tuple[Decimal, dict[str, Any]]:
    """The target in percent, and the threshold with its side where values are compared."""
    goals = spec.get("objectives")
    if not isinstance(goals, list) or len(goals) != 1 or not isinstance(goals[0], dict):
        raise _refusal(f"{path}.objectives", "Give exactly one objective; each is one of its own here.")
    goal, path = goals[0], f"{path}.objectives[0]"
    if ("target" in goal) == ("targetPercent" in goal):
        raise _refusal(path, "Give either target (0.999) or targetPercent (99.9).")
    name = "target" if "target" in goal else "targetPercent"
    target = _number(goal, name, path) * (100 if name == "target" else 1)
    if not 0 < target < 100:
        raise _refusal(f"{path}.{name}", "It lies between nothing and all, both excluded.")
    bound: dict[str, Any] = {}
    if "value" in goal or "op" in goal:
        side = _OPS.get(_text(goal, "op", path))
        if side is None:
            raise _refusal(f"{path}.op", "lte and gte are counted; lt and gt are not.")
        bound = {"direction": side.value, "threshold": float(_number(goal, "value", path))}
    return target, bound


def _indicator(
    spec: dict[str, Any],
    path: str,
    indicators: Mapping[str, Any],
    kept: Mapping[str, str],
    bound: Mapping[str, Any],
) -> str:
    if "indicatorRef" in spec:
        name = _text(spec, "indicatorRef", path, required=True)
        if name not in indicators:
            raise _refusal(f"{path}.indicatorRef", f"There is no SLI called “{name}” in these documents.")
        inner, path = indicators[name], f"{path}.indicatorRef"
    else:
        inner, path = _at(spec, "indicator", path).get("spec"), f"{path}.indicator.spec"
    if not isinstance(inner, dict):
        raise _refusal(path, "An indicator has a spec with ratioMetric or thresholdMetric.")
    if ("ratioMetric" in inner) == ("thresholdMetric" in inner):
        raise _refusal(path, "Give either ratioMetric or thresholdMetric.")
    if "thresholdMetric" in inner:
        if not bound:
            raise _refusal(f"{path}.thresholdMetric", "A threshold needs op and value in its objective.")
        return Indicator.SAMPLES.value
    ours = kept.get("indicator", Indicator.EVENTS.value)
    if ours not in {Indicator.EVENTS.value, Indicator.AVAILABILITY.value}:
        raise _refusal(path, "A ratioMetric counts events, or availability by our annotation.")
    return ours


def _window(spec: dict[str, Any], path: str) -> tuple[str, str]:
    """The window, and the zone whose months it counts; "" where none is said. Raises Invalid for one that we don't count."""
    if _text(spec, "budgetingMethod", path) not in {"Occurrences", "Timeslices"}:
        raise _refusal(f"{path}.budgetingMethod", "Occurrences or Timeslices.")
    windows = spec.get("timeWindow")
    if not isinstance(windows, list) or len(windows) != 1 or not isinstance(windows[0], dict):
        raise _refusal(f"{path}.timeWindow", "Give exactly one window.")
    window, path = windows[0], f"{path}.timeWindow[0]"
    length = _text(window, "duration", path, required=True)
    if "calendar" in window:
        calendar = _at(window, "calendar", path)
        if length != "1M" or window.get("isRolling"):
            raise _refusal(f"{path}.duration", "By the calendar, 1M is counted.")
        return BudgetWindow.CALENDAR_MONTH.value, _text(calendar, "timeZone", f"{path}.calendar") or "UTC"
    if length not in _ROLLING or window.get("isRolling") is not True:
        raise _refusal(path, "Rolling windows are 28d (4w) or 30d, with isRolling: true.")
    return _ROLLING[length].value, ""


def _ours(kept: Mapping[str, str], path: str) -> dict[str, Any]:
    fields: dict[str, Any] = {name: kept.get(name, "") for name in ("unit", "policy")}
    at_risk = kept.get("at-risk-percent", "75")
    if not (at_risk.isascii() and at_risk.isdigit() and len(at_risk) < 4):
        raise _refusal(f"{path}.{_PREFIX}at-risk-percent", "A whole number of percent.")
    fields["at_risk_percent"] = int(at_risk)
    for name, ours in (("burn-alerts", "burn_alerts"), ("excludes-maintenance", "excludes_maintenance")):
        said = kept.get(name, "true")
        if said not in {"true", "false"}:
            raise _refusal(f"{path}.{_PREFIX}{name}", "“true” or “false”.")
        fields[ours] = said == "true"
    return fields


def _annotations(metadata: dict[str, Any], path: str) -> dict[str, str]:
    given = metadata.get("annotations") or {}
    if not isinstance(given, dict) or not all(
        isinstance(each, str) for pair in given.items() for each in pair
    ):
        raise _refusal(f"{path}.annotations", "Annotations are names and texts.")
    ours = {name.removeprefix(_PREFIX): value for name, value in given.items() if name.startswith(_PREFIX)}
    return {name: _storable(value, f"{path}.annotations.{_PREFIX}{name}") for name, value in ours.items()}


def _at(data: Mapping[str, Any], name: str, path: str) -> dict[str, Any]:
    found = data.get(name)
    if not isinstance(found, dict):
        raise _refusal(f"{path}.{name}", "This is missing, or no mapping.")
    return found


def _text(data: Mapping[str, Any], name: str, path: str, *, required: bool = False) -> str:
    found = data.get(name, "")
    if found is None:
        found = ""
    if not isinstance(found, str) or (required and not found.strip()):
        raise _refusal(f"{path}.{name}", "A text stands here.")
    return _storable(found.strip(), f"{path}.{name}")


def _storable(text: str, path: str) -> str:
    """Raises Invalid for characters that the database can't hold; YAML can spell them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "\0"
    if "\0" in text:
        raise _refusal(path, "It holds a character that is none.")
    return text


def _number(data: Mapping[str, Any], name: str, path: str) -> Decimal:
    found = data.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float | str) or len(str(found)) > 40:
        raise _refusal(f"{path}.{name}", "A number stands here.")
    try:
        number = Decimal(str(found))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not isfinite(float(number)):
        raise _refusal(f"{path}.{name}", "A number stands here.")
    return number


def _refusal(path: str, words: str) -> Invalid:
    return Invalid(f"{path}: {words}", fields={path: words})


def _slo(objective: Objective) -> dict[str, Any]:
    annotations = {
        "unit": objective.unit,
        "policy": objective.policy,
        "indicator": objective.indicator if objective.counts_time else "",
        "zone": objective.zone if objective.window != BudgetWindow.CALENDAR_MONTH else "",
        "at-risk-percent": str(objective.at_risk_percent),
        "burn-alerts": "true" if objective.burn_alerts else "false",
        "excludes-maintenance": "true" if objective.excludes_maintenance else "false",
    }
    goal: dict[str, Any] = {"displayName": objective.name}
    if objective.indicator == Indicator.SAMPLES:
        goal["op"] = {side: op for op, side in _OPS.items()}[Direction(objective.direction)]
        goal["value"] = objective.threshold
    goal["targetPercent"] = float(objective.target)
    if objective.counts_time:
        goal |= {"timeSliceTarget": 1.0, "timeSliceWindow": _SLICE}
    spec: dict[str, Any] = {"description": objective.description} if objective.description else {}
    spec |= {
        "service": objective.service.slug,
        "indicator": _inline(objective),
        "timeWindow": [_window_of(objective)],
        "budgetingMethod": "Timeslices" if objective.counts_time else "Occurrences",
        "objectives": [goal],
    }
    document = _document("SLO", objective.slug, objective.name, spec)
    document["metadata"]["annotations"] = {
        f"{_PREFIX}{name}": value for name, value in annotations.items() if value
    }
    return document


def _inline(objective: Objective) -> dict[str, Any]:
    def posted(what: str) -> dict[str, Any]:
        return {"metricSource": {"type": "Mainstay", "spec": {"objective": objective.slug, "field": what}}}

    if objective.indicator == Indicator.SAMPLES:
        metric: dict[str, Any] = {"thresholdMetric": posted("value")}
    else:
        metric = {"ratioMetric": {"counter": False, "good": posted("good"), "total": posted("total")}}
    return {"metadata": {"name": f"{objective.slug}-indicator"}, "spec": metric}


def _window_of(objective: Objective) -> dict[str, Any]:
    if objective.window == BudgetWindow.CALENDAR_MONTH:
        return {
            "duration": "1M",
            "calendar": {"startTime": "2020-01-01 00:00:00", "timeZone": objective.zone},
            "isRolling": False,
        }
    return {"duration": "28d" if objective.window == BudgetWindow.ROLLING_28D else "30d", "isRolling": True}


def _document(kind: str, name: str, shown: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": VERSION,
        "kind": kind,
        "metadata": {"name": name, "displayName": shown},
        "spec": spec,
    }
