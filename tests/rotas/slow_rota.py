"""Who is on call at one minute, straight from the words of the policy; the judge of the fast engine.

A wall-clock time has come as soon as the layer's clock has shown it or a later time, so everything is decided
by the furthest time the clock has shown: window and period alike. Works on whole minutes.
"""

from calendar import monthrange
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def slow_who(layers, overrides, at):
    """People and layer at a minute."""
    people, key = (), None
    for layer in sorted(layers, key=lambda each: (-each.priority, each.key)):
        people = on_layer(layer, at)
        if people:
            key = layer.key
            break
    for override in sorted(overrides, key=lambda each: each.key):
        if override.start <= at < override.end:
            people = changed(people, override)
    return people, key


def changed(people, override):
    """One override, kind by kind."""
    if override.replace_all:
        return override.adds
    if override.removes and override.adds:
        if not set(people) & set(override.removes):
            return people
        result = []
        for person in people:
            result += [person] if person not in override.removes else override.adds
        return unique(result)
    if override.removes:
        return tuple(person for person in people if person not in override.removes)
    return unique(people + override.adds)


def unique(people):
    """Each once, in order of first sight."""
    return tuple(person for place, person in enumerate(people) if person not in people[:place])


def furthest(at, zone):
    """The furthest that the wall clock has shown up to an instant."""
    zone = ZoneInfo(zone)
    return max((at - timedelta(minutes=n)).astimezone(zone).replace(tzinfo=None, fold=0) for n in range(150))


def on_layer(layer, at):
    """The people of a layer at a minute, by itself."""
    if (layer.starts and at < layer.starts) or (layer.ends and at >= layer.ends) or not layer.groups:
        return ()
    wall = furthest(at, layer.zone)
    if layer.windows and not meets(layer.windows, wall, wall + timedelta(minutes=1)):
        return ()
    return layer.groups[turn(layer, wall) % len(layer.groups)]


def meets(windows, start, end):
    """Whether a window is open somewhere between two wall-clock times."""
    day = datetime.combine(start.date(), datetime.min.time()) - timedelta(days=1)
    while day < end:
        for window in windows:
            if day.weekday() in window.weekdays:
                opening = datetime.combine(day, window.start)
                closing = datetime.combine(day, window.end)
                closing += timedelta(days=1) if closing <= opening else timedelta(0)
                if opening < end and start < closing:
                    return True
        day += timedelta(days=1)
    return False


def begin(layer, period, length):
    """The wall-clock time at which a period begins."""
    anchor = layer.anchor
    if layer.unit == "monthly":
        day = 1 if layer.turns == "calendar" else anchor.day
        years, month = divmod(anchor.month - 1 + period * length, 12)
        year = anchor.year + years
        return anchor.replace(year=year, month=month + 1, day=min(day, monthrange(year, month + 1)[1]))
    if layer.unit == "weekly" and layer.turns == "calendar":
        anchor -= timedelta(days=anchor.weekday())
    return anchor + period * length * {"hourly": HOUR, "daily": 24 * HOUR, "weekly": 168 * HOUR}[layer.unit]


HOUR = timedelta(hours=1)


def turn(layer, wall):
    """The number of the turn; days (or blocks of hours) in which no window opens count for nothing."""
    counting = layer.windows and not layer.count_closed and layer.unit in ("hourly", "daily")
    length = 1 if counting and layer.unit == "daily" else layer.length
    period = 0
    while begin(layer, period, length) > wall:
        period -= 1
    while begin(layer, period + 1, length) <= wall:
        period += 1
    if not counting:
        return period
    counted = sum(
        meets(layer.windows, begin(layer, n, length), begin(layer, n + 1, length))
        for n in range(min(0, period), max(0, period))
    )
    counted = counted if period >= 0 else -counted
    return counted // layer.length if layer.unit == "daily" else counted
