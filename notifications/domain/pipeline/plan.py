"""The pipeline as a whole: dedupe, then bundle, then throttle; the channel comes after."""

from collections.abc import Iterable
from datetime import datetime

from notifications.domain.pipeline.bundle import bundle
from notifications.domain.pipeline.dedupe import dedupe
from notifications.domain.pipeline.shapes import Due, Plan, Sent
from notifications.domain.pipeline.throttle import LIMITS, Limits, throttle


def plan(due: Iterable[Due], sent: Iterable[Sent], now: datetime, limits: Limits = LIMITS) -> Plan:
    """What leaves now, what waits until when, and what is dropped.

    `due` is everything due for the contacts it names, `sent` what left to them within the longest window or
    is under way. Every message of `due` ends up in exactly one place.
    """
    sent = list(sent)
    kept, dropped = dedupe(due, sent)
    go, wait = throttle(bundle(kept), sent, now, limits)
    return Plan(tuple(go), tuple(wait), dropped)
