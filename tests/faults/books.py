"""The accounts after a fault: nothing lost, nothing doubled under another key, nothing overdue."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg

from tests.faults.stack import Stack
from tests.faults.traffic import Traffic, is_named
from tests.patience import until

# What an engine should have done by a moment and has not, by engine.
_WAITING = """
SELECT (SELECT count(*) FROM monitoring_rawdelivery WHERE state = 'received' AND received_at <= %(by)s),
    (SELECT count(*) FROM monitoring_alertchange WHERE handled_at IS NULL AND at <= %(by)s),
    (SELECT count(*) FROM incidents_clock WHERE next_at <= %(by)s),
    (SELECT count(*) FROM rotas_escalationrun WHERE next_at <= %(by)s),
    (SELECT count(*) FROM notifications_message WHERE next_at <= %(by)s)
"""
_TIMES = (
    ("monitoring_rawdelivery", "received_at"),
    ("monitoring_alert", "last_seen_at"),
    ("monitoring_alertchange", "handled_at"),
    ("incidents_incident", "opened_at"),
    ("incidents_clock", "started_at"),
    ("rotas_call", "at"),
    ("notifications_message", "created_at"),
    ("notifications_message", "sent_at"),
)
RESUME = 5.0
_ENGINES = ("deliveries", "changes", "clocks", "runs", "messages")


def waiting(stack: Stack, by: Any) -> dict[str, int]:
    """What was due at `by` and still waits, by engine; empty when all of it is done."""
    query = _WAITING.replace("%(by)s", "%s")
    counts = stack.rows(query, *[by] * len(_ENGINES))[0]
    return {name: count for name, count in zip(_ENGINES, counts, strict=True) if count}


def resumes(stack: Stack, but: tuple[str, ...] = ()) -> None:
    """What is due now is done within RESUME seconds, apart from the engines named."""
    now = stack.now()
    left: dict[str, int] = {}

    def done() -> bool:
        try:
            found = waiting(stack, now)
        except (psycopg.Error, KeyError):
            return False
        left.clear()
        left.update({name: count for name, count in found.items() if name not in but})
        return not left

    within_seconds(done, lambda: f"what was due is done, left: {left}; {_how_it_stands(stack)}")


def _how_it_stands(stack: Stack) -> str:
    """For a failing test: the engines' beats, and what still waits."""
    beats = stack.rows(
        "SELECT name, clock_timestamp() - finished_at, worked, error FROM core_enginetick ORDER BY name"
    )
    runs = stack.rows(
        "SELECT count(*), min(clock_timestamp() - next_at) FROM rotas_escalationrun WHERE next_at <= clock_timestamp()"
    )
    messages = stack.rows(
        "SELECT id, channel, state, attempts, clock_timestamp() - created_at, clock_timestamp() - next_at, error "
        "FROM notifications_message WHERE next_at <= clock_timestamp() ORDER BY id LIMIT 10"
    )
    return "\n".join(map(str, [*beats, *runs, *messages]))


def within_seconds(fact: Callable[[], bool], what: str | Callable[[], str]) -> None:
    """The fact holds within RESUME seconds; on a machine that others keep busy, in proportion later."""
    patience = RESUME * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    until(fact, what, patience)


def no_time_lies_outside(stack: Stack, since: Any, by: Any) -> None:
    """Every time that was written since then lies between the two."""
    for table, column in _TIMES:
        newest = f"SELECT max({column}), count(*) FILTER (WHERE {column} >= %s) FROM {table}"
        latest, fresh = stack.rows(newest, since)[0]
        assert fresh > 0, (table, column)
        assert latest <= by, (table, column)


def make_due(stack: Stack, limit: int = 5) -> int:
    """The next step of some runs is due now; how many. Stands in for an hour of waiting."""
    query = """UPDATE rotas_escalationrun SET next_at = clock_timestamp() WHERE id IN (
        SELECT id FROM rotas_escalationrun WHERE state = 'running' AND step = 1 ORDER BY id LIMIT %s
        FOR UPDATE) RETURNING id"""
    return len(stack.rows(query, limit))


def let_waits_run_out(stack: Stack) -> None:
    """The wait passes before a failed message is tried again."""
    stack.rows(
        "UPDATE notifications_message SET next_at = clock_timestamp() "
        "WHERE state = 'pending' AND next_at > clock_timestamp()"
    )


def settle(stack: Stack) -> None:
    """Wait until every engine has nothing to do."""
    left: dict[str, int] = {}

    def quiet() -> bool:
        let_waits_run_out(stack)
        left.clear()
        left.update(waiting(stack, stack.now()))
        if in_hand := stack.rows("SELECT count(*) FROM notifications_message WHERE state = 'sending'")[0][0]:
            left["in hand"] = in_hand
        return not left

    until(quiet, lambda: f"nothing waits, but: {left}")


def check(stack: Stack, traffic: Traffic) -> None:
    """Everything that must hold once nothing waits any more."""
    settle(stack)
    assert traffic.count() > 0
    _every_post_counts(stack, traffic)
    _every_firing_alert_has_one_incident(stack, traffic)
    _every_incident_has_its_clocks_and_its_run(stack)
    _every_page_owed_was_sent_once(stack)


def _every_post_counts(stack: Stack, traffic: Traffic) -> None:
    kept = stack.rows(
        "SELECT convert_from(body, 'utf8')::jsonb #>> '{labels,post}', delivery_id, state FROM monitoring_rawdelivery"
    )
    rows = Counter(key for key, _, _ in kept)
    assert {key for key, name, _ in kept if key and name != (key if is_named(key) else "")} == set()
    assert {state for key, _, state in kept if key in traffic.posts} == {"done"}
    assert {key: rows[key] for key in traffic.posts if not 1 <= rows[key] <= traffic.most(key)} == {}
    expected = traffic.expected()
    query = "SELECT identity, count, status FROM monitoring_alert WHERE identity = ANY(%s)"
    found = {identity: (count, status) for identity, count, status in stack.rows(query, list(expected))}
    odd = {}
    for identity, (least, most, status) in expected.items():
        count, is_now = found.get(identity, (0, "missing"))
        taken = sum(rows[key] for key, post in traffic.posts.items() if post["id"] == identity)
        if not (least <= taken == count <= most and is_now == status):
            odd[identity] = (count, is_now, taken, least, most, status)
    assert odd == {}


def _every_firing_alert_has_one_incident(stack: Stack, traffic: Traffic) -> None:
    query = """
        SELECT a.identity, count(DISTINCT l.incident_id), count(DISTINCT i.id)
        FROM monitoring_alert a LEFT JOIN incidents_incidentalert l ON l.alert_id = a.id
        LEFT JOIN incidents_incident i ON i.service_id = a.service_id
        WHERE a.identity = ANY(%s) GROUP BY a.identity"""
    rows = stack.rows(query, list(traffic.expected()))
    assert len(rows) == len(traffic.expected())
    assert [row for row in rows if row[1:] != (1, 1)] == []


def _every_incident_has_its_clocks_and_its_run(stack: Stack) -> None:
    query = """
        SELECT i.id, i.state,
            (SELECT count(*) FROM incidents_clock c WHERE c.incident_id = i.id),
            (SELECT count(*) FROM rotas_escalationrun r WHERE r.subject_kind = 'incident' AND r.subject_id = i.id),
            (SELECT count(*) FROM incidents_clock c WHERE c.incident_id = i.id AND c.state = 'running'
                AND c.next_at IS NULL AND c.breached_at IS NULL)
        FROM incidents_incident i"""
    odd = [row for row in stack.rows(query) if tuple(row[2:]) != (2, 1, 0)]
    assert odd == []


def _every_page_owed_was_sent_once(stack: Stack) -> None:
    """One inbox row and one e-mail for each call; the mail server got each e-mail under one key.

    Calls that were due to one contact at one time left together, under the key of their bundle.
    """
    called = stack.rows(
        """SELECT run_id, round, step, user_id, count(*) FROM rotas_call
        WHERE user_id IS NOT NULL GROUP BY 1, 2, 3, 4"""
    )
    owed = Counter({(run, turn, step, user): count for run, turn, step, user, count in called})
    for channel in ("in_app", "email"):
        pages = stack.rows(
            """SELECT (data->>'run')::int, (data->>'round')::int - 1, (data->>'step')::int - 1, recipient_id
            FROM notifications_message WHERE kind = 'incident.page' AND channel = %s""",
            channel,
        )
        assert Counter(map(tuple, pages)) == owed, channel
    # A run that is past its first step has called somebody at it.
    silent = """SELECT r.id FROM rotas_escalationrun r WHERE r.step > 0 AND NOT EXISTS (
        SELECT 1 FROM rotas_call c WHERE c.run_id = r.id AND c.step = 0 AND c.user_id IS NOT NULL)"""
    assert stack.rows(silent) == []
    left_as = "coalesce(nullif(bundle, ''), dedup_key)"
    mails = stack.rows(f"SELECT {left_as}, state FROM notifications_message WHERE channel = 'email'")
    received = Counter(mail["Message-ID"] for mail in list(stack.sink.received))
    assert {state for _, state in mails} <= {"sent", "cancelled"}
    assert {message_id(key) for key, state in mails if state == "sent"} - set(received) == set()
    assert set(received) - {message_id(key) for key, _ in mails} == set()
    about = {(m["Message-ID"], m["To"], m["Subject"], _place(m)) for m in list(stack.sink.received)}
    assert len({fact[1:] for fact in about}) == len({fact[0] for fact in about})


def message_id(dedup_key: str) -> str:
    """The key under which a mail leaves, always the same for the same message."""
    return f"<{hashlib.sha256(dedup_key.encode()).hexdigest()[:32]}@mainstay>"


def _place(mail: Any) -> str:
    """The line of a page that names its step."""
    body = mail.get_body(("plain",)).get_content()
    return next((line for line in body.splitlines() if line.startswith("Why you")), "")
