"""Links and passwords in a real browser: readable everywhere, with and without script."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from products.models import User
from products.services.passwords import make_link
from tests.browser.conftest import Window
from tests.conftest import Cast

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_was_tried_yet"),
]
GOOD = "correct horse battery"


def address_of(person: User) -> str:
    """Where a new link for ``person`` leads."""
    link = make_link(person=person, now=datetime.now(UTC))
    return f"/password/{link.uid}/{link.token}/"


@pytest.mark.long  # looked at page by page
def test_the_page_of_a_link_is_readable_in_both_themes_and_at_every_width(
    cast: Cast, open_window: Callable[..., Window]
) -> None:
    assert open_window(None).troubles(address_of(cast.otto)) == {}


@pytest.mark.parametrize("path", ["/login/", "/password/MQ/x-y/"])
def test_a_stranger_reads_whom_to_ask(cast: Cast, open_window: Callable[..., Window], path: str) -> None:
    assert open_window(None).troubles(path) == {}


@pytest.mark.long  # looked at page by page
def test_the_pages_of_an_administrator_and_of_oneself_are_readable(
    cast: Cast, open_window: Callable[..., Window]
) -> None:
    window = open_window(cast.admin)
    assert window.troubles(f"/settings/people/{cast.otto.pk}/link/") == {}
    assert window.troubles("/settings/password/") == {}


@pytest.mark.parametrize("script", [True, False])
def test_a_link_is_made_taken_and_used(cast: Cast, open_window: Callable[..., Window], script: bool) -> None:
    admin, otto = open_window(cast.admin, script=script, width=390), open_window(None, script=script, width=390)
    admin.go(f"/settings/people/{cast.otto.pk}/link/")
    with admin.page.expect_navigation():
        admin.page.click("main button[type=submit]")
    assert admin.page.locator("[data-copy]").is_visible() == script
    if script:
        assert admin.violations() == []
    otto.page.goto(admin.page.input_value("#link"))
    otto.page.fill("#id_password", "short")
    with otto.page.expect_navigation():
        otto.page.click("main button[type=submit]")
    expect(otto.page).to_have_title(re.compile("^Error: "))
    if script:
        otto.page.wait_for_selector("[role=alert]:focus")
        assert otto.violations() == []
    otto.page.fill("#id_password", GOOD)
    otto.page.fill("#id_again", GOOD)
    with otto.page.expect_navigation():
        otto.page.click("main button[type=submit]")
    expect(otto.page.locator("main")).to_contain_text("Your password is set, and you are signed in.")
    assert [text for text in admin.messages + otto.messages if "status of 422" not in text] == []
    assert User.objects.get(pk=cast.otto.pk).check_password(GOOD)
