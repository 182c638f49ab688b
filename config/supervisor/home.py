"""The home folder: where a running Mainstay keeps everything it writes.

`MAINSTAY_HOME` names it, `var/` beside the code is the default. PostgreSQL refuses to run as root, so
a root supervisor runs the servers as an unprivileged user. That user must be able to walk to the home.
Where it cannot, the home moves below `/var/lib/mainstay`; no folder outside the home ever changes mode.
"""

import hashlib
import os
import pwd
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.supervisor.errors import SupervisorError

BASE_DIR = Path(__file__).resolve().parent.parent.parent
ROOT_REFUGE = Path("/var/lib/mainstay")
MOVED = "moved-to"
PG_MAJOR = 18


@dataclass(frozen=True)
class ServerUser:
    """The unprivileged user that a root supervisor hands the servers to."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Home:
    """The folder in use, the one that was asked for, and why they differ (else empty)."""

    path: Path
    wanted: Path
    moved_because: str
    user: ServerUser | None

    @property
    def user_name(self) -> str:
        """As whom the servers run, for messages."""
        return self.user.name if self.user else "this user"

    @property
    def pg(self) -> Path:
        return self.path / "pg"

    @property
    def pg_data(self) -> Path:
        return self.pg / str(PG_MAJOR)

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def pg_socket(self) -> Path:
        return self.run / "pg"

    @property
    def redis(self) -> Path:
        return self.path / "redis"

    @property
    def log(self) -> Path:
        return self.path / "log"


def wanted_home(env: Mapping[str, str]) -> Path:
    """What MAINSTAY_HOME asks for; `var/` beside the code when it is unset. Absolute, symbolic links followed:
    the kernel and the marks of our processes know one name of a folder."""
    given = env.get("MAINSTAY_HOME", "").strip()
    return (Path(given).expanduser() if given else BASE_DIR / "var").resolve()


def home_dir(env: Mapping[str, str] | None = None) -> Path:
    """The home in use. Reads file modes only; creates and changes nothing."""
    return find_home(os.environ if env is None else env).path


def find_home(env: Mapping[str, str]) -> Home:
    """Decide which folder is the home and as whom its servers run, without touching anything.

    Raises SupervisorError where a home that already holds data has become unreachable for them.
    """
    wanted = wanted_home(env)
    for path in (wanted, *wanted.parents):
        if _is_no_folder(path):
            raise SupervisorError(f"MAINSTAY_HOME is {wanted}, but {path} is no folder.")
    earlier = _moved_to(wanted)
    if earlier:
        user = server_user(env, earlier)
        return Home(earlier, wanted, f"it was moved there before ({wanted / MOVED})", user)
    user = server_user(env, wanted)
    closed = first_closed(wanted.parent, user) if user else None
    if closed is None or user is None:
        return Home(wanted, wanted, "", user)
    if (wanted / "pg" / str(PG_MAJOR) / "PG_VERSION").exists():
        raise SupervisorError(
            f"The database in {wanted} belongs to the user {user.name}, who can no longer enter {closed}. "
            f"Open that folder to {user.name}, or choose another home: MAINSTAY_HOME=/srv/mainstay make run"
        )
    digest = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
    refuge = (ROOT_REFUGE / digest).resolve()
    why = f"PostgreSQL runs as {user.name}, who may not enter {closed}"
    return Home(refuge, wanted, why, server_user(env, refuge))


def prepare(home: Home) -> None:
    """Create the home's folders with the owners and modes that they need.

    Raises SupervisorError where the home cannot be written.
    """
    try:
        _make(home.path, 0o711 if home.user else 0o700)
        for folder in (home.run, home.log):
            _make(folder, 0o711 if home.user else 0o700)
        for folder in (home.pg, home.pg_socket, home.redis):
            _make(folder, 0o700, home.user)
        if home.moved_because and home.wanted != home.path and not _moved_to(home.wanted):
            home.wanted.mkdir(parents=True, exist_ok=True)
            (home.wanted / MOVED).write_text(f"{home.path}\n")
    except OSError as error:
        raise SupervisorError(
            f"The home {home.path} cannot be written ({error.strerror}: {error.filename}). "
            "Choose another: MAINSTAY_HOME=/path/to/a/folder make run"
        ) from error


def server_user(env: Mapping[str, str], home: Path) -> ServerUser | None:
    """None for an ordinary user. As root: the owner of existing data, else MAINSTAY_SERVER_USER,
    else `postgres` where it exists, else `nobody`."""
    if os.geteuid() != 0:
        return None
    try:
        owner = (home / "pg" / str(PG_MAJOR)).stat().st_uid
        if owner != 0:
            return _user_of(pwd.getpwuid(owner))
    except (OSError, KeyError):
        pass
    asked = env.get("MAINSTAY_SERVER_USER", "").strip()
    for name in [asked] if asked else ["postgres", "nobody"]:
        try:
            found = _user_of(pwd.getpwnam(name))
        except KeyError:
            continue
        if found.uid != 0:
            return found
    raise SupervisorError(
        f"PostgreSQL does not run as root, and there is no unprivileged user {asked or 'nobody'!r}. "
        "Name one with MAINSTAY_SERVER_USER, or give DATABASE_URL."
    )


def first_closed(path: Path, user: ServerUser) -> Path | None:
    """The first folder on the way to (and including) `path` that `user` may not enter; None if open.

    Folders that don't exist yet count as open: whoever creates them sees to it.
    """
    for folder in [*reversed(path.parents), path]:
        try:
            if not may(folder, user, execute=True):
                return folder
        except FileNotFoundError:
            return None
    return None


def may(path: Path, user: ServerUser, *, execute: bool) -> bool:
    """Whether the mode bits of `path` itself let `user` execute/enter it (else: read it)."""
    found = path.stat()
    if found.st_uid == user.uid:
        bit = stat.S_IXUSR if execute else stat.S_IRUSR
    elif found.st_gid == user.gid:
        bit = stat.S_IXGRP if execute else stat.S_IRGRP
    else:
        bit = stat.S_IXOTH if execute else stat.S_IROTH
    return bool(found.st_mode & bit)


def _is_no_folder(path: Path) -> bool:
    try:
        return not stat.S_ISDIR(path.stat().st_mode)
    except OSError:  # absent, or not ours to see
        return False


def _user_of(entry: pwd.struct_passwd) -> ServerUser:
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _moved_to(wanted: Path) -> Path | None:
    try:
        noted = (wanted / MOVED).read_text().strip()
    except OSError:
        return None
    return Path(noted).resolve() if noted.startswith("/") else None


def _make(folder: Path, mode: int, owner: ServerUser | None = None) -> None:
    """One folder of the home. Missing parents are ours too, so they are made enterable."""
    for parent in reversed(folder.parents):
        if not parent.exists():
            parent.mkdir()
            parent.chmod(0o755)
    made = not folder.exists()
    folder.mkdir(exist_ok=True)
    if owner and folder.stat().st_uid != owner.uid:
        os.chown(folder, owner.uid, owner.gid)
    now = stat.S_IMODE(folder.stat().st_mode)
    # The servers' own folders are exactly closed; another that was opened wider on purpose stays so.
    wanted = mode if made or owner else now | mode
    if wanted != now:
        folder.chmod(wanted)
