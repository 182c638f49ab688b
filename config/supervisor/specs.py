"""The table of what `make run` runs. Everything else in this package is about how."""

import hashlib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from config.supervisor.home import BASE_DIR

PYTHON = sys.executable
DEMO_LEAD = "lead@demo.mainstay"
DEMO_PASSWORD = "mainstay-demo"  # noqa: S105 - printed on purpose, works on a demo only
_DEMO_MARK = "demo.loading"

Env = Mapping[str, str]


@dataclass(frozen=True)
class Spec:
    """A process that runs as long as Mainstay does."""

    name: str
    argv: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """Programs that must end well before the processes start; those of one step run side by side.

    `needed` decides, once the servers answer, whether the step runs at all; `done` is told when it has.
    """

    label: str
    argvs: tuple[tuple[str, ...], ...]
    announce: str = ""
    needed: Callable[[Env], bool] = lambda _env: True
    done: Callable[[Env], None] = lambda _env: None


@dataclass(frozen=True)
class Table:
    """One whole installation: steps in order, then processes in order, then the words at the end.

    `closing` gives lines to print once ready, and may run programs by their argv through its second
    argument, which returns what they printed (empty if they failed).
    """

    ready_path: str
    steps: tuple[Step, ...] = ()
    processes: tuple[Spec, ...] = ()
    closing: Callable[[Env, Callable[[tuple[str, ...]], str]], list[str]] = field(
        default=lambda _env, _run: []
    )


def manage(*words: str) -> tuple[str, ...]:
    return (PYTHON, str(BASE_DIR / "manage.py"), *words)


def portal(env: Env, home: Path, *, host: str, port: int, demo_allowed: bool) -> Table:
    """Mainstay itself. `demo_allowed`: the database is one for trials, so the demo may load into it."""
    statics = StaticFiles(home)
    return Table(
        ready_path="/readyz",
        steps=(
            Step("Database is up to date", (manage("migrate", "--no-input", "--verbosity=0"),)),
            Step(
                "Static files are in place",
                (manage("collectstatic", "--no-input", "--verbosity=0"),),
                needed=lambda _env: statics.stale(),
                done=lambda _env: statics.remember(),
            ),
            demo_step(home, allowed=demo_allowed),
        ),
        processes=(
            Spec("web", web_command(env, host, port)),
            Spec("worker", _celery("worker", "engine", "prefork", _count(env, "ENGINES", 2))),
            # Deliveries wait on other people's servers; in a worker of their own they hold no engine up.
            Spec("courier", _celery("courier", "delivery", "threads", _count(env, "COURIERS", 4))),
            Spec(
                "beat",
                (
                    *(PYTHON, "-m", "celery", "-A", "config.celery:app", "beat", "--loglevel=WARNING"),
                    # In memory: every tick is an interval, and a file can be torn by a power cut.
                    *("--pidfile=", "--scheduler=config.beat:Bell"),
                ),
            ),
        ),
        closing=sign_in_lines,
    )


def web_command(env: Env, host: str, port: int) -> tuple[str, ...]:
    """The web server. docs/architecture/adr/0003-web-server.md says why this one."""
    return (
        *(PYTHON, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *(
            "--workers",
            str(_count(env, "WEB_WORKERS", 2)),
            "--blocking-threads",
            str(_count(env, "WEB_THREADS", 4)),
        ),
        *("--backlog", "2048", "--respawn-failed-workers", "--workers-kill-timeout", "4"),
        *("--log-level", "warning", "--no-ws", "config.wsgi:application"),
    )


def _celery(name: str, queue: str, pool: str, concurrency: int) -> tuple[str, ...]:
    return (
        *(PYTHON, "-m", "celery", "-A", "config.celery:app", "worker", f"--hostname={name}@%h"),
        *(f"--queues={queue}", "--loglevel=INFO", f"--pool={pool}", f"--concurrency={concurrency}"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    )


def _count(env: Env, name: str, default: int) -> int:
    """MAINSTAY_<name> as a number of at least one; the default where it is unset or no number."""
    raw = env.get(f"MAINSTAY_{name}", "").strip()
    return max(1, int(raw)) if raw.isdigit() else default


def demo_step(home: Path, *, allowed: bool) -> Step:
    """Load the demo organisation on the first start, and finish it where an earlier start was cut off.

    MAINSTAY_DEMO=1 asks for it anywhere, MAINSTAY_DEMO=0 refuses it anywhere.
    """
    mark = home / "run" / _DEMO_MARK

    def needed(env: Env) -> bool:
        asked = env.get("MAINSTAY_DEMO", "").strip()
        if asked in {"0", "1"}:
            wanted = asked == "1"
        else:
            wanted = allowed and (mark.exists() or not _exists(env, "SELECT 1 FROM accounts_user"))
        if wanted:
            mark.touch()
        return wanted

    return Step(
        "Demo organisation is loaded",
        (manage("demo", "--force"),),  # that it may load is decided here
        announce="Loading the demo organisation (first start only)",
        needed=needed,
        done=lambda _env: mark.unlink(missing_ok=True),
    )


def sign_in_lines(env: Env, run: Callable[[tuple[str, ...]], str]) -> list[str]:
    """How to sign in, for whoever reads the console."""
    if not _exists(env, "SELECT 1 FROM accounts_user WHERE email = %s", DEMO_LEAD):
        return ["Sign in with your account. The first one: .venv/bin/python manage.py createsuperuser"]
    people = ", ".join(f"{who}@demo.mainstay" for who in ("lead", "responder", "admin", "client"))
    lines = [f"Sign in as {people}", f"password: {DEMO_PASSWORD}"]
    link = run(manage("login_link", DEMO_LEAD)).strip()
    if link:
        lines.append(f"One-time link for the lead: {link.splitlines()[-1]}")
    return lines


def _exists(env: Env, query: str, *values: str) -> bool:
    try:
        with psycopg.connect(env["DATABASE_URL"], connect_timeout=5) as link:
            return link.execute(query, values).fetchone() is not None  # type: ignore[call-overload, no-any-return]
    except psycopg.Error:
        return False


class StaticFiles:
    """Whether the collected static files still match the code: collecting costs seconds."""

    def __init__(self, home: Path) -> None:
        self.mark = home / "run" / "static.sha256"
        self.target = home / "static"

    def stale(self) -> bool:
        try:
            return self.mark.read_text() != self._fingerprint() or not self.target.is_dir()
        except OSError:
            return True

    def remember(self) -> None:
        self.mark.write_text(self._fingerprint())

    def _fingerprint(self) -> str:
        """Changes with any static file of the apps, and with the pinned packages that bring others."""
        digest = hashlib.sha256()
        pins = [BASE_DIR / name for name in ("requirements.txt", "constraints.txt", "config/settings.py")]
        for path in sorted([*pins, *BASE_DIR.glob("*/static/**/*")]):
            if path.is_file():
                found = path.stat()
                digest.update(os.fsencode(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0"))
        return digest.hexdigest()
