"""A real Chromium with a window for each of the cast; what it writes to its console is kept."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from products.models import User

AXE = Path(__file__).with_name("axe.min.js")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What Chromium itself says about an answer of 4xx, which some pages are meant to be.
REFUSED = "Failed to load resource: the server responded with a status of 4"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BUSY = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
)
AXE_RUNS = {("light", 1440): RULES, ("light", 390): RULES, ("dark", 1440): ["color-contrast"]}


@dataclass(slots=True)
class Window:
    """A browser window of one person, and every message of its console."""

    page: Page
    base: str
    messages: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page and wait until it stands."""
        self.page.goto(f"{self.base}{path}", wait_until="load")

    def sideways(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

    def violations(self, rules: Sequence[str] = RULES) -> list[str]:
        """What axe finds for rules or groups of rules, as rule and element. The policy forbids injected scripts, so it runs outside the page's world."""
        if not self.page.evaluate("window.axe !== undefined"):
            self.page.evaluate(AXE.read_text() + "; window.axe !== undefined")
        found = self.page.evaluate("rules => axe.run(document, {runOnly: rules})", list(rules))
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]

    def troubles(self, path: str) -> dict[str, object]:
        """Per theme and width: console messages, pixels sideways, axe's findings. Empty where all is well.

        The page is opened once in each theme; the width changes under it, as when a window is drawn smaller. axe judges
        everything in the light at 1440 and 390, and in the dark what differs there: the contrast.
        """
        found: dict[str, object] = {}
        for theme in ("light", "dark"):
            self.page.emulate_media(color_scheme=theme)
            self.page.set_viewport_size({"width": 1440, "height": 900})
            self.go(path)
            for width in (1440, 390, 320):
                self.page.set_viewport_size({"width": width, "height": 900})
                said = [text for text in self.messages if not text.startswith(REFUSED)]
                found_by_axe = self.violations(AXE_RUNS[theme, width]) if (theme, width) in AXE_RUNS else []
                here = (said, max(0, self.sideways()), found_by_axe)
                if here != ([], 0, []):
                    found[f"{theme}, {width} px"] = here
        return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_window(browser: Browser, transactional_db: None, live_server: LiveServer) -> Iterator[Callable[..., Window]]:
    """Opens windows: ``open_window(user, width=1440, theme="light", script=True)``; None is a stranger."""
    contexts = []

    def opened(user: User | None, *, width: int = 1440, theme: str = "light", script: bool = True) -> Window:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            java_script_enabled=script,
        )
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        window = Window(context.new_page(), live_server.url)
        window.page.on("console", lambda message: window.messages.append(message.text))
        window.page.on("pageerror", lambda error: window.messages.append(str(error)))
        return window

    yield opened
    for context in contexts:
        context.close()
    _wait_for_rest()


def _wait_for_rest() -> None:
    """Wait until no request of a closed window is under way: emptying the tables and a reader would lock each other out."""
    at_rest, until = 0, monotonic() + 10
    while at_rest < 2 and monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(BUSY)
            at_rest = 0 if cursor.fetchone() else at_rest + 1
        sleep(0.01)
