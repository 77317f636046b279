"""Find or do with the keyboard alone, without script, on a phone, and read aloud."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from products.models import Release
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_kpi

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Window]
REFUSED = "Failed to load resource: the server responded with a status of 422"


@pytest.fixture
def named(cast: Cast) -> Cast:
    """Something of each kind."""
    Release.objects.create(
        product=cast.checkout, environment="production", version="7.4.0", name="Split payment", state="planned"
    )
    make_kpi(cast.checkout, "checkout-conversion", "ratio", is_main=True)
    return cast


def opened(window: Window, path: str = "/products/") -> Window:
    """The dialog, opened by its keys."""
    window.go(path)
    window.page.keyboard.press("Control+k")
    expect(window.page.locator("#finder-words")).to_be_focused()
    return window


def active(window: Window) -> str:
    """The option that a screen reader would read."""
    name = window.page.get_attribute("#finder-words", "aria-activedescendant")
    return window.page.inner_text(f"#{name} .b") if name else ""


def test_a_product_is_opened_with_the_keyboard_alone(named: Cast, open_window: Open) -> None:
    window = opened(open_window(named.emil))
    window.page.keyboard.type("chekout")
    expect(window.page.locator("#finder-words")).to_have_attribute("aria-activedescendant", "fo-1-1")
    expect(window.page.locator("#finder-said")).to_have_text("Nothing is called “chekout”; 2 results come close.")
    assert active(window) == "Checkout"
    assert window.page.get_attribute("#finder-words", "aria-expanded") == "true"
    window.page.keyboard.press("ArrowDown")
    assert active(window) == "Checkout conversion"
    window.page.keyboard.press("ArrowDown")
    assert active(window) == "Checkout"
    window.page.keyboard.press("ArrowUp")
    assert active(window) == "Checkout conversion"
    window.page.keyboard.press("ArrowUp")
    assert window.page.locator(".opt[aria-selected=true]").count() == 1
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    assert window.page.url.endswith("/products/checkout/")
    assert window.messages == []


def test_what_was_opened_lately_stands_first_until_the_sign_out(named: Cast, open_window: Open) -> None:
    window = open_window(named.emil)
    window.go("/products/checkout/")
    opened(window)
    option = window.page.locator(".opt").first
    expect(option).to_have_text("Checkout")
    expect(window.page.locator("#fg-recent")).to_have_text("Recent")
    assert active(window) == "", "nothing is chosen before anything is typed"
    window.page.keyboard.press("Escape")
    with window.page.expect_navigation():
        window.page.click(".side .foot button[type=submit]")
    assert window.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('find-'))") == []


def test_feedback_is_logged_from_the_dialog(named: Cast, open_window: Open) -> None:
    window = opened(open_window(named.otto))
    window.page.keyboard.type("log")
    expect(window.page.locator("#finder-words")).to_have_attribute("aria-activedescendant", "fo-1-1")
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    assert window.page.url.endswith("/feedback/new/")


def test_escape_closes_and_gives_the_focus_back(named: Cast, open_window: Open) -> None:
    window = open_window(named.emil)
    window.go("/products/")
    window.page.focus("a.find")
    window.page.keyboard.press("Enter")
    expect(window.page.locator("#finder-words")).to_be_focused()
    window.page.keyboard.press("c")
    assert window.page.input_value("#finder-words") == "c", "C is a letter here"
    window.page.keyboard.press("Escape")
    expect(window.page.locator("#finder")).to_be_hidden()
    expect(window.page.locator("a.find")).to_be_focused()


def test_nothing_found_and_nothing_to_look_for_are_said(named: Cast, open_window: Open) -> None:
    window = opened(open_window(named.emil))
    window.page.keyboard.type("xqzvw")
    expect(window.page.locator("#finder-said")).to_contain_text("Nothing here is called")
    expect(window.page.locator("#finder-list")).to_be_hidden()
    window.page.fill("#finder-words", "%%%")
    expect(window.page.locator("#finder-said")).to_contain_text("no letter or digit")
    assert [text for text in window.messages if not text.startswith(REFUSED)] == []


def test_a_lost_connection_is_said_and_the_page_is_offered(named: Cast, open_window: Open) -> None:
    window = opened(open_window(named.emil))
    window.page.context.set_offline(True)
    window.page.keyboard.type("check")
    expect(window.page.locator("#finder-said")).to_contain_text("does not answer")
    window.page.context.set_offline(False)
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    assert "/find/?q=check" in window.page.url


@pytest.mark.long  # looked at page by page
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_dialog_is_readable_by_everybody(named: Cast, open_window: Open, theme: str, width: int) -> None:
    window = open_window(named.lena, theme=theme, width=width)
    window.go("/impact/")
    window.page.click("a.find")
    window.page.keyboard.type("check")
    expect(window.page.locator(".opt[aria-selected=true]")).to_be_visible()
    assert window.violations() == []
    assert window.sideways() <= 0
    assert window.messages == []


@pytest.mark.long  # looked at page by page
@pytest.mark.parametrize("query", ["", "?q=checkout", "?q=xqzvw", "?q=%25"])
def test_the_page_is_readable_in_both_themes_and_at_every_width(named: Cast, open_window: Open, query: str) -> None:
    assert open_window(named.lena).troubles(f"/find/{query}") == {}


def test_everything_is_found_without_script(named: Cast, open_window: Open) -> None:
    window = open_window(named.otto, script=False)
    window.go("/products/")
    assert not window.page.is_visible("a.find kbd")
    window.page.click("a.find")
    window.page.fill("#find-words", "splti payment")
    window.page.click("main button[type=submit]")
    expect(window.page.locator("main")).to_contain_text("Split payment")
    window.page.fill("#find-words", "conversion")
    window.page.click("main button[type=submit]")
    window.page.click("main a:has-text('Checkout conversion')")
    expect(window.page).to_have_url(re.compile("/kpis/checkout-conversion/"))
