"""Probes: does the process live, and can it work?"""

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from core import clock, watch


def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives. Touches nothing."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Database, Redis, migrations and fresh ticks; 503 with the reason of each that fails.

    `waiting` tells what each engine has due; a backlog makes nothing unready. A process whose engines yield to
    a newer version stays ready, as its pages work; `yields` names them.
    """
    checks, states = {"database": _database(), "redis": _redis()}, list[watch.State]()
    if checks["database"] == "ok":
        checks["migrations"] = _migrations()
        states = watch.look(clock.now()) if checks["migrations"] == "ok" else []
        checks["engines"] = _engines(states) if states else "waiting for migrations"
    good = all(result == "ok" for result in checks.values())
    answer: dict[str, object] = {"ready": good, "checks": checks}
    if states:
        answer["waiting"] = {state.engine.name: _waiting(state) for state in states}
    if yields := [state.engine.name for state in states if state.yields]:
        answer["yields"] = yields
    return JsonResponse(answer, status=200 if good else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"unreachable: {type(error).__name__}"
    return "ok"


def _redis() -> str:
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1).ping()
    except redis.RedisError as error:
        return f"unreachable: {type(error).__name__}"
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} not applied: run `manage.py migrate`" if waiting else "ok"


def _engines(states: list[watch.State]) -> str:
    late = [state.engine.name for state in states if state.is_still]
    return "late: " + ", ".join(late) if late else "ok"


def _waiting(state: watch.State) -> dict[str, float]:
    due = state.waiting.due if state.waiting else 0
    return {"due": due, "oldest_seconds": round(state.lag.total_seconds(), 1)}
