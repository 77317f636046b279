"""The frame of every page in a real browser: theme, keys, drafts, phones, paper, and what works without script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from products.models import User
from tests.browser.conftest import Window
from tests.conftest import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Window]
LIGHT, DARK = "rgb(247, 246, 243)", "rgb(20, 23, 28)"
PAPER = "rgb(255, 255, 255)"
PASSWORD = "correct horse battery staple"


def ground(window: Window) -> str:
    """The colour behind the page."""
    return str(window.page.evaluate("getComputedStyle(document.body).backgroundColor"))


def typed(window: Window) -> str:
    """What stands in the capture's field."""
    return window.page.input_value("#fb-text")


def sign_in(window: Window, user: User) -> None:
    """Fill the sign-in form that is open."""
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    window.page.fill("#id_login", user.email)
    window.page.fill("#id_password", PASSWORD)
    with window.page.expect_navigation():
        window.page.click("button[type=submit]")


def test_the_page_follows_the_system_until_a_theme_is_chosen_and_then_keeps_it(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.paula, theme="dark")
    window.go("/products/")
    assert ground(window) == DARK
    window.page.click("[data-theme-toggle]")
    assert ground(window) == LIGHT
    window.go("/feedback/new/")
    assert ground(window) == LIGHT
    window.page.click("[data-theme-toggle]")
    assert ground(window) == DARK


def test_the_theme_is_set_before_anything_is_painted(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.paula)
    window.go("/products/")
    blocking = window.page.eval_on_selector_all("head script:not([defer]):not([async])", "all => all.map(s => s.src)")
    assert [src.rsplit("/", 1)[1].split(".")[0] for src in blocking] == ["theme"]


def test_the_first_tab_skips_to_the_content(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.paula)
    window.go("/products/")
    window.page.keyboard.press("Tab")
    assert window.page.inner_text(":focus") == "Skip to content"
    window.page.keyboard.press("Enter")
    assert window.page.evaluate("document.activeElement.id") == "main"


def test_a_c_inside_a_field_is_a_letter(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.paula)
    window.go("/feedback/new/")
    window.page.locator("#fb-text").press_sequentially("cc")
    assert typed(window) == "cc"


def test_single_keys_can_be_switched_off_and_stay_off(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.paula)
    window.go("/products/")
    window.page.click("[data-keys-toggle]")
    window.go("/products/")
    assert window.page.get_attribute("[data-keys-toggle]", "aria-pressed") == "false"
    assert not window.page.is_visible("a.log kbd")
    press = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'c', bubbles: true, cancelable: true}))"
    assert window.page.evaluate(press), "nobody took the key"
    window.page.click("[data-keys-toggle]")
    window.page.keyboard.press("c")
    expect(window.page.locator("#capturer")).to_be_visible()


def test_a_draft_survives_an_expired_sign_in(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go("/feedback/new/")
    window.page.locator("#fb-text").press_sequentially("Half a thought")
    window.page.context.clear_cookies()
    window.go("/feedback/new/")
    assert "/login/" in window.page.url
    sign_in(window, cast.emil)
    assert window.page.url.endswith("/feedback/new/")
    assert typed(window) == "Half a thought"


def test_a_logged_draft_is_gone(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go("/feedback/new/")
    window.page.locator("#fb-text").press_sequentially("A whole thought")
    window.page.keyboard.press("Control+Enter")
    expect(window.page.locator("[data-toast]")).to_contain_text("Logged FB-")
    window.go("/feedback/new/")
    assert typed(window) == ""


def test_a_wrong_password_is_told_at_once_and_in_words(cast: Cast, open_window: Open) -> None:
    window = open_window(None)
    window.go("/login/")
    assert window.page.evaluate("document.activeElement.id") == "id_login"
    window.page.fill("#id_login", cast.paula.email)
    window.page.fill("#id_password", "not the password")
    with window.page.expect_navigation():
        window.page.click("button[type=submit]")
    expect(window.page).to_have_title(re.compile("^Error: Sign in"))
    assert window.page.inner_text("[role=alert]:focus").strip() != ""
    assert window.page.input_value("#id_login") == cast.paula.email
    assert window.violations() == []


def test_a_stranger_sees_no_frame(cast: Cast, open_window: Open) -> None:
    window = open_window(None)
    window.go("/login/")
    assert window.page.locator(".side, .bar, .top").count() == 0


@pytest.mark.parametrize("script", [True, False])
def test_a_phone_reaches_everything_and_can_sign_out(cast: Cast, open_window: Open, script: bool) -> None:
    window = open_window(cast.lena, width=390, script=script)
    window.go("/products/")
    assert not window.page.is_visible(".side")
    window.page.click(".bar summary")
    links = [text.splitlines()[-1] for text in window.page.locator(".pop a:visible").all_inner_texts()]
    assert links == [
        "Cycle board", "Internal impact", "External impact", "Diagnoses", "Features", "Accounts", "Releases", "Enablements",
        "KPIs", "People", "API and tokens", "API reference", "Checkout", "Switchyard", "Settings", "My record", "About me", "Change my password",
    ]  # fmt: skip
    assert window.sideways() <= 0
    with window.page.expect_navigation():
        window.page.click(".pop button[type=submit]")
    window.go("/products/")
    assert "/login/" in window.page.url


def test_escape_closes_the_menu_and_gives_the_focus_back(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.lena, width=390)
    window.go("/products/")
    window.page.click(".bar summary")
    assert window.violations() == []
    window.page.focus(".pop a >> nth=0")
    window.page.keyboard.press("Escape")
    assert not window.page.is_visible(".pop")
    assert window.page.inner_text(":focus").strip() == "Me"


def test_without_script_nothing_is_offered_that_needs_it(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.paula, script=False)
    window.go("/products/")
    assert not window.page.is_visible("[data-theme-toggle]")
    assert not window.page.is_visible("[data-keys-toggle]")
    assert not window.page.is_visible("a.log kbd")
    assert window.page.is_visible("a.log")


def test_paper_is_white_and_has_no_buttons(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.paula, theme="dark")
    window.go("/products/")
    window.page.click("[data-theme-toggle]")
    window.page.click("[data-theme-toggle]")
    assert ground(window) == DARK
    window.page.emulate_media(media="print")
    assert ground(window) == PAPER
    assert not window.page.is_visible(".side")
    assert not window.page.is_visible("a.log")
    assert window.page.is_visible("h1")
