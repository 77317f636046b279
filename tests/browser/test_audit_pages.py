"""The audit and one's own page in a real browser: every width, both themes, by keyboard, without script."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from products.services.audit import record_failed_sign_in, record_refusal
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_token

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = {
    "audit": "/settings/audit/",
    "nothing found": "/settings/audit/?who=nobody-at-all",
    "bad filter": "/settings/audit/?since=never&topic=role",
    "about me": "/settings/about-me/",
}


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """A few things happened."""
    now = datetime.now(UTC)
    record_failed_sign_in(address="stranger@elsewhere.example", request_id="r", now=now)
    record_refusal(
        user=cast.otto, token=None, method="GET", address=f"/products/{'long-name-' * 9}/", status=404,
        request_id="r", now=now,
    )  # fmt: skip
    make_token(cast.emil, product=cast.checkout)
    return cast


@pytest.mark.long  # looked at page by page
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable_in_both_themes_and_at_every_width(
    busy: Cast, open_window: Callable[..., Window], name: str
) -> None:
    window = open_window(busy.emil if name == "about me" else busy.admin)
    assert window.troubles(PAGES[name]) == {}


def test_the_audit_is_narrowed_without_script(busy: Cast, open_window: Callable[..., Window]) -> None:
    window = open_window(busy.admin, script=False)
    window.go("/settings/audit/")
    window.page.fill("#id_who", "emil")
    window.page.select_option("#id_topic", "token")
    window.page.click("main button[type=submit]")
    expect(window.page.locator("main")).to_contain_text("added an API token")
    assert "could not sign in" not in window.page.inner_text("main")
    assert window.page.input_value("#id_who") == "emil"


def test_a_bad_day_takes_the_focus_to_the_problem(busy: Cast, open_window: Callable[..., Window]) -> None:
    window = open_window(busy.admin)
    window.go("/settings/audit/?since=never")
    window.page.wait_for_selector("[role=alert]:focus")
    window.page.keyboard.press("Tab")
    window.page.keyboard.press("Enter")
    window.page.wait_for_selector("#id_since:focus")
