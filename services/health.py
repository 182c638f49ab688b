"""Who knows how a service is. Higher apps register; the catalogue shows the worst they tell."""

from collections.abc import Callable, Collection, Mapping

from services.types import Truth

Provider = Callable[[Collection[int]], Mapping[int, Truth]]
_providers: dict[str, Provider] = {}
_RANK = {"bad": 0, "watch": 1, "none": 2, "ok": 3}
WELL = Truth("ok", "Well", "no open incident")


def register(name: str, provider: Provider) -> None:
    """Add a provider: service keys in, the worst truth it knows of each out. One query at most."""
    _providers[name] = provider


def truths(service_ids: Collection[int]) -> dict[int, Truth]:
    """The worst truth of each service; well where nobody says otherwise."""
    worst = dict.fromkeys(service_ids, WELL)
    for provider in _providers.values():
        for key, truth in provider(service_ids).items():
            if _RANK[truth.tone] < _RANK[worst[key].tone]:
                worst[key] = truth
    return worst


def rank(truth: Truth) -> int:
    """For sorting: the worst first."""
    return _RANK[truth.tone]
