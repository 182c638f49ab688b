"""Files of the look: where they come from, what they may reach."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from core.http.static import PortalStaticStorage
from core.ui import marks

STATIC = Path(settings.BASE_DIR) / "core" / "static"
OURS = sorted((STATIC / "core").rglob("*.*"))
CORE_TEMPLATES = sorted((Path(settings.BASE_DIR) / "core" / "templates").rglob("*.html"))


def test_nothing_of_ours_asks_another_host() -> None:
    reaching = [
        path.name
        for path in [*OURS, *CORE_TEMPLATES]
        if re.search(r"(?:https?:)?//(?!www\.w3\.org)[a-z0-9.-]+\.[a-z]{2,}/", path.read_text())
    ]
    assert reaching == []


def test_every_vendored_folder_has_its_line_and_no_source_map() -> None:
    told = (STATIC / "vendor" / "VENDOR.md").read_text()
    for folder in (path for path in (STATIC / "vendor").iterdir() if path.is_dir()):
        name, _, version = folder.name.rpartition("-")
        assert f"| {version}" in told, name
        for path in (*folder.glob("*.css"), *folder.glob("*.js")):
            assert "sourceMappingURL" not in path.read_text(), path.name


def test_every_icon_and_mark_that_a_template_names_is_drawn() -> None:
    templates = [path for path in Path(settings.BASE_DIR).glob("*/templates/**/*.html")]
    icons = set(re.findall(r'id="([a-z0-9-]+)"', (STATIC / "core" / "icons.svg").read_text()))
    drawn = set(re.findall(r'id="([a-z0-9-]+)"', (STATIC / "core" / "marks.svg").read_text()))
    text = "".join(path.read_text() for path in templates)
    assert set(re.findall(r'{% icon "([a-z0-9-]+)"', text)) - icons == set()
    assert set(re.findall(r'{% mark "([a-z0-9-]+)"', text)) - drawn == set()
    assert {mark for _css, mark, _word in marks.STATES.values()} | set(marks.HEALTHS) <= drawn


def test_our_styles_name_no_colour_outside_the_tokens() -> None:
    for name in ("pages.css", "narrow.css"):
        assert re.findall(r"#[0-9a-f]{3,8}\b", (STATIC / "core" / name).read_text()) == []


def test_modules_import_each_other_by_hashed_names(tmp_path: Path) -> None:
    storage = PortalStaticStorage(location=str(tmp_path), base_url="/static/")
    paths = {}
    for path in (STATIC / "core" / "js").glob("*.js"):
        name = f"core/js/{path.name}"
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(path.read_text())
        paths[name] = (storage, name)
    assert [
        error for _name, _hashed, error in storage.post_process(paths) if isinstance(error, Exception)
    ] == []
    app = (tmp_path / storage.stored_name("core/js/app.js")).read_text()
    imported = re.findall(r'import\s*"\./([a-z.0-9]+)"', app)
    assert len(imported) == 11
    assert all(re.fullmatch(r"[a-z]+\.[0-9a-f]{12}\.js", name) for name in imported)


@pytest.mark.parametrize("path", CORE_TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_code(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|<script(?![^>]*\ssrc=)", text) == []
    assert len(text.splitlines()) < 120
