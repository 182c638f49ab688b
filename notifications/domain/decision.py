"""What becomes of a message after an attempt. Pure: state and time in, the next state out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.choices import MessageState
from notifications.types import Outcome

# Seconds to wait after the first, second, … attempt. One attempt more than waits, then it has failed.
BACK_OFF = (5, 15, 60, 300, 900)
MAX_ATTEMPTS = len(BACK_OFF) + 1
JITTER = 0.2
LONGEST_WAIT = 3600


@dataclass(frozen=True, slots=True)
class Next:
    """The state after an attempt; `next_at` is when it is tried again, None once nothing more happens."""

    state: MessageState
    next_at: datetime | None = None
    error: str = ""


def decide(
    attempts: int, outcome: Outcome, now: datetime, *, message_id: int = 0, called_back: str = ""
) -> Next:
    """After attempt number `attempts` (from 1) ended as `outcome` at `now`.

    A temporary error waits by the back-off, or as long as the provider asked for where that is longer (an
    hour at most). A lost attempt is due at once: its lease was the wait. `called_back` is the reason why a
    message need not go any more: then it is cancelled rather than tried again.
    """
    if outcome.kind == "sent":
        return Next(MessageState.SENT)
    if outcome.kind == "held":
        return Next(MessageState.HELD, error=outcome.detail[:500])
    if called_back:
        return Next(MessageState.CANCELLED, error=called_back[:500])
    error = outcome.detail[:500]
    if outcome.kind == "permanent":
        return Next(MessageState.FAILED, error=error)
    if attempts >= MAX_ATTEMPTS:
        return Next(MessageState.FAILED, error=f"Given up after {attempts} attempts. {error}"[:500])
    if outcome.kind == "lost":
        return Next(MessageState.PENDING, now, error)
    pause = max(wait(attempts, message_id), min(outcome.retry_after or 0, LONGEST_WAIT))
    return Next(MessageState.PENDING, now + timedelta(seconds=pause), error)


def wait(attempts: int, message_id: int) -> float:
    """Seconds after attempt number `attempts`: the back-off and up to a fifth more.

    The share comes from the message's number, so that a thousand that failed together don't return together,
    and the same one always does the same.
    """
    share = (message_id * 2654435761 % 2**32) / 2**32
    return BACK_OFF[attempts - 1] * (1 + JITTER * share)
