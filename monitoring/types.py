"""What a source hands over: plain facts, no database, no HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

# The label that holds a rule's own key: alerts of one rule share it, those that lost their labels too.
RULE_LABEL = "rule_uid"
# Ends that say nothing about whether it is well: the source stopped seeing.
VANISHED = ("missing_series", "no_data", "error")

Status = Literal["firing", "resolved", "no_data"]
SignalSeverity = Literal["critical", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Signal:
    """One reading of one alert, normalised. All times are aware and in UTC.

    `identity` is the source's own key of the alert; the same alert has the same identity when it fires,
    repeats and resolves. `event_at` is the source's time of this reading (resolved: when it ended,
    otherwise: when it began) and orders readings that arrive late; None where the source gives no time.
    `severity` is the urgency that the source claims, `severity_raw` its own word for it.
    `resolve_reason` is empty for an ordinary end, else why it ended without being fixed ("missing_series").
    """

    identity: str
    status: Status
    title: str
    body: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    severity: SignalSeverity = "warning"
    severity_raw: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    event_at: datetime | None = None
    url: str = ""
    resolve_reason: str = ""
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parsed:
    """One post, read. `truncated` counts alerts that the sender left out or that were over our limit.

    `event_ids` are the sender's own ids of the signals, one each, where it gives them; the same id counts once.
    """

    signals: tuple[Signal, ...]
    truncated: int = 0
    group_key: str = ""
    notes: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()


class UnparsableError(ValueError):
    """A post that can't be read. `reason` says what is wrong, `hint` what its sender can do about it."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(f"{reason} {hint}".strip())
        self.reason = reason
        self.hint = hint
