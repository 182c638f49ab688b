"""What a service depends on and what depends on it, as far as a reader may see, drawn as boxes and lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.choices import DependencyKind
from services.domain.dependencies import Edge, Reached, circles, reached
from services.health import truths
from services.models import Dependency, Service
from services.queries.visible import services_visible_to
from services.types import Truth

MOST_BOXES = 8
BOX, GAP, TOP = 44, 20, 14  # pixels
_TEXT = 26  # characters that fit into a box
_COLUMN = 37  # percent from one column to the next; a box is 26 wide


@dataclass(frozen=True, slots=True)
class Box:
    """One service in the drawing: `y` is its top in pixels; `says` what is taken."""

    service: Service
    truth: Truth
    y: int
    says: str
    critical: bool

    @property
    def middle(self) -> int:
        return self.y + BOX // 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A service that feels it when this one is down."""

    service: Service
    steps: int
    down: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Upstream left, here, downstream right; without anything upstream, here stands left. `lines` and `heavy` are SVG paths in
    a box of 100 × `height`; `here_x` and `down_x` are the left edges of the columns in percent."""

    upstream: tuple[Box, ...]
    here: Box
    downstream: tuple[Box, ...]
    more_up: int
    more_down: int
    lines: str
    heavy: str
    height: int
    here_x: int
    down_x: int
    hits: tuple[Hit, ...]
    circles: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.upstream or self.downstream)

    @property
    def sentence(self) -> str:
        """For readers who don't see the drawing."""
        feeds = ", ".join(f"{box.service.slug} ({box.truth.word})" for box in self.upstream) or "–"
        reads = ", ".join(f"{box.service.slug} ({box.truth.word})" for box in self.downstream) or "–"
        return f"{feeds} → {self.here.service.slug} ({self.here.truth.word}) → {reads}"


def edges() -> list[Edge]:
    """All dependencies. One query: a catalogue has some hundreds."""
    rows = Dependency.objects.order_by("pk")
    return [
        Edge(*row) for row in rows.values_list("upstream_id", "downstream_id", "kind", "critical", "note")
    ]


def graph_of(service: Service, user: Any) -> Graph:
    """The drawing for this reader; what they may not see is left out. Two queries, and one a provider of health."""
    known = edges()
    up = _sides([edge for edge in known if edge.downstream == service.pk], "upstream")
    down = _sides([edge for edge in known if edge.upstream == service.pk], "downstream")
    hit = reached(known, service.pk)
    around = [path for path in circles(known) if service.pk in path]
    keys = {*up, *down, *(each.service for each in hit), *(key for path in around for key in path)}
    visible = services_visible_to(user).filter(pk__in=keys - {service.pk}) if keys - {service.pk} else []
    seen = {each.pk: each for each in visible}
    shown_up = [key for key in up if key in seen]
    shown_down = [key for key in down if key in seen]
    healths = truths([service.pk, *shown_up[:MOST_BOXES], *shown_down[:MOST_BOXES]])
    most = max(len(shown_up[:MOST_BOXES]), len(shown_down[:MOST_BOXES]), 1)
    height = 2 * TOP + most * BOX + (most - 1) * GAP
    left = _boxes(shown_up[:MOST_BOXES], seen, healths, up, height)
    right = _boxes(shown_down[:MOST_BOXES], seen, healths, down, height)
    here = Box(service, healths[service.pk], (height - BOX) // 2, str(service.get_kind_display()), False)
    return Graph(
        upstream=left,
        here=here,
        downstream=right,
        more_up=max(len(shown_up) - MOST_BOXES, 0),
        more_down=max(len(shown_down) - MOST_BOXES, 0),
        lines=_paths(left, here, right, critical=False),
        heavy=_paths(left, here, right, critical=True),
        height=height,
        here_x=_COLUMN if left else 0,
        down_x=2 * _COLUMN if left else _COLUMN,
        hits=tuple(_hits(hit, seen)),
        circles=tuple(_said(path, {**seen, service.pk: service}) for path in around),
    )


def _sides(found: list[Edge], end: str) -> dict[int, list[Edge]]:
    """By the other service, critical ones first."""
    grouped: dict[int, list[Edge]] = {}
    for edge in sorted(found, key=lambda each: not each.critical):
        grouped.setdefault(getattr(edge, end), []).append(edge)
    return grouped


def _boxes(
    keys: list[int],
    seen: Mapping[int, Service],
    healths: Mapping[int, Truth],
    those: Mapping[int, list[Edge]],
    height: int,
) -> tuple[Box, ...]:
    top = (height - len(keys) * BOX - (len(keys) - 1) * GAP) // 2
    return tuple(
        Box(
            seen[key],
            healths[key],
            top + index * (BOX + GAP),
            _says(those[key]),
            any(edge.critical for edge in those[key]),
        )
        for index, key in enumerate(keys)
    )


def _says(those: list[Edge]) -> str:
    note = next((edge.note for edge in those if edge.note), "")
    words = note or ", ".join(dict.fromkeys(str(DependencyKind(edge.kind).label) for edge in those))
    return words if len(words) <= _TEXT else words[: _TEXT - 1] + "…"


def _paths(left: tuple[Box, ...], here: Box, right: tuple[Box, ...], *, critical: bool) -> str:
    """From box to box, with a bend halfway between the columns."""
    to = [f"M26,{box.middle} H31.5 V{here.middle} H37" for box in left if box.critical == critical]
    begin, bend, end = ("63", "68.5", "74") if left else ("26", "31.5", "37")
    off = [
        f"M{begin},{here.middle} H{bend} V{box.middle} H{end}" for box in right if box.critical == critical
    ]
    return " ".join([*to, *off])


def _hits(hit: list[Reached], seen: Mapping[int, Service]) -> list[Hit]:
    return [Hit(seen[each.service], each.steps, each.down) for each in hit if each.service in seen]


def _said(path: list[int], seen: Mapping[int, Service]) -> str:
    return " → ".join(seen[key].slug if key in seen else "…" for key in path)
