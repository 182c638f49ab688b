"""Of several messages of one kind about one thing to one contact, the newest says it."""

from collections.abc import Iterable

from notifications.domain.pipeline.shapes import Contact, Due, Sent, Topic

Story = tuple[Contact, str, Topic]


def dedupe(due: Iterable[Due], sent: Iterable[Sent]) -> tuple[list[Due], dict[int, int]]:
    """What stays, and which older messages are dropped for which newer one.

    A newer one that has left already counts too: yesterday's news doesn't follow it. Only what was never
    attempted is dropped: of an attempted one nobody knows whether it arrived, so it keeps its key and its turn.
    """
    due = list(due)
    everything: list[Due | Sent] = [*due, *sent]
    newest: dict[Story, Due | Sent] = {}
    for one in everything:
        story = _story(one)
        if story not in newest or _age(one) > _age(newest[story]):
            newest[story] = one
    kept: list[Due] = []
    dropped: dict[int, int] = {}
    for each in due:
        winner = newest[_story(each)]
        if each.fresh and not each.alone and each.topic[2] and winner.id != each.id:
            dropped[each.id] = winner.id
        else:
            kept.append(each)
    return kept, dropped


def _story(each: Due | Sent) -> Story:
    return each.contact, each.urgency, each.topic


def _age(each: Due | Sent) -> tuple[float, int]:
    return each.created_at.timestamp(), each.id
