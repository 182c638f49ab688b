"""The portal's own scripts in a real browser, under the real policy, without a server: requests are answered here."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, Route

from core import nav
from core.ui.samples import samples
from tests.core.ui import NOW, request_of

pytestmark = pytest.mark.browser

ORIGIN = "http://portal.test"
POLICY = (
    "default-src 'none'; connect-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; "
    "style-src 'self'; form-action 'self'; base-uri 'none'"
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class Portal:
    """One page at ORIGIN; `live` answers its polls, `polls` remembers them, `faults` are errors on the console."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.html = ""
        self.polls: list[dict[str, str]] = []
        self.faults: list[str] = []
        self.live: Callable[[], tuple[int, str]] = lambda: (304, "")
        page.on(
            "console", lambda message: self.faults.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).split("?")[0].split("#")[0]
        if path.startswith("/static/"):
            found = Path(str(finders.find(path.removeprefix("/static/"))))
            route.fulfill(body=found.read_bytes(), content_type=TYPES[found.suffix])
        elif path == "/live/":
            self.polls.append(route.request.headers)
            status, body = self.live()
            route.fulfill(
                status=status, body=body, content_type="text/html", headers={"ETag": f'"{len(self.polls)}"'}
            )
        else:
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(body=self.html, content_type="text/html; charset=utf-8", headers=headers)

    def show(self, html: str) -> None:
        """Open that page, with the browser's clock standing at NOW until it is moved."""
        self.html = html
        # Installed alone it would run on, and a busy machine would be read as seconds gone by.
        self.page.clock.install(time=NOW - timedelta(hours=1))
        self.page.clock.pause_at(NOW)
        self.page.goto(ORIGIN + "/")
        self.page.wait_for_function("document.querySelector('.ms-theme')?.hidden === false")


@pytest.fixture(autouse=True)
def no_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """The frame alone, whatever the apps have registered (their badges would ask a database)."""
    monkeypatch.setattr(nav, "registry", nav._Registry())


@pytest.fixture
def browser_page(browser: Browser) -> Callable[[int], Page]:
    return lambda width: browser.new_context(viewport={"width": width, "height": 900}).new_page()


@pytest.fixture
def portal(browser_page: Callable[[int], Page]) -> Iterator[Portal]:
    page = browser_page(1440)
    yield Portal(page)
    page.context.close()


def style_page(**changed: object) -> str:
    return render_to_string("core/components.html", samples(NOW) | changed, request_of("/styleguide/"))


def region(rows: list[str], *, fresh: bool = False, pulse: str = "") -> str:
    drawn = "".join(f'<tr data-row id="{ref}"><td><a href="#{ref}">{ref}</a></td></tr>' for ref in rows)
    attributes = f"{' data-fresh' if fresh else ''}{pulse}"
    return f'<div id="board" data-live="/live/"{attributes}><table class="rows" data-rows><tbody>{drawn}</tbody></table></div>'


def live_page(rows: list[str], **options: object) -> str:
    """The style page with a live region in place of its content."""
    page = style_page()
    body = region(rows, **options)  # type: ignore[arg-type]
    return re.sub(
        r"(<main[^>]*>).*?</main>", lambda found: found.group(1) + body + "</main>", page, flags=re.S
    )


def refs(page: Page) -> list[str]:
    return page.eval_on_selector_all("#board [data-row]", "rows => rows.map(row => row.id)")


def test_every_script_runs_under_the_strict_policy(portal: Portal) -> None:
    portal.show(style_page())
    portal.page.keyboard.press("?")
    assert portal.page.locator("#keys-help").is_visible()
    portal.page.keyboard.press("Escape")
    assert portal.page.locator("#keys-help").is_hidden()
    assert portal.faults == []


def test_a_countdown_follows_the_servers_time_and_turns_late(portal: Portal) -> None:
    portal.show(style_page())
    until = portal.page.locator(".facts [data-due]")
    assert until.inner_text() == "12:00"
    portal.page.clock.run_for(61_000)
    assert until.inner_text() == "10:59"
    portal.page.clock.run_for(12 * 60_000)
    assert until.inner_text() == "1 min late"
    assert "ink-bad" in (until.get_attribute("class") or "")


def test_a_wrong_clock_on_the_desk_does_not_matter(portal: Portal) -> None:
    html = style_page().replace(NOW.isoformat(), (NOW + timedelta(minutes=5)).isoformat(), 1)
    portal.show(html)
    assert portal.page.locator(".ms-clock time").first.inner_text() == "19:43"


def test_keys_are_off_while_typing_and_can_be_switched_off(portal: Portal) -> None:
    portal.show(style_page())
    portal.page.keyboard.press("j")
    portal.page.keyboard.press("j")
    assert portal.page.locator(".is-cursor .title a").inner_text().startswith("customer_spend_7d")
    portal.page.keyboard.press("/")
    portal.page.keyboard.press("j")
    assert portal.page.locator(".ms-find input").input_value() == "j"
    portal.page.locator(".ms-me").click()
    portal.page.locator(".ms-side [data-keys-toggle]").click()
    portal.page.locator("h1").click()
    portal.page.keyboard.press("j")
    assert portal.page.locator(".is-cursor").count() == 0


def test_the_theme_is_kept_in_a_cookie_for_the_server(portal: Portal) -> None:
    portal.show(style_page())
    portal.page.locator(".ms-theme").click()
    portal.page.locator(".ms-theme").click()
    assert portal.page.evaluate("[document.documentElement.dataset.bsTheme, document.cookie]") == [
        "dark",
        "theme=dark",
    ]


def test_a_form_is_sent_once(portal: Portal) -> None:
    portal.show(style_page())
    sent = portal.page.evaluate("""() => {
        const form = document.querySelector("form[data-once]"); let sent = 0;
        // on the window, so behind the portal's own listener
        window.addEventListener("submit", (event) => { if (!event.defaultPrevented) sent += 1; event.preventDefault(); });
        form.noValidate = true; form.requestSubmit(); form.requestSubmit();
        return [sent, form.querySelector("button").classList.contains("is-busy")];
    }""")
    assert sent == [1, True]


def test_a_draft_comes_back_after_a_reload(portal: Portal) -> None:
    portal.show(style_page())
    portal.page.locator("#sample_note").fill("POS extract came without coast")
    portal.page.reload()
    assert portal.page.locator("#sample_note").input_value() == "POS extract came without coast"


def test_a_region_is_polled_every_15_seconds_and_shows_what_is_new(portal: Portal) -> None:
    portal.show(live_page(["INC-1"]))
    portal.live = lambda: (200, region(["INC-2", "INC-1"], pulse=' data-pulse="2" data-worst="SEV1"'))
    portal.page.clock.run_for(14_000)
    assert portal.polls == []
    portal.page.clock.run_for(1_500)
    portal.page.wait_for_selector("#INC-2.is-fresh")
    assert refs(portal.page) == ["INC-2", "INC-1"]
    assert portal.page.title() == "(2) Style · Mainstay"
    assert "alert" in (portal.page.get_attribute("link[rel=icon]", "href") or "")


def test_something_fresh_is_polled_every_5_seconds_with_its_etag(portal: Portal) -> None:
    portal.show(live_page(["INC-1"], fresh=True))
    portal.live = lambda: (200, region(["INC-1"], fresh=True))
    with portal.page.expect_response("**/live/"):
        portal.page.clock.run_for(5_100)
    portal.page.wait_for_function("document.querySelector('#board')")
    portal.live = lambda: (304, "")
    with portal.page.expect_response("**/live/"):
        portal.page.clock.run_for(5_100)
    assert [headers.get("if-none-match") for headers in portal.polls] == [None, '"1"']
    assert portal.polls[0]["hx-request"] == "true"


def test_nothing_moves_under_the_pointer(portal: Portal) -> None:
    portal.show(live_page(["INC-1"]))
    portal.page.locator("#INC-1").hover()
    portal.live = lambda: (200, region(["INC-3", "INC-2", "INC-1"]))
    portal.page.clock.run_for(15_100)
    held = portal.page.locator(".live-held")
    held.wait_for()
    assert (held.inner_text(), refs(portal.page)) == ("2 new", ["INC-1"])
    held.click()
    assert refs(portal.page) == ["INC-3", "INC-2", "INC-1"]


def test_the_cursor_stays_on_its_row(portal: Portal) -> None:
    portal.show(live_page(["INC-1", "INC-0"]))
    portal.page.keyboard.press("j")
    portal.page.keyboard.press("j")
    portal.live = lambda: (200, region(["INC-2", "INC-1", "INC-0"]))
    portal.page.clock.run_for(15_100)
    portal.page.wait_for_selector("#INC-2")
    assert (
        portal.page.evaluate("[document.querySelector('.is-cursor').id, document.activeElement.textContent]")
        == ["INC-0"] * 2
    )


def test_after_three_misses_it_says_when_it_last_saw_the_truth(portal: Portal) -> None:
    portal.show(live_page(["INC-1"]))
    portal.live = lambda: (502, "")
    for wait in (15_100, 30_100, 60_100):
        with portal.page.expect_response("**/live/"):
            portal.page.clock.run_for(wait)
    sign = portal.page.locator("[data-live-sign].is-stale")
    sign.wait_for()
    assert sign.inner_text() == "Last seen 19:38, retrying"


def test_the_hands_of_the_clock_are_those_of_the_readers_zone(portal: Portal) -> None:
    portal.show(style_page())
    portal.page.clock.run_for(3_600_000)
    hands = portal.page.locator(".ms-clock time").all_inner_texts()
    there = datetime(2026, 11, 23, 17, 38, tzinfo=UTC)
    assert hands == [f"{there + timedelta(hours=3):%H:%M}", f"{there:%H:%M}"]
