"""Sources: who may send alerts, one file each. docs/recipes/add-a-source.md tells how to add one."""

from monitoring.sources.alertmanager import AlertmanagerSource
from monitoring.sources.base import Source
from monitoring.sources.generic import GenericSource
from monitoring.sources.grafana import GrafanaSource

_SOURCES: dict[str, Source] = {
    source.slug: source for source in (AlertmanagerSource(), GrafanaSource(), GenericSource())
}


def get_source(slug: str) -> Source | None:
    """The source with this slug, or None."""
    return _SOURCES.get(slug)


def all_sources() -> tuple[Source, ...]:
    """Every source, in the order in which pages offer them."""
    return tuple(_SOURCES.values())
