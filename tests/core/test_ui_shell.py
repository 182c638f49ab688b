"""The frame around every page, and what apps may hang into it."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import include, path, resolve

from core import nav
from core.context import Shell
from core.ui.samples import samples
from tests.core.ui import NOW, request_of


def _page(request: object) -> HttpResponse:
    return HttpResponse("")


_rooms = (
    [
        path("board/", _page, name="board"),
        path("board/<int:n>/", _page, name="one"),
        path("rota/", _page, name="rota"),
    ],
    "x",
)
_core = ([path("search/", _page, name="search"), path("palette/", _page, name="palette")], "core")
_accounts = ([path("sign-in/", _page, name="sign_in"), path("sign-out/", _page, name="sign_out")], "accounts")
urlpatterns = [path("", include(_rooms)), path("", include(_core)), path("", include(_accounts))]


@pytest.fixture(autouse=True)
def house(settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A small house of two rooms, whatever the apps have registered."""
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    monkeypatch.setattr(nav, "registry", nav._Registry())
    nav.register(section="Now", order=20, label="Rotas", icon="calendar-time", url_name="x:rota", phone=True)
    nav.register(
        section="Now", order=10, label="Board", icon="list-details", url_name="x:board", key="b",
        badge=lambda request: (10, "bad"), phone=True, covers=("x:one",),
    )  # fmt: skip
    nav.register(section="Keep", order=1, label="Not built", icon="box", url_name="x:nowhere")
    nav.register(
        section="Keep",
        order=2,
        label="Secret",
        icon="lock",
        url_name="x:rota2",
        permission=lambda user: False,
    )
    yield


def test_only_rooms_that_exist_are_shown_in_order() -> None:
    shell = Shell(request_of())
    assert [(name, [room.label for room in rooms]) for name, rooms in shell.sections] == [
        ("Now", ["Board", "Rotas"])
    ]


def test_a_room_is_here_on_the_pages_it_covers() -> None:
    request = request_of("/board/7/")
    request.resolver_match = resolve("/board/7/")
    assert [(room.label, room.here) for _name, rooms in Shell(request).sections for room in rooms] == [
        ("Board", True),
        ("Rotas", False),
    ]


def test_a_stranger_gets_no_rooms_no_bell_and_the_door() -> None:
    nav.register_bell("x:board", lambda request: pytest.fail("asked for a stranger's messages"))
    shell = Shell(request_of(user=AnonymousUser()))
    assert (shell.sections, shell.bell, shell.pulse.count, shell.base) == ([], None, 0, "core/door.html")


def test_clocks_show_the_readers_zone_and_utc() -> None:
    assert [(clock.hands, clock.letters) for clock in Shell(request_of()).clocks] == [
        ("19:38", "EAT"),
        ("16:38", "UTC"),
    ]


def test_an_unknown_theme_follows_the_system() -> None:
    assert Shell(request_of(theme="dark")).theme == "dark"
    assert Shell(request_of(theme='"><script>')).theme == ""


def test_the_title_carries_what_waits() -> None:
    nav.register_pulse(lambda request: nav.Pulse(3, "SEV1"))
    html = render_to_string("core/components.html", samples(NOW), request_of())
    assert "<title>(3) Style · Mainstay</title>" in html
    assert '<meta name="pulse" content="3" data-worst="SEV1">' in html


def test_the_style_page_draws_every_component_without_inline_code() -> None:
    html = render_to_string("core/components.html", samples(NOW), request_of(theme="dark"))
    assert 'data-bs-theme="dark"' in html
    for banned in (" style=", "<style", " onclick", "javascript:", "&lt;"):
        assert banned not in html


def test_the_palette_finds_rooms_by_label_and_then_what_apps_offer() -> None:
    nav.register_jumps(lambda request, q: [nav.Jump("INC-1042", "/incidents/INC-1042/")])
    assert [str(jump.label) for jump in nav.jumps_for(request_of(), "boa")] == ["Board", "INC-1042"]


@pytest.mark.parametrize("name", ["400", "403", "404", "413", "429"])
def test_an_error_stands_in_the_frame_and_says_what_to_do(name: str) -> None:
    html = render_to_string(f"{name}.html", {}, request_of("/nope/"))
    assert 'class="ms-side"' in html
    assert f">{name}</p>" in html


def test_a_fault_page_needs_nothing_at_all() -> None:
    html = render_to_string("500.html")
    assert "We broke something" in html
    assert 'class="ms-side"' not in html


def test_a_strangers_error_shows_nothing_of_the_house() -> None:
    html = render_to_string("404.html", {}, request_of("/nope/", user=AnonymousUser()))
    assert 'class="ms-side"' not in html


def test_the_sign_in_says_it_is_locked_and_until_when() -> None:
    form = SimpleNamespace(errors={}, username=SimpleNamespace(value="a@b.example"))
    context = {"form": form, "locked_until": NOW.replace(minute=50), "next": "/board/"}
    html = render_to_string("accounts/sign_in.html", context, request_of(user=AnonymousUser()))
    assert "Locked for now." in html
    assert ">in 12 min</time>" in html
    assert '<input type="hidden" name="next" value="/board/">' in html
