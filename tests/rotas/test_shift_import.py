"""Shifts from a calendar: who it names is on call, alone; everybody else is listed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core import clock
from core.types import SYSTEM
from rotas.domain.shift_import import read_shifts, stretches_of, take_shifts
from rotas.models import Override
from rotas.queries.oncall import on_call
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, rota
from tests.rotas.test_ical_reading import calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina():
    return make.user(name="Amina Odhiambo", email="amina@test.mainstay")


@pytest.fixture
def brian():
    return make.user(name="Brian Kip", email="brian@test.mainstay")


def event(start, end, summary="", attendee="", uid="x") -> str:
    lines = [f"UID:{uid}{start:%H%M%S}", f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}"]
    lines += [f"SUMMARY:{summary}"] if summary else []
    return "\n".join([*lines, *([f"ATTENDEE:mailto:{attendee}"] if attendee else [])])


def read(made, people, *events, now=NOW):
    return read_shifts(made, calendar(*events), people, now=now)


@pytest.mark.parametrize(
    ("summary", "attendee", "found"),
    [
        ("On call", "AMINA@test.mainstay", True),
        ("Amina Odhiambo", "", True),
        ("amina@test.mainstay", "", True),
        ("L1: Amina Odhiambo (primary)", "", True),
        ("Amina", "", False),
        ("Yamina Odhiambo", "", False),
        ("Amina Odhiambo and Brian Kip", "", False),
        ("On call", "nobody@test.mainstay", False),
    ],
)
def test_somebody_is_known_by_address_or_whole_name(amina, brian, summary, attendee, found):
    got = read(rota(), [amina, brian], event(NOW, NOW + HOUR, summary, attendee))
    assert [shift.people for shift in got.shifts] == ([(amina,)] if found else [])
    assert len(got.unmatched) == (0 if found else 1)


def test_who_is_imported_takes_over_and_again_changes_nothing(amina, brian):
    made = rota(brian)
    shifts = read(made, [amina, brian], event(NOW + HOUR, NOW + 3 * HOUR, "Amina Odhiambo")).shifts
    assert take_shifts(made, shifts, actor=SYSTEM, now=NOW) == 1
    assert [on_call(made, NOW + hours * HOUR) for hours in (0, 1, 2, 3)] == [
        [brian],
        [amina],
        [amina],
        [brian],
    ]
    assert take_shifts(made, shifts, actor=SYSTEM, now=NOW) == 0


def test_those_whose_events_overlap_are_on_together_for_that_time(amina, brian):
    made = rota(make.user())
    events = (
        event(NOW + HOUR, NOW + 4 * HOUR, "Amina Odhiambo"),
        event(NOW + 3 * HOUR, NOW + 6 * HOUR, "Brian Kip"),
    )
    people = [amina, brian]
    take_shifts(made, read(made, people, *events).shifts, actor=SYSTEM, now=NOW)
    got = [on_call(made, NOW + hours * HOUR) for hours in (1, 3, 4, 5)]
    assert got == [[amina], [amina, brian], [brian], [brian]]
    # later, when the first is over, the same file still means the same
    later = NOW + 5 * HOUR
    assert take_shifts(made, read(made, people, *events, now=later).shifts, actor=SYSTEM, now=later) == 0


def test_stretches_lie_side_by_side():
    assert stretches_of([(1, 4, 7), (4, 6, 7), (2, 3, 8), (9, 10, 8), (1, 4, 7)]) == [
        (1, 2, (7,)),
        (2, 3, (7, 8)),
        (3, 6, (7,)),
        (9, 10, (8,)),
    ]


def test_the_command_looks_first_and_writes_when_told(amina, brian, tmp_path):
    now = clock.now().replace(microsecond=0)
    made = rota(brian, slug="l1")
    path = tmp_path / "shifts.ics"
    path.write_bytes(
        calendar(
            event(now + DAY, now + 2 * DAY, "Amina Odhiambo"),
            event(now + 2 * DAY, now + 3 * DAY, "Zoe", uid="z"),
        )
    )

    def run(*more: str) -> str:
        out = StringIO()
        call_command("import_shifts", str(path), "--rota", "l1", *more, stdout=out)
        return out.getvalue()

    said = run()
    assert "1 shifts, 1 events of nobody known." in said and "nobody here: Zoe" in said
    assert not Override.objects.exists()
    assert "1 overrides are made." in run("--apply")
    assert "0 overrides are made." in run("--apply")
    assert on_call(made, now + DAY + HOUR) == [amina]


@pytest.mark.parametrize(
    ("content", "slug", "words"),
    [
        (b"", "l1", "empty"),
        (b"nothing", "l1", "no calendar"),
        (b"", "l9", "no rota"),
        (None, "l1", "No such file"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, content, slug, words):
    rota(slug="l1")
    path = tmp_path / "shifts.ics"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        call_command("import_shifts", str(path), "--rota", slug)
