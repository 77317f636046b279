"""The whole way of an enablement in a browser: claimed, asked by mail, answered without signing in, read by everybody."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import expect

from metrics.models import Enablement
from metrics.queries.answerers import Work
from metrics.services.answers import give_answer
from metrics.services.letters import post_letters
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.enablement.scene import Scene, answer, set_scene

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
LINK = re.compile(r"https?://[^/]+(/answer/[A-Za-z0-9_-]{43}/)")
# From the moment the page stands: the first of the five has the focus, and nothing is chosen.
KEYS = {
    "enabled": ["Space", "Enter"],
    "unblocked": ["ArrowDown", "Enter"],
    "accelerated": ["ArrowDown", "ArrowDown", "Enter"],
    "no": ["ArrowDown", "ArrowDown", "ArrowDown", "Enter"],
    "unknown": ["ArrowUp", "Enter"],
}
STATES = {
    "enabled": "adjusted",
    "unblocked": "adjusted",
    "accelerated": "confirmed",
    "no": "disputed",
    "unknown": "claimed",
}


@pytest.fixture
def scene(transactional_db: None, cast: Cast) -> Scene:
    """Both ends of the help."""
    return set_scene(cast)


def newest_link(settings: Any) -> str:
    """The path of the link in the letter that the worker sends now."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert post_letters(now=datetime.now(UTC)).sent >= 1
    return [found[1] for one in mail.outbox if (found := LINK.search(str(one.body)))][-1]


@pytest.mark.parametrize("script", [True, False])
def test_claimed_asked_by_mail_answered_and_read(scene: Scene, open_window: Open, settings: Any, script: bool) -> None:
    paula = open_window(scene.cast.paula, script=script)
    paula.go(f"/releases/{scene.release.key}/")
    paula.page.get_by_role("link", name="Claim that it helped").click()
    paula.page.get_by_label("Which feature was helped?").fill(scene.feature.key)
    paula.page.get_by_label("It made it faster").check()
    paula.page.get_by_label("between").fill("4")
    paula.page.get_by_label("and", exact=True).fill("9")
    paula.page.get_by_label("What would have happened otherwise?").fill("A night shift.")
    paula.page.get_by_role("button", name="Ask them").click()
    expect(paula.page.locator("main")).to_contain_text("Emil is asked and has two weeks.")

    emil = open_window(None, script=script)
    emil.go(newest_link(settings))
    expect(emil.page.locator("main")).to_contain_text("You answer as Emil")
    emil.page.get_by_label("Yes, it was faster").check()
    emil.page.get_by_label("and", exact=True).fill("6")
    emil.page.get_by_role("button", name="Send the answer").click()
    expect(emil.page.locator("main")).to_contain_text("Noted. Thank you")

    row = Enablement.objects.get()
    paula.go(f"/enablements/{row.key}/")
    shown = paula.page.inner_text("main")
    assert "helped with Bulk booking: it made it faster by 4 to 6 working days. Emil says so" in shown
    assert "claimed it and asked Emil" in shown
    paula.go("/products/switchyard/")
    expect(paula.page.locator("#enablements")).to_contain_text("Bulk booking")
    assert [*paula.messages, *emil.messages] == []


def test_an_answer_takes_four_keys_at_most_and_two_clicks(scene: Scene, open_window: Open, settings: Any) -> None:
    now, window = datetime.now(UTC), open_window(None)
    for number, (verdict, keys) in enumerate(KEYS.items()):
        row = scene.claim(now=now, work=Work(None, f"Work {number}", scene.cast.checkout))
        window.go(newest_link(settings))
        assert len(keys) <= 4
        window.page.wait_for_selector("[name=verdict]:focus")
        for key in keys:
            window.page.keyboard.press(key)
        window.page.wait_for_url("**/answer/noted/")
        row.refresh_from_db()
        assert row.state == STATES[verdict], verdict
    row = scene.claim(now=now)
    window.go(newest_link(settings))
    window.page.get_by_text("Yes, it was faster").click()
    window.page.get_by_role("button", name="Send the answer").click()
    window.page.wait_for_url("**/answer/noted/")
    row.refresh_from_db()
    assert row.state == "confirmed"


@pytest.mark.long
def test_its_pages_are_usable_by_everybody_on_every_screen(scene: Scene, open_window: Open, settings: Any) -> None:
    cast, now = scene.cast, datetime.now(UTC)
    answered = scene.claim(now=now)
    give_answer(enablement=answered, answer=answer("accelerated", 4, 9, "A week."), by=cast.emil, now=now)
    open_ = scene.claim(now=now, work=Work(None, "Month end", cast.checkout))
    emil, stranger = open_window(cast.emil), open_window(None)
    found = {
        path: emil.troubles(path)
        for path in (
            "/enablements/", f"/enablements/{answered.key}/", f"/enablements/{open_.key}/answer/",
            f"/enablements/{open_.key}/hand-on/", "/enablements/new/", "/enablements/thank/", "/letters/",
            "/products/checkout/", "/feedback/",
        )
    }  # fmt: skip
    link = newest_link(settings)
    found |= {path: stranger.troubles(path) for path in (link, f"{link}hand-on/", "/answer/noted/", "/answer/gone/")}
    assert {path: troubles for path, troubles in found.items() if troubles} == {}
