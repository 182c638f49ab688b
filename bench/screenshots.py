"""`make screenshots`: start a demo of its own in a throw-away home, take the README's pictures, stop it.

Desk (1440×900) in light and dark, phone (390×844) in light. Pictures go to docs/screenshots/.
Set PORTAL_URL and PORTAL_HOME to take them from a portal that runs already.
"""

import os
import shutil
import subprocess
import sys
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from bench.portal import ROOT, portal

OUT = ROOT / "docs" / "screenshots"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PAGES = {
    "room": "/",
    "board": "/incidents/",
    "incident": None,
    "new-incident": "/incidents/new/",
    "alerts": "/alerts/",
    "services": "/services/",
    "service": "/services/fraud-scorer/",
    "agreement": "/services/agreements/silver/",
    "test-bench": "/services/agreements/silver/try/?severity=SEV1&raised=2026-03-06T16:50&zone=Africa/Nairobi",
    "objectives": "/services/objectives/",
    "boundaries": "/services/fraud-scorer/boundaries/",
    "standards": "/services/standards/",
    "rotas": "/rotas/",
    "runbooks": "/runbooks/",
    "runbook": "/runbooks/stale-features/",
    "numbers": "/numbers/",
    "engines": "/engines/",
    "inbox": "/messages/",
    "outbox": "/messages/outbox/",
    "me": "/me/",
    "audit": "/audit/",
    "parked": "/alerts/parked/",
}


def shoot(
    browser: Browser, url: str, env: dict[str, str], *, width: int, theme: Literal["light", "dark"]
) -> None:
    """Every page once, at this width and in this theme."""
    link = subprocess.run(
        [sys.executable, "manage.py", "login_link", "lead@demo.mainstay"],
        cwd=ROOT, env=env, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 500 else 844}, color_scheme=theme
    )
    page = context.new_page()
    page.on("console", lambda said: print("  console:", said.text) if said.type == "error" else None)
    page.goto(url + link[link.index("/sign-in") :])
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_load_state()
    for name, known in PAGES.items():
        path = known
        if known is None:
            page.goto(url + "/incidents/?severity=SEV1")
            path = page.locator("td.title a, .title a").first.get_attribute("href")
        page.goto(url + str(path))
        page.wait_for_load_state("networkidle")
        page.screenshot(path=OUT / f"{name}-{width if width < 500 else theme}.png")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        print(f"  {name} {width} {theme}" + (f": {wide} px too wide" if wide > 0 else ""))
    context.close()


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with portal(prefix="mainstay-shots-") as (url, env), sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        shoot(browser, url, env, width=1440, theme="light")
        shoot(browser, url, env, width=1440, theme="dark")
        shoot(browser, url, env, width=390, theme="light")
        browser.close()


if __name__ == "__main__":
    main()
