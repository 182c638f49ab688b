"""docs/settings.md names every variable, so that nobody has to read the code to run Mainstay."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text()
READ = re.compile(r"""\b(?:text|number|flag|items|networks)\(\s*["']([A-Z_]+)["']""")
ASKED = re.compile(
    r"""(?:environ|env)(?:\.get\(|\[)\s*["'](MAINSTAY_[A-Z_]+|HOST|PORT|DATABASE_URL|REDIS_URL)["']"""
)
COUNTED = re.compile(r"""_count\(env, ["']([A-Z_]+)["']""")
# Told by the supervisor to its own children, and by the tests to theirs; nobody sets them.
INTERNAL = {"MAINSTAY_SUPERVISED", "MAINSTAY_TESTS_OWN_REDIS"}


def sources() -> str:
    files = [ROOT / "config" / "settings.py", *sorted((ROOT / "config" / "supervisor").glob("*.py"))]
    return "\n".join(path.read_text() for path in files)


def test_the_page_names_every_variable_that_is_read():
    text = sources()
    read = {
        *READ.findall(text),
        *ASKED.findall(text),
        *(f"MAINSTAY_{name}" for name in COUNTED.findall(text)),
    }
    assert {name for name in read - INTERNAL if f"`{name}`" not in PAGE} == set()


def test_the_page_names_nothing_that_is_gone():
    everything = sources() + "".join(path.read_text() for path in (ROOT / "tests").glob("*.py"))
    named = set(re.findall(r"^\| `([A-Z_]+)`", PAGE, flags=re.MULTILINE))
    assert {name for name in named if name.removeprefix("MAINSTAY_") not in everything} == set()
