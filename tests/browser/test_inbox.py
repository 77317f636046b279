"""The inbox in a real browser: keys, the item beside the list, a phone, and no script at all."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from feedback.models import Diagnosis, Feedback
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_account, make_entry, speak

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Window]


@pytest.fixture
def three(cast: Cast) -> list[Feedback]:
    """Three open items of Emil's product, the newest first."""
    texts = ("Invoices are late", "The export misses a column", "The wrong depot is offered for a saved address")
    entries = [make_entry(cast.emil, cast.checkout, words) for words in texts]
    speak(entries[2], account=make_account("brenner", cast.emil, consent="yes"), via=cast.emil)
    speak(entries[1], colleague=cast.otto)
    return entries[::-1]


def current(page: Page) -> str | None:
    return page.locator("a.row[aria-current]").get_attribute("id")


def test_j_and_k_move_and_the_item_beside_follows(cast: Cast, three: list[Feedback], open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go("/feedback/")
    page, heading = window.page, window.page.locator("#h-dx")
    expect(heading).to_have_text(f"Diagnose {three[0].key}")
    page.keyboard.press("j")
    expect(heading).to_have_text(f"Diagnose {three[1].key}")
    assert f"item={three[1].key}" in page.url
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(heading).to_have_text(f"Diagnose {three[2].key}")
    page.keyboard.press("k")
    expect(heading).to_have_text(f"Diagnose {three[1].key}")
    expect(page.locator(f"#{three[1].key}")).to_be_focused()
    page.reload()
    assert current(page) == three[1].key
    page.locator(f"#{three[1].key}").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{window.base}/feedback/{three[1].key}/")
    assert window.messages == []


def test_a_click_chooses_and_a_second_one_opens(cast: Cast, three: list[Feedback], open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go("/feedback/")
    page = window.page
    page.locator(f"#{three[2].key}").click(delay=300)
    expect(page.locator("#h-dx")).to_have_text(f"Diagnose {three[2].key}")
    page.locator(f"#{three[2].key}").click()
    expect(page).to_have_url(f"{window.base}/feedback/{three[2].key}/")


def test_d_goes_to_the_questions_which_are_kept_while_one_looks_elsewhere(
    cast: Cast, three: list[Feedback], open_window: Open
) -> None:
    window = open_window(cast.emil)
    window.go("/feedback/")
    page = window.page
    page.keyboard.press("d")
    page.keyboard.type("just keep this")
    expect(page.locator("[data-answered]")).to_have_text("1 of 4 answered")
    page.locator(f"#{three[1].key}").focus()
    expect(page.locator("#h-dx")).to_have_text(f"Diagnose {three[1].key}")
    page.keyboard.press("k")
    expect(page.locator("#h-dx")).to_have_text(f"Diagnose {three[0].key}")
    expect(page.locator("[name=trying_to]")).to_have_value("just keep this")
    page.locator(".pane").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("main")).to_contain_text("is a draft, 1 of 4 answered")
    assert page.url.endswith(f"item={three[0].key}")
    assert Diagnosis.objects.get().trying_to == "just keep this"


@pytest.mark.parametrize(("key", "where"), [("m", "merge/"), ("e", "edit/")])
def test_m_and_e_open_their_pages(cast: Cast, three: list[Feedback], open_window: Open, key: str, where: str) -> None:
    window = open_window(cast.emil)
    window.go("/feedback/")
    window.page.keyboard.press("j")
    window.page.keyboard.press(key)
    expect(window.page).to_have_url(f"{window.base}/feedback/{three[1].key}/{where}")


def test_keys_are_told_are_silent_in_fields_and_can_be_switched_off(
    cast: Cast, three: list[Feedback], open_window: Open
) -> None:
    window = open_window(cast.emil)
    window.go("/feedback/")
    page = window.page
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    expect(page.locator("#keysheet")).to_be_hidden()
    page.locator("#in-words").focus()
    page.keyboard.type("jm?")
    expect(page.locator("#in-words")).to_have_value("jm?")
    page.locator(".side [data-keys-toggle]").click()
    page.keyboard.press("j")
    page.keyboard.press("m")
    assert current(page) == three[0].key
    assert page.url == f"{window.base}/feedback/"


def test_what_is_logged_joins_the_list_and_the_item_looked_at_stays(
    cast: Cast, three: list[Feedback], open_window: Open
) -> None:
    window = open_window(cast.emil)
    window.go("/feedback/")
    page = window.page
    page.fill("#fb-text", "Nobody can print a label")
    page.keyboard.press("Control+Enter")
    expect(page.locator("a.row").first).to_contain_text("Nobody can print a label")
    assert current(page) == three[0].key
    expect(page.locator("#h-dx")).to_have_text(f"Diagnose {three[0].key}")


def test_a_phone_shows_the_list_only_and_a_tap_opens_the_page(
    cast: Cast, three: list[Feedback], open_window: Open
) -> None:
    window = open_window(cast.emil, width=390)
    window.go("/feedback/")
    expect(window.page.locator(".pane")).to_be_hidden()
    window.page.locator(f"#{three[1].key}").click()
    expect(window.page).to_have_url(f"{window.base}/feedback/{three[1].key}/")


def test_without_script_the_list_leads_to_each_item(cast: Cast, three: list[Feedback], open_window: Open) -> None:
    window = open_window(cast.emil, script=False)
    window.go(f"/feedback/?item={three[1].key}")
    expect(window.page.locator("#h-dx")).to_have_text(f"Diagnose {three[1].key}")
    expect(window.page.locator("[data-inbox-keys]")).to_be_hidden()
    window.page.locator(f"#{three[2].key}").click()
    expect(window.page).to_have_url(f"{window.base}/feedback/{three[2].key}/")


@pytest.mark.long  # three states of one page
@pytest.mark.parametrize("path", ["/feedback/", "/feedback/?scope=stuck", "/feedback/?scope=all&q=xylophone"])
def test_the_inbox_holds_in_every_theme_and_width(
    cast: Cast, three: list[Feedback], open_window: Open, path: str
) -> None:
    assert open_window(cast.emil).troubles(path) == {}


def test_one_more_voice_is_chosen_by_the_keys(cast: Cast, three: list[Feedback], open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go(f"/feedback/{three[0].key}/voices/")
    page = window.page
    expect(page.locator("[data-customer]")).to_be_hidden()
    page.locator("#vo-said_by").focus()
    page.keyboard.type("Ott")
    expect(page.locator("#vo-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("[data-from-said]")).to_contain_text("Otto: you can ask them directly")
    page.locator("#vo-people").fill("12")
    page.get_by_role("button", name="Add this voice").click()
    expect(page.locator("main")).to_contain_text(f"Otto is a voice of {three[0].key} now.")
    assert three[0].voices.get(colleague=cast.otto).people_affected == 12
    window.go(f"/feedback/{three[0].key}/voices/")
    page.get_by_role("button", name="Remove Otto").click()
    expect(page.locator("main")).to_contain_text("Otto is no voice of")
    assert window.messages == []


def test_a_customer_is_asked_for_the_colleague_between(cast: Cast, three: list[Feedback], open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go(f"/feedback/{three[1].key}/voices/")
    page = window.page
    page.locator("#vo-said_by").focus()
    page.keyboard.type("Brenn")
    page.locator("#vo-list [role=option]").first.click()
    expect(page.get_by_label("Via, for a customer")).to_have_value(str(cast.emil.pk))
    page.get_by_role("button", name="Add this voice").click()
    expect(page.locator("main")).to_contain_text(f"Brenner is a voice of {three[1].key} now.")


@pytest.mark.long  # looked at page by page
def test_the_pages_of_voices_and_merging_hold_in_every_theme_and_width(
    cast: Cast, three: list[Feedback], open_window: Open
) -> None:
    make_entry(cast.emil, cast.checkout, "For a saved address the wrong depot is offered")
    window = open_window(cast.emil)
    for page in ("voices/", "merge/"):
        assert window.troubles(f"/feedback/{three[0].key}/{page}") == {}
