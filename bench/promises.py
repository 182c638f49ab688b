"""How fast promises begin, stand still and are planned anew, through the real stack: `python -m bench.promises`.

Incidents with five promises each, counted in office hours with a ladder of warnings. An edited calendar is then applied to all
that counts, by the worker, while the portal answers. The test bench of an agreement is asked through the API.
"""

import argparse
import json
import time
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from bench.figures import Figure, percentile
from bench.stack import Stack, running

Say = Callable[[str], None]
QUICK: dict[str, Any] = {"incidents": 60, "asked": 10}
KINDS = {"acknowledge": 60, "first_update": 90, "next_update": 120, "mitigate": 240, "resolve": 480}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--incidents", type=int, default=2_500, help="with four promises each that begin at once"
    )
    parser.add_argument("--asked", type=int, default=200, help="questions to the test bench")
    words = parser.parse_args()
    for figure in measure(partial(print, flush=True), incidents=words.incidents, asked=words.asked):
        print(
            f"{figure.mark or ' '} {figure.value_text:>12}  {figure.name}  {figure.goal_text}  {figure.reference}"
        )


def measure(say: Say, *, incidents: int = 2_500, asked: int = 200) -> list[Figure]:
    """Figures of promises."""
    with running() as stack:
        return [*_verbs(stack, say, incidents), *_replanned(stack, say), *_asked(stack, say, asked)]


def _verbs(stack: Stack, say: Say, count: int) -> list[Figure]:
    # Django knows its database only now.
    from django.db import transaction  # noqa: PLC0415

    from core import clock  # noqa: PLC0415
    from incidents.domain import clocks  # noqa: PLC0415
    from incidents.models import Clock, Incident  # noqa: PLC0415

    service, now = _service(), clock.now()
    made = Incident.objects.bulk_create(
        Incident(
            service=service, title=f"Bench {n}", severity="SEV2", source="portal", started_at=now, detected_at=now, opened_at=now
        )
        for n in range(count)
    )  # fmt: skip

    def timed(work: Callable[[Incident], object], some: int = count) -> float:
        began = time.perf_counter()
        for incident in made[:some]:
            with transaction.atomic():
                work(incident)
        return time.perf_counter() - began

    def hold(incident: Incident) -> None:
        incident.state, incident.hold_party = "on_hold", "client"
        clocks.settle(incident, now=clock.now())

    def go_on(incident: Incident) -> None:
        incident.state, incident.hold_party = "investigating", ""
        clocks.settle(incident, now=clock.now())

    started = timed(lambda incident: clocks.start(incident, now=clock.now()))
    begun = Clock.objects.count()
    say(f"{begun:,} promises begun")
    some = made[: count // 4]
    paused, resumed = timed(hold, len(some)), timed(go_on, len(some))
    stopping = Clock.objects.filter(pausable=True, incident__in=some).count()
    say(f"{stopping:,} of them stood still and went on")
    return [
        Figure("promises", "promises begun a second, one incident a transaction", begun / started),
        Figure("promises", "promises stopped a second", stopping / paused),
        Figure("promises", "promises going on a second, planned anew", stopping / resumed),
    ]


def _replanned(stack: Stack, say: Say) -> list[Figure]:
    """An edited calendar applied to all that counts: from asking to the last, by the worker."""
    from core import clock  # noqa: PLC0415
    from core.types import SYSTEM  # noqa: PLC0415
    from incidents.domain import replanning  # noqa: PLC0415
    from services.models import BusinessCalendar, CalendarException  # noqa: PLC0415

    calendar = BusinessCalendar.objects.get(slug="bench-office")
    day = clock.now().date() + timedelta(days=1)
    CalendarException.objects.create(calendar=calendar, date=day, reason="Holiday")
    began = time.perf_counter()
    job = replanning.ask(actor=SYSTEM, now=clock.now(), how="keep", reason="Holiday", calendar=calendar)
    while stack.one("SELECT finished_at IS NULL FROM incidents_replanning WHERE id = %s", job.pk):
        if time.perf_counter() - began > 120:
            raise SystemExit("The calendar was not applied within two minutes.")
        time.sleep(0.05)
    took = time.perf_counter() - began
    job.refresh_from_db()
    say(f"{job.total:,} promises looked at, {job.moved:,} moved, in {took:.1f} s")
    for_many = took * 10_000 / max(1, job.total)
    return [
        Figure("promises", "10,000 open promises planned anew after a calendar was edited", for_many, "s", 10.0, True,
               f"{job.total:,} in {took:.1f} s, each told on its timeline"),
        Figure("promises", "promises planned anew a second", job.total / took),
    ]  # fmt: skip


def _asked(stack: Stack, say: Say, count: int) -> list[Figure]:
    """Questions to the test bench, one after the other, through the real server."""
    from accounts.domain.tokens import issue  # noqa: PLC0415
    from core import clock  # noqa: PLC0415
    from tests import make  # noqa: PLC0415

    token = issue(make.user("lead"), "bench", ["read", "write"], None, clock.now())[1]
    body = json.dumps({"severity": "SEV2", "raised_at": "2026-03-06T16:50:00+03:00"}).encode()
    seconds = []
    for _ in range(count):
        question = urllib.request.Request(
            f"http://127.0.0.1:{stack.port}/api/v1/agreements/bench/try/",
            body,
            {"Authorization": f"Token {token}", "Content-Type": "application/json"},
        )
        began = time.perf_counter()
        with urllib.request.urlopen(question, timeout=30) as answer:
            answer.read()
        seconds.append(time.perf_counter() - began)
    say(f"{count} questions to the test bench")
    return [
        Figure(
            "promises", "an answer of an agreement’s test bench, p95", percentile(seconds, 95) * 1000, "ms", 150.0, True,
            f"p50 {percentile(seconds, 50) * 1000:.0f} ms",
        )
    ]  # fmt: skip


def _service() -> Any:
    from services.models import CalendarFrame  # noqa: PLC0415
    from tests import make  # noqa: PLC0415

    calendar = make.calendar(slug="bench-office", always_open=False, zone="Africa/Nairobi", country="KE")
    CalendarFrame.objects.bulk_create(
        CalendarFrame(calendar=calendar, weekday=weekday, opens=opens * 60, closes=closes * 60)
        for weekday in range(5)
        for opens, closes in ((8, 12), (13, 17))
    )
    agreement = make.agreement({}, slug="bench", calendar=calendar)
    for kind, minutes in KINDS.items():
        make.target(agreement, "SEV2", kind, minutes=minutes)
    make.rung(agreement, 50, kind="resolve")
    make.rung(agreement, 30, unit="before", kind="resolve", act="escalate")
    return make.service(agreement=agreement)


if __name__ == "__main__":
    main()
