"""Business time by looking at every step of time, one after the other; the judge of the fast one.

The rule for gaps and folds in its plainest form: an edge of a frame has come as soon as the wall clock has
shown it or a later time. So an instant is open when the furthest time the clock has shown lies in a frame.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class SlowCalendar:
    """Open or not for each step of `step` seconds between `low` and `high`, by brute force."""

    def __init__(self, hours, low, high, step, pauses=()):
        self.step = timedelta(seconds=step)
        self.low = low
        zone = ZoneInfo(hours.zone)
        exceptions = dict(hours.exceptions)
        self.running = []
        at = low - timedelta(days=2)
        furthest = at.astimezone(zone).replace(tzinfo=None)
        while at < high:
            furthest = max(furthest, at.astimezone(zone).replace(tzinfo=None, fold=0))
            if at >= low:
                self.running.append(
                    _open(hours, exceptions, furthest) and not any(start <= at < end for start, end in pauses)
                )
            # before the window the clock need not be watched closely, only how far it has come
            at += self.step if at >= low - timedelta(hours=3) else timedelta(hours=1)

    def _index(self, at):
        return (at - self.low) // self.step

    def elapsed(self, start, end):
        """Running seconds between two instants."""
        steps = sum(self.running[self._index(start) : self._index(end)])
        return steps * int(self.step.total_seconds())

    def add(self, start, seconds):
        """Forward to the first instant with so many running seconds before it; None beyond the window."""
        left = seconds
        for index in range(self._index(start), len(self.running)):
            if self.running[index]:
                if seconds == 0:
                    return self.low + index * self.step
                left -= int(self.step.total_seconds())
                if left <= 0:
                    return self.low + (index + 1) * self.step
        return None

    def subtract(self, end, seconds):
        """Back to the last instant with so many running seconds after it; None before the window."""
        left = seconds
        for index in range(self._index(end) - 1, -1, -1):
            if self.running[index]:
                left -= int(self.step.total_seconds())
                if left <= 0:
                    return self.low + index * self.step
        return None


def _open(hours, exceptions, wall):
    day = wall.date()
    frames = exceptions.get(day)
    if frames is None:
        frames = () if day in hours.holidays else hours.weekly[day.weekday()]
    second = wall.hour * 3600 + wall.minute * 60 + wall.second
    return any(opening <= second < closing for opening, closing in frames)


def utc(*parts):
    """A UTC instant."""
    return datetime(*parts, tzinfo=UTC)
