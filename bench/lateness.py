"""How late what is due is worked, through the real stack: `python -m bench.lateness`.

From the alert to its message at fifty alerts a second; promises that fall due one after the other while 100,000 and
1,000,000 others are armed; ten thousand that fall due in the same second, and SEV1s among them. A trigger of the
bench's own notes the instant at which a row was worked, so a figure is of every row and not of samples.
"""

import argparse
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

from bench.figures import Figure, percentile
from bench.intake import send
from bench.stack import Stack, running

Say = Callable[[str], None]
SERVICES = 400
HANDS = 40
# Of ten alerts so many begin an incident of their own, and so a call; the others repeat or join.
OWN = 1
QUICK: dict[str, Any] = {"seconds": 3.0, "due": 300, "armed": [10_000]}
_NOTED = """
CREATE TABLE bench_noted (row_id bigint, due timestamptz, at timestamptz);
CREATE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO bench_noted VALUES (OLD.id, OLD.next_at, clock_timestamp()); RETURN NULL; END $$;
CREATE TRIGGER bench_note AFTER UPDATE OF next_at ON incidents_clock FOR EACH ROW
    WHEN (OLD.next_at IS NOT NULL AND OLD.next_at IS DISTINCT FROM NEW.next_at) EXECUTE FUNCTION bench_note();
"""
_INCIDENTS = """
INSERT INTO incidents_incident (service_id, title, summary, state, severity, impact, urgency, severity_reason, source,
    party, hold_party, hold_reason, resolution, resolution_note, started_at, detected_at, opened_at, reopened_count,
    last_entry, version)
SELECT (SELECT min(id) FROM services_service) + n %% %s::int, 'Due ' || n, '', 'new', %s, '', '', '', 'alert', 'l1', '', '',
    '', '', now(), now(), now(), 0, '', 1 FROM generate_series(1, %s::int) AS n RETURNING id
"""
_CLOCKS = """
INSERT INTO incidents_clock (incident_id, kind, state, agreement_name, severity, target_seconds, warn_percent, pausable,
    hours, started_at, due_at, warn_at, pauses, next_at, cycle)
SELECT id, 'resolve', 'running', 'bench', severity, 360000, 80, true, '{}', now(), now() + interval '100 hours',
    %s::timestamptz + (row_number() OVER (ORDER BY id) - 1) * %s::interval, '[]',
    %s::timestamptz + (row_number() OVER (ORDER BY id) - 1) * %s::interval, 1
FROM incidents_incident WHERE id = ANY(%s)
"""
_ARMED = """
INSERT INTO incidents_clock (incident_id, kind, state, agreement_name, severity, target_seconds, warn_percent, pausable,
    hours, started_at, due_at, warn_at, pauses, next_at, cycle)
SELECT 1000000000 + n, 'resolve', 'running', 'bench', 'SEV3', 360000, 80, true, '{}', now(),
    now() + interval '10 days' + n * interval '1 second', now() + interval '5 days' + n * interval '1 second', '[]',
    now() + interval '5 days' + n * interval '1 second', 1 FROM generate_series(%s::int, %s::int) AS n
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each stretch")
    parser.add_argument("--due", type=int, default=10_000, help="promises in the same second")
    parser.add_argument("--armed", type=int, nargs="*", default=[100_000, 1_000_000])
    words = parser.parse_args()
    for figure in measure(
        partial(print, flush=True), seconds=words.seconds, due=words.due, armed=words.armed
    ):
        print(
            f"{figure.mark or ' '} {figure.value_text:>12}  {figure.name}  {figure.goal_text}  {figure.reference}"
        )


def measure(
    say: Say, *, seconds: float = 15.0, due: int = 10_000, armed: list[int] | None = None
) -> list[Figure]:
    """Figures of lateness."""
    figures: list[Figure] = []
    with running() as stack:
        door = seed(stack)
        stack.rows(_NOTED)
        figures += alerts(stack, door, say, seconds)
        done = 0
        for count in [100_000, 1_000_000] if armed is None else armed:
            arm(stack, done + 1, count)
            done = count
            say(f"{count:,} clocks armed")
            figures += trickle(stack, say, count, seconds)
        figures += flood(stack, say, due)
    return figures


def seed(stack: Stack) -> str:
    """Services with an agreement, a rota and a policy each of some crews; the path of the intake."""
    # Django knows its database only now.
    from core import clock  # noqa: PLC0415
    from core.types import SYSTEM  # noqa: PLC0415
    from monitoring.domain.integrations import create_integration, intake_url  # noqa: PLC0415
    from rotas.models import PolicyAssignment  # noqa: PLC0415
    from services.models import Service  # noqa: PLC0415
    from tests import make  # noqa: PLC0415

    rotas = import_module("tests.rotas.make")  # its makers have no types
    team = make.team()
    policies = []
    for n in range(HANDS):
        person = make.user(email=f"hand{n}@bench.mainstay")
        for urgency in ("urgent", "ordinary"):
            person.notification_rules.create(urgency=urgency, channel="in_app", delay_minutes=0, position=0)
        policies.append(rotas.policy(person, wait=600, is_default=n == 0))
    agreement = make.agreement({name: (600, 6000) for name in ("SEV1", "SEV2", "SEV3", "SEV4")})
    made = Service.objects.bulk_create(
        Service(
            slug=f"bench-{n}", name=f"Bench {n}", tier=2, kind="online", owning_team=team, agreement=agreement
        )
        for n in range(SERVICES)
    )
    PolicyAssignment.objects.bulk_create(
        PolicyAssignment(service=each, policy=policies[n % HANDS]) for n, each in enumerate(made)
    )
    url = intake_url(create_integration("generic", name="Bench", actor=SYSTEM, now=clock.now()))
    stack.rows("UPDATE monitoring_integration SET rate = 100000")
    return url[url.index("/api/") :]


def alerts(stack: Stack, door: str, say: Say, seconds: float) -> list[Figure]:
    """Fifty alerts a second; one of ten opens an incident and calls somebody."""
    send(stack, stack.port, [door], seconds=3, alerts=1, prefix="warm", rate=10, services=1)
    _until(stack, "SELECT count(*) = 0 FROM monitoring_alertchange WHERE handled_at IS NULL", 60)
    load = send(
        stack,
        stack.port,
        [door],
        seconds=seconds,
        alerts=1,
        prefix="msg",
        rate=50,
        services=SERVICES,
        own=10 // OWN,
    )
    _until(stack, "SELECT count(*) = 0 FROM monitoring_alertchange WHERE handled_at IS NULL", 120)
    _until(stack, "SELECT count(*) = 0 FROM rotas_escalationrun WHERE next_at <= now()", 60)
    _until(stack, "SELECT count(*) = 0 FROM notifications_message WHERE next_at <= now()", 60)
    took = _seconds(
        stack,
        "SELECT extract(epoch FROM min(m.sent_at) - min(a.first_seen_at)) FROM monitoring_alert a "
        "JOIN incidents_incidentalert l ON l.alert_id = a.id "
        "JOIN notifications_message m ON m.about_ref = 'INC-' || l.incident_id AND m.sent_at IS NOT NULL "
        "GROUP BY l.incident_id HAVING bool_and(a.identity LIKE 'msg-%')",
    )
    say(f"alert → message: {len(took)} calls of {load['accepted']} alerts, {_summary(took)}")
    mix = f"{len(took)} calls of {load['accepted']} alerts"
    return [
        Figure("lateness", "alert → message p50 at 50 alerts/s", percentile(took, 50), "s", None, False, mix),
        Figure("lateness", "alert → message p99 at 50 alerts/s", percentile(took, 99), "s", 1.0, True, mix),
    ]


def arm(stack: Stack, first: int, last: int) -> None:
    """Promises that count and are due in days. Their incidents don't exist: nobody will ask for them."""
    with stack.link() as link:
        link.execute("SET session_replication_role = replica")
        link.execute(_ARMED, [first, last])
    stack.rows("VACUUM (ANALYZE) incidents_clock")


def trickle(stack: Stack, say: Say, armed: int, seconds: float) -> list[Figure]:
    """Fifty promises a second fall due."""
    late = due_at(stack, int(seconds * 50), timedelta(milliseconds=20))
    say(f"50 due a second among {armed:,} armed: {_summary(late)}")
    name = f"lateness with {armed:,} armed clocks, 50 due a second"
    return [
        Figure("lateness", f"{name}, p50", percentile(late, 50), "s"),
        Figure("lateness", f"{name}, p99", percentile(late, 99), "s", 1.0, True),
    ]


def flood(stack: Stack, say: Say, due: int) -> list[Figure]:
    """Very many fall due in the same second; a SEV1 does so every second while they are worked."""
    stack.rows("TRUNCATE bench_noted")
    start = stack.one("SELECT clock_timestamp() + interval '3 seconds'")
    plan_clocks(stack, due, "SEV3", start, timedelta(seconds=1) / due)
    severe = plan_clocks(stack, 12, "SEV1", start + timedelta(seconds=1), timedelta(milliseconds=700))
    _until(
        stack, "SELECT count(*) = 0 FROM incidents_clock WHERE next_at <= now() + interval '20 seconds'", 180
    )
    took = stack.one("SELECT extract(epoch FROM max(n.at) - %s) FROM bench_noted n JOIN incidents_clock c "
                     "ON c.id = n.row_id WHERE c.severity = 'SEV3'", start + timedelta(seconds=1))  # fmt: skip
    late = _seconds(
        stack,
        "SELECT extract(epoch FROM n.at - n.due) FROM bench_noted n JOIN incidents_clock c ON c.id = n.row_id "
        "WHERE c.incident_id = ANY(%s)",
        severe,
    )
    say(f"{due:,} due in one second: drained {took:.1f} s after it; SEV1 among them {_summary(late)}")
    return [
        Figure("lateness", f"{due:,} clocks due in one second, drained after", float(took), "s", 20.0, True),
        Figure("lateness", "a SEV1 that falls due meanwhile, latest", max(late, default=0.0), "s", 2.0, True),
    ]


def due_at(stack: Stack, count: int, apart: timedelta) -> list[float]:
    """Have promises fall due one after the other; how late each was worked, in seconds."""
    stack.rows("TRUNCATE bench_noted")
    start = stack.one("SELECT clock_timestamp() + interval '2 seconds'")
    plan_clocks(stack, count, "SEV3", start, apart)
    time.sleep(2 + count * apart.total_seconds())
    _until(stack, "SELECT count(*) = 0 FROM incidents_clock WHERE next_at <= now()", 60)
    return _seconds(stack, "SELECT extract(epoch FROM at - due) FROM bench_noted")


def plan_clocks(stack: Stack, count: int, severity: str, start: datetime, apart: timedelta) -> list[int]:
    """Incidents of that severity whose warnings are due from `start` on, so much apart; their ids."""
    ids = [pk for (pk,) in stack.rows(_INCIDENTS, SERVICES, severity, count)]
    stack.rows(_CLOCKS, start, apart, start, apart, ids)
    return ids


def _seconds(stack: Stack, query: str, *values: Any) -> list[float]:
    return [float(value) for (value,) in stack.rows(query, *values)]


def _until(stack: Stack, question: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    with stack.link() as link:
        while link.execute(question).fetchone() != (True,):  # type: ignore[call-overload]
            if time.monotonic() > until:
                raise SystemExit(f"It did not come about within {seconds:.0f} s: {question}")
            time.sleep(0.1)


def _summary(seconds: list[float]) -> str:
    p50, p99 = percentile(seconds, 50), percentile(seconds, 99)
    return f"{len(seconds)} rows, p50 {p50:.2f} p99 {p99:.2f} max {max(seconds, default=0.0):.2f} s"


if __name__ == "__main__":
    main()
