"""Tokens and the push log in a real browser: readable everywhere, with and without script, by keyboard alone."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from products.models import ApiToken
from products.services.tokens import digest, revoke_token, roll_token
from tests.api.client import Api
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_token

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = {
    "tokens": "/settings/tokens/",
    "new": "/settings/tokens/new/",
    "roll": "/settings/tokens/{living}/roll/",
    "revoke": "/settings/tokens/{living}/revoke/",
    "ended": "/settings/tokens/{ended}/roll/",
    "log": "/settings/push-log/",
    "log, nothing fits": "/settings/push-log/?status=5",
}


@pytest.fixture
def pushed(cast: Cast) -> dict[str, int]:
    """Tokens in several states, and calls that were accepted and refused."""
    now = datetime.now(UTC)
    api = Api(make_token(cast.emil, product=cast.checkout))
    living = ApiToken.objects.get()
    api.get("products")
    api.post("release-events", {"product": "checkout", "kind": "launched", "unknown-field-with-a-long-name": 1})
    api.post("release-events:batch", {"events": [{"product": "checkout"}] * 4})
    make_token(cast.emil, team=cast.booking, scopes=["release:write", "kpi:write"])
    rolled = ApiToken.objects.latest("pk")
    roll_token(token=rolled, maker=cast.lena, now=now)
    make_token(cast.paula, product=cast.switchyard)
    ended = ApiToken.objects.latest("pk")
    revoke_token(token=ended, now=now)
    return {"living": living.pk, "ended": ended.pk}


@pytest.mark.long  # pages of the same parts
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable_in_both_themes_and_at_every_width(
    cast: Cast, pushed: dict[str, int], open_window: Callable[..., Window], name: str
) -> None:
    window = open_window(cast.lena)
    assert window.troubles(PAGES[name].format(**pushed)) == {}


@pytest.mark.parametrize("who", ["emil", "otto"])
@pytest.mark.parametrize("path", ["/settings/tokens/", "/settings/push-log/"])
def test_an_empty_page_says_what_to_do(cast: Cast, open_window: Callable[..., Window], who: str, path: str) -> None:
    window = open_window(getattr(cast, who), width=390)
    window.go(path)
    assert window.page.locator("main a.btn").count() > 0
    assert (window.messages, window.violations(), max(0, window.sideways())) == ([], [], 0)


@pytest.mark.parametrize("script", [True, False])
def test_a_token_is_made_with_the_keyboard_and_its_secret_can_be_taken(
    cast: Cast, open_window: Callable[..., Window], script: bool
) -> None:
    window = open_window(cast.emil, script=script, width=390)
    window.go("/settings/tokens/new/")
    window.page.focus("#id_name")
    window.page.keyboard.type("Nightly build")
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    secret = window.page.input_value("#secret")
    assert ApiToken.objects.get(digest=digest(secret)).name == "Nightly build"
    assert window.page.locator("[data-copy]").is_visible() == script
    if script:
        window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        window.page.click("[data-copy]")
        window.page.wait_for_selector("text=Copied.")
        assert window.page.evaluate("navigator.clipboard.readText()") == secret
        assert window.violations() == []
    assert (window.messages, max(0, window.sideways())) == ([], 0)
    with window.page.expect_navigation():
        window.page.click("text=I have stored it")
    assert secret not in window.page.content()


def test_a_refused_form_takes_the_focus_to_what_is_wrong(cast: Cast, open_window: Callable[..., Window]) -> None:
    window = open_window(cast.emil)
    window.go("/settings/tokens/new/")
    window.page.fill("#id_days", "1000")
    window.page.uncheck("[value='release:write']")
    with window.page.expect_navigation():
        window.page.click("main button[type=submit]")
    window.page.wait_for_selector("[role=alert]:focus")
    expect(window.page).to_have_title(re.compile("^Error: "))
    assert window.page.input_value("#id_days") == "1000"
    assert window.page.get_attribute("#id_name", "aria-invalid") == "true"
    assert window.violations() == []


def test_a_token_is_revoked_without_script(cast: Cast, open_window: Callable[..., Window]) -> None:
    make_token(cast.emil, product=cast.checkout)
    window = open_window(cast.emil, script=False)
    window.go("/settings/tokens/")
    window.page.click("main a.btn:has-text('Revoke')")
    window.page.click("main button[type=submit]")
    expect(window.page.locator("main")).to_contain_text("It is refused from now on")
    assert ApiToken.objects.get().revoked_at is not None
