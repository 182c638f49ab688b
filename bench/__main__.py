"""`make bench`: every figure of speed, beside what it is measured against and its goal.

Each part runs in a process of its own on throw-away servers, one after the other; Ctrl-C ends it all and leaves
nothing behind. The last whole run is written into docs/benchmarks.md, between its two marks.
"""

import argparse
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench import figures as shown
from bench.figures import Figure

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"
PARTS = ("engines", "promises", "intake", "lateness", "pages", "people")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="this part (may be given several times)"
    )
    parser.add_argument("--quick", action="store_true", help="short and small: whether it runs, not how fast")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--with-people", action="store_true", help=argparse.SUPPRESS)
    words = parser.parse_args()
    parts = [part for part in PARTS if not words.only or part in words.only]
    together = {"pages", "people"} <= set(parts)
    parts = [part for part in parts if part != "people" or not together]
    if words.into:
        shown.store(words.into, _run(parts[0], quick=words.quick, with_people=words.with_people))
        return 0
    begun = time.monotonic()
    found: list[Figure] = []
    facts, loops = machine(), list[float]()
    print("\n".join(facts))
    for place, part in enumerate(parts, 1):
        print(f"\n[{place}/{len(parts)}] {part}", flush=True)
        loops.append(yardstick())
        since = time.monotonic()
        figures = _in_a_process(part, quick=words.quick, with_people=together and part == "pages")
        for figure in figures:
            print(_line(figure))
        found += figures
        print(f"  {part} took {time.monotonic() - since:.0f} s")
    facts.append(f"a loop of plain Python took {min(loops):.1f} to {max(loops):.1f} ms before the parts")
    print(f"\n{facts[-1]}")
    took = f"{(time.monotonic() - begun) / 60:.0f} min"
    missed = sum(figure.holds is False for figure in found)
    print(f"\n{len(found)} figures in {took}, {missed} of them short of their goal")
    if not words.quick and not words.only:
        write(facts, found, took)
        print(f"written into {PAGE.relative_to(ROOT)}")
    return 0


def _run(part: str, *, quick: bool, with_people: bool = False) -> list[Figure]:
    """Measure one part in this process."""
    if not find_spec(f"bench.{part}"):
        return []
    module = __import__(f"bench.{part}", fromlist=["measure"])
    options: dict[str, Any] = dict(module.QUICK) if quick else {}
    if with_people:  # on the same portal: to grow its history takes longer than to measure
        from bench import people  # noqa: PLC0415

        seconds = people.QUICK["seconds"] if quick else people.SECONDS
        options["between"] = lambda url, incidents: people.measure_on(
            url, _say, seconds=seconds, incidents=incidents
        )
    measure: Callable[..., list[Figure]] = module.measure
    return measure(_say, **options)


def _say(said: str) -> None:
    print(f"  {said}", flush=True)


def _in_a_process(part: str, *, quick: bool, with_people: bool) -> list[Figure]:
    """Measure one part in a process of its own, which hears of Ctrl-C from us and is waited for."""
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "figures.json"
        argv = [sys.executable, "-m", "bench", "--only", part, "--into", str(into)]
        options = [*(["--quick"] if quick else []), *(["--with-people"] if with_people else [])]
        process = subprocess.Popen([*argv, *options], cwd=ROOT, start_new_session=True)
        try:
            if process.wait():
                print(f"  {part} ended with {process.returncode}")
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.wait(60)
            raise SystemExit(130) from None
        return shown.load(into)


def machine() -> list[str]:
    """What it was measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = _says("git", "rev-parse", "--short=12", "HEAD") or "no commit"
    changed = " with changes" if _says("git", "status", "--porcelain", "--untracked-files=no") else ""
    return [
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} at the start",
        f"Python {platform.python_version()}, Django {version('django')}, {_postgres()}, granian {version('granian')}",
        f"commit {commit}{changed}, {time.strftime('%Y-%m-%d')}",
    ]


def yardstick() -> float:
    """Milliseconds of a loop that is always the same: how fast this machine is just now. The median of nine."""
    times = []
    for _ in range(9):
        begun, total = time.perf_counter(), 0
        for n in range(400_000):
            total += n * n % 7
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def _postgres() -> str:
    # The servers' programs are found the way the supervisor finds them.
    from config.supervisor.binaries import find_binaries  # noqa: PLC0415
    from config.supervisor.home import find_home  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        binaries = find_binaries(find_home({"MAINSTAY_HOME": folder}))
        return _says(binaries.pg("postgres"), "--version").replace("postgres (PostgreSQL)", "PostgreSQL")


def _says(*argv: str) -> str:
    try:
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _line(figure: Figure) -> str:
    beside = "  ".join(text for text in (figure.goal_text, figure.reference) if text)
    return (
        f"  {figure.mark or ' '} {figure.value_text:>18}  {figure.name}{f'   ({beside})' if beside else ''}"
    )


def write(facts: Sequence[str], found: Sequence[Figure], took: str) -> None:
    """Put the run between the page's two marks."""
    rows = ["| part | figure | measured | goal | | beside |", "| --- | --- | ---: | ---: | --- | --- |"]
    rows += [
        f"| {each.part} | {each.name} | {each.value_text} | {each.goal_text} | {each.mark} | {each.reference} |"
        for each in found
    ]
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    said = "\n".join([BEGIN, "", *[f"- {fact}" for fact in facts], f"- {took} in all", "", *rows, "", END])
    PAGE.write_text(before + said + after)


if __name__ == "__main__":
    raise SystemExit(main())
