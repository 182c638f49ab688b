"""A process whose own clock is wrong: every engine ticks once. `python -m tests.failure_modes.shifted MINUTES`.

The clock is bent before anything else is imported, so that whoever asks it, asks the bent one.
"""

import datetime
import os
import sys
import time

REAL, SHIFT = datetime.datetime, datetime.timedelta(minutes=float(sys.argv[1]))
real_time = time.time


class LooksReal(type):
    """Values that C code makes are instances too."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, REAL)


class Bent(REAL, metaclass=LooksReal):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> REAL:
        return REAL.now(tz) + SHIFT

    @classmethod
    def utcnow(cls) -> REAL:
        return REAL.now(datetime.UTC).replace(tzinfo=None) + SHIFT

    @classmethod
    def today(cls) -> REAL:
        return cls.now()


class BentDate(datetime.date):
    @classmethod
    def today(cls) -> datetime.date:
        return Bent.now().date()


def bend() -> None:
    datetime.datetime = Bent  # type: ignore[misc]
    time.time = lambda: real_time() + SHIFT.total_seconds()
    time.time_ns = lambda: int(time.time() * 1e9)


def main() -> None:
    bend()
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.utils import timezone  # noqa: PLC0415

    from config.celery import app  # noqa: PLC0415
    from core import clock  # noqa: PLC0415
    from core.engines import ENGINES  # noqa: PLC0415

    off = timezone.now() - clock.now()  # noqa: TID251 - the bent one
    sys.stdout.write(f"this process is off by {round(off.total_seconds() / 60)} minutes\n")
    app.loader.import_default_modules()
    for engine in ENGINES.values():
        app.tasks[engine.task]()


if __name__ == "__main__":
    main()
