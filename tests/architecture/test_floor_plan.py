"""What import-linter can't say about the floor plan: whole modules inside Django, and model files."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "core",
    "accounts",
    "services",
    "notifications",
    "rotas",
    "runbooks",
    "monitoring",
    "incidents",
    "reporting",
    "integrations",
)
# Writes, decisions and reads are called from pages, programs, tasks and commands alike.
HTTP = (
    "django.http",
    "django.shortcuts",
    "django.views",
    "django.contrib.messages",
    "celery",
    "rest_framework",
)
CLOCKS = ("django.utils.timezone", "core.clock", "core.http")


def files(*parts: str) -> list[Path]:
    found: list[Path] = []
    for app in APPS[1:]:
        for part in parts:
            folder = ROOT / app / part
            found += sorted(folder.rglob("*.py")) if folder.is_dir() else [folder] * folder.is_file()
    return found


def imports(path: Path) -> Iterator[str]:
    """Every module that the file imports, `from a import b` as both a and a.b."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(names: Iterator[str], packages: tuple[str, ...]) -> set[str]:
    return {name for name in names for package in packages if f"{name}.".startswith(f"{package}.")}


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(
    "path", files("domain", "queries", "rules.py", "types.py", "choices.py", "models"), ids=short
)
def test_decisions_and_reads_know_no_edge(path: Path):
    assert inside(imports(path), HTTP) == set()


@pytest.mark.parametrize("path", files("domain", "queries", "models"), ids=short)
def test_time_is_an_argument(path: Path):
    assert inside(imports(path), CLOCKS) == set()


@pytest.mark.parametrize("path", files("sources", "channels"), ids=short)
def test_plug_ins_are_plain(path: Path):
    assert inside(imports(path), ("django.db", "django.http", "rest_framework", "celery")) == set()


@pytest.mark.parametrize("path", files("tasks.py"), ids=short)
def test_a_task_is_a_doorbell(path: Path):
    tasks = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    long = {task.name: len(task.body) for task in tasks if task.decorator_list and len(task.body) > 6}
    assert long == {}


def test_the_tables_of_this_test_know_every_app():
    assert {folder.parent.name for folder in ROOT.glob("*/apps.py")} == {*APPS, "config"}
