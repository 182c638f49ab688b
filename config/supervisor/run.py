"""`make run`, from its first line to its last."""

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from config.supervisor.console import Console
from config.supervisor.errors import StopRequestedError, SupervisorError, tail
from config.supervisor.home import BASE_DIR, Home, find_home, prepare
from config.supervisor.kernel import MARK, end_all, leftovers
from config.supervisor.ports import require_free
from config.supervisor.postgres import Postgres
from config.supervisor.processes import Family, run_side_by_side, start_logs_afresh
from config.supervisor.ready import Address, require_database, trouble
from config.supervisor.redis_server import Redis
from config.supervisor.servers import Embedded, is_embedded
from config.supervisor.signals import Signals
from config.supervisor.specs import Table
from config.supervisor.state import Lock

_APPS_STOP_SECONDS = 4.5
_HEALTH_EVERY = 10.0
_STRIKES = 3
_REMIND_EVERY = 30.0


class Run:
    """One run on one home. `table_for` is told the environment of the children and gives the table."""

    def __init__(
        self, env: Mapping[str, str], address: Address, table_for: Callable[[Mapping[str, str], Home], Table]
    ) -> None:
        self.given = dict(env)
        self.address = address
        self.table_for = table_for
        self.console = Console()
        self.strikes: dict[str, int] = {}
        self.next_health = 0.0

    def main(self) -> int:
        """Run until told to stop. The exit code: 0 stopped, 3 already running, 4 port in use, 1 other."""
        signals = Signals()
        try:
            home = find_home(self.given)
            prepare(home)
            lock = Lock(home.run)
            lock.acquire()
        except SupervisorError as error:
            self.console.line(str(error))
            return error.exit_code
        try:
            lock.say(url=self.address.url, public=self.given.get("MAINSTAY_PUBLIC_URL", ""))
            return self._with_lock(home, lock, signals)
        finally:
            lock.release()

    def _with_lock(self, home: Home, lock: Lock, signals: Signals) -> int:
        servers = None
        family = None
        code = 0
        try:
            self._greet(home)
            # PostgreSQL's own leftovers are ended more gently, by its start.
            end_all(leftovers(home.path, besides="postgres"))
            require_free(self.address.host, self.address.port)
            start_logs_afresh(home.log)
            servers = Embedded(
                home,
                postgres=is_embedded(self.given, "DATABASE_URL"),
                redis=is_embedded(self.given, "REDIS_URL"),
            )
            if servers.copied_binaries:
                self.console.line(
                    f"Server programs copied into {home.path / 'bin'}: {home.user_name} can't read ours"
                )
            with self.console.step("Servers are ready"):
                servers.start()
            env = self._child_env(home, servers)
            family = Family(env, home.log, self.console.warn)
            self._serve(self.table_for(env, home), home, servers, family, signals)
        except StopRequestedError:
            pass
        except SupervisorError as error:
            self.console.line(str(error))
            code = error.exit_code
        finally:
            lock.say(url=self.address.url, stopping=True)
            self._stop(family, servers, signals, quiet=code != 0)
        return code

    def _greet(self, home: Home) -> None:
        self.console.line(f"Mainstay starts. Home {home.path}, logs in {home.log}")
        if home.moved_because:
            self.console.line(f"The home is not {home.wanted}: {home.moved_because}")

    def _child_env(self, home: Home, servers: Embedded) -> dict[str, str]:
        env = {**self.given, **servers.urls(), MARK: str(home.path), "MAINSTAY_HOME": str(home.path)}
        env.update(HOST=self.address.host, PORT=str(self.address.port), PYTHONUNBUFFERED="1", PYTHONTZPATH="")
        env.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        return env

    def _serve(self, table: Table, home: Home, servers: Embedded, family: Family, signals: Signals) -> None:
        if servers.postgres is None:
            require_database(family.env["DATABASE_URL"], signals.wait)
        for step in table.steps:
            if step.needed(family.env):
                with self.console.step(step.label, announce=step.announce):
                    log = home.log / "setup.log"
                    code = run_side_by_side(
                        step.argvs, env=family.env, log=log, tick=lambda: signals.wait(0.2)
                    )
                    if code:
                        what = " ".join(Path(word).name for word in step.argvs[0][1:3])
                        raise SupervisorError(f"{what} ended with {code}. The end of {log}:\n{tail(log, 15)}")
                step.done(family.env)
        with self.console.step("Processes answer"):
            for spec in table.processes:
                family.start(spec)
            self._until_ready(table.ready_path, servers, family, signals)
        self.console.line(f"Mainstay is ready: {self.address.url}")
        for line in table.closing(family.env, lambda argv: _output_of(argv, family.env, signals.wait)):
            self.console.line(f"  {line}")
        while True:
            self._look_after(servers, family)
            signals.wait(0.5)

    def _until_ready(self, path: str, servers: Embedded, family: Family, signals: Signals) -> None:
        begun = time.monotonic()
        remind = begun + _REMIND_EVERY
        while True:
            said = trouble(self.address, path, family.env)
            if not said:
                return
            if time.monotonic() > remind:
                self.console.warn(f"Not ready yet. {path} says: {said}")
                remind += _REMIND_EVERY
            self._look_after(servers, family)
            # Quick at first, then calmly: each question leaves a line in the portal's log.
            signals.wait(0.15 if time.monotonic() - begun < 5 else 1.0)

    def _look_after(self, servers: Embedded, family: Family) -> None:
        now = time.monotonic()
        for server in (servers.redis, servers.postgres):
            if server and not server.alive():
                self._revive(server)
        if now >= self.next_health:
            self.next_health = now + _HEALTH_EVERY
            self._check_health(servers)
            family.trim_logs()
        family.look(time.monotonic())

    def _check_health(self, servers: Embedded) -> None:
        for server in (servers.redis, servers.postgres):
            if server is None:
                continue
            self.strikes[server.name] = 0 if server.healthy() else self.strikes.get(server.name, 0) + 1
            if self.strikes[server.name] >= _STRIKES:
                self.console.warn(f"{server.name} has not answered {_STRIKES} times")
                server.stop()
                self._revive(server)

    def _revive(self, server: Postgres | Redis) -> None:
        how = server.process.returncode if server.process else "our stop"
        server.start()
        server.wait_ready()
        self.strikes[server.name] = 0
        self.console.warn(f"{server.name} ended with {how}, started again")

    def _stop(
        self, family: Family | None, servers: Embedded | None, signals: Signals, *, quiet: bool
    ) -> None:
        if not quiet:
            self.console.line("Stopping")
        begun = time.monotonic()
        if family:
            family.stop(_APPS_STOP_SECONDS, hurry=lambda: (signals.last_heard or 0) > begun + 1)
        if servers:
            servers.stop()
        if not quiet:
            self.console.line(f"✓ Stopped {time.monotonic() - begun:.1f} s")


def _output_of(argv: tuple[str, ...], env: Mapping[str, str], wait: Callable[[float], None]) -> str:
    """What a short program printed; empty if it failed or took half a minute. `wait` may raise: it is ended then."""
    process = subprocess.Popen(
        argv,
        env=dict(env),
        cwd=BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < end:
            wait(0.2)
        return process.communicate()[0].decode(errors="replace") if process.poll() == 0 else ""
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
