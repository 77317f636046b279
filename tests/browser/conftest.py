"""A real Chromium with a window for each of the cast; what it writes to its console is kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
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
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


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

    def violations(self) -> list[str]:
        """What axe finds, as rule and element. The policy forbids injected scripts, so it runs outside the page's world."""
        self.page.evaluate(AXE.read_text() + "; window.axe !== undefined")
        found = self.page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_window(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Window]]:
    """Opens windows: ``open_window(user, width=1440, theme="light", script=True)``; None is a stranger."""
    contexts = []

    def opened(user: User | None, *, width: int = 1440, theme: str = "light", script: bool = True) -> Window:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            java_script_enabled=script,  # type: ignore[arg-type]
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
