"""The capture in a real browser: by the keys alone, on a phone, without script, and when things go wrong."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from feedback.models import ConsentChange, Feedback, NotDuplicate
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_account, make_entry

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Window]
TEXT = "Planners see the wrong depot for a saved address"


class Keys:
    """A keyboard that counts what is pressed; a chord is one."""

    def __init__(self, window: Window) -> None:
        self.window, self.pressed, self.typed = window, 0, 0

    def press(self, keys: str) -> None:
        self.window.page.keyboard.press(keys)
        self.pressed += 1

    def type(self, text: str) -> None:
        self.window.page.keyboard.type(text)
        self.typed += len(text)


@pytest.fixture
def brenner(cast: Cast) -> Cast:
    """A customer of Emil's product, and something heard before."""
    make_account("brenner", cast.emil, name="Brenner Logistik").products.add(cast.checkout)
    make_entry(cast.emil, cast.checkout, "The saved address is offered for the wrong depot")
    return cast


def test_one_entry_takes_five_keys_besides_its_text_and_two_letters(brenner: Cast, open_window: Open) -> None:
    window = open_window(brenner.emil)
    window.go("/products/checkout/")
    keys = Keys(window)
    keys.press("c")
    keys.type(TEXT)
    keys.press("Tab")
    keys.type("br")
    keys.press("Enter")
    expect(window.page.locator("#fb-from-said")).to_contain_text("Brenner Logistik via Emil")
    keys.press("Control+Enter")
    toast = window.page.locator("[data-toast]")
    expect(toast).to_contain_text("Logged FB-")
    entry = Feedback.objects.get(text=TEXT)
    voice = entry.voices.get()
    assert (entry.product, voice.account.name, voice.via) == (brenner.checkout, "Brenner Logistik", brenner.emil)
    assert (keys.pressed, keys.typed - len(TEXT)) == (5 - 1, 2), "C, Tab, Enter, Ctrl+Enter and two letters"
    expect(window.page.locator("#capturer")).to_be_hidden()
    assert window.messages == []


def test_nothing_typed_before_the_form_is_there_is_lost(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go("/products/checkout/")
    window.page.keyboard.press("c")
    window.page.keyboard.type("It is slow on Mondays")
    expect(window.page.locator("#fb-text")).to_have_value("It is slow on Mondays")
    expect(window.page.locator("#fb-text")).to_be_focused()


def test_all_keys_of_an_entry_may_come_before_the_form_does(brenner: Cast, open_window: Open) -> None:
    window = open_window(brenner.emil)
    window.go("/products/checkout/")
    held: list[Route] = []
    window.page.route("**/feedback/new/?*", lambda route: held.append(route))
    window.page.keyboard.press("c")
    window.page.keyboard.type(TEXT)
    window.page.keyboard.press("Tab")
    window.page.keyboard.type("br")
    for key in ("Enter", "Control+Enter"):
        window.page.keyboard.press(key)
    assert window.page.locator("#fb-product").count() == 0
    held[0].continue_()
    expect(window.page.locator("[data-toast]")).to_contain_text("Logged FB-")
    voice = Feedback.objects.get(text=TEXT).voices.get()
    assert (voice.account.name, voice.via) == ("Brenner Logistik", brenner.emil)


def test_a_draft_keeps_who_said_it_and_about_what(brenner: Cast, open_window: Open) -> None:
    window = open_window(brenner.emil)
    window.go("/feedback/new/")
    page = window.page
    page.fill("#fb-text", TEXT)
    page.select_option("#fb-product", "checkout")
    page.fill("#fb-said_by", "br")
    page.locator("#fb-list [role=option]").first.click()
    window.go("/products/checkout/")
    page.keyboard.press("c")
    expect(page.locator("#fb-said_by")).to_have_value("Brenner Logistik")
    expect(page.locator("#fb-text")).to_have_value(TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-toast]")).to_contain_text("Logged FB-")
    entry = Feedback.objects.get(text=TEXT)
    assert (entry.product, entry.voices.get().account.name) == (brenner.checkout, "Brenner Logistik")


def test_undo_takes_the_entry_back_and_keeps_the_words(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go("/products/checkout/")
    window.page.keyboard.press("c")
    expect(window.page.locator("#fb-product")).to_be_visible()
    window.page.keyboard.type("It is slow on Mondays")
    window.page.keyboard.press("Control+Enter")
    window.page.locator("[data-toast] button").click()
    expect(window.page.locator("[data-toast]")).to_contain_text("is taken back. Your words are kept as a draft.")
    assert Feedback.objects.get().withdrawn_by == cast.emil
    window.page.keyboard.press("c")
    expect(window.page.locator("#fb-text")).to_have_value("It is slow on Mondays")


def test_adding_to_what_was_heard_merges_and_not_the_same_is_remembered(brenner: Cast, open_window: Open) -> None:
    window = open_window(brenner.emil)
    root = Feedback.objects.get()
    for key, button in (("Alt+1", ""), ("", "Not the same")):
        window.go("/products/checkout/")
        window.page.keyboard.press("c")
        expect(window.page.locator("#fb-product")).to_be_visible()
        window.page.keyboard.type(f"{TEXT} {button}")
        found = window.page.locator("[data-dups] li")
        expect(found.first).to_contain_text(root.key)
        expect(window.page.locator("#fb-text")).to_be_focused()
        assert window.page.locator("[data-dups] mark").all_inner_texts() == ["saved", "address", "wrong", "depot"]
        if key:
            window.page.keyboard.press(key)
        else:
            window.page.get_by_role("button", name=f"{root.key} is not the same").click()
            expect(found).to_have_count(0)
            window.page.keyboard.press("Control+Enter")
        expect(window.page.locator("[data-toast]")).to_contain_text("Logged")
    assert Feedback.objects.get(text=TEXT).merged_into == root
    assert NotDuplicate.objects.get().first == root


def test_a_fix_and_personal_data_are_hinted_at_and_one_click_removes_the_data(brenner: Cast, open_window: Open) -> None:
    window = open_window(brenner.emil)
    window.go("/feedback/new/")
    window.page.keyboard.type("Add an export button, says Mrs Keller, keller@brenner.example or +49 170 1234567")
    hints = window.page.locator("[data-dups]")
    expect(hints).to_contain_text("Sounds like a fix. What were they trying to do?")
    expect(hints).to_contain_text("Looks like personal data")
    hints.get_by_role("button", name="Remove it").click()
    expect(window.page.locator("#fb-text")).to_have_value(
        "Add an export button, says [removed], [removed] or [removed]"
    )
    expect(hints).not_to_contain_text("personal data")


def test_consent_is_noted_with_the_entry(brenner: Cast, open_window: Open) -> None:
    window = open_window(brenner.emil)
    window.go("/feedback/new/")
    page = window.page
    page.keyboard.type("The quote changes on the payment page")
    page.fill("#fb-said_by", "brenner")
    page.locator("#fb-list [role=option]").first.click()
    page.get_by_label("Yes, through a colleague").check()
    page.get_by_role("button", name="Log it").click()
    expect(page.locator("[data-toast]")).to_contain_text("Logged")
    change = ConsentChange.objects.get()
    assert (change.to_consent, change.via, change.by) == ("yes", brenner.emil, brenner.emil)


def test_on_a_phone_an_entry_takes_four_taps(brenner: Cast, open_window: Open) -> None:
    window = open_window(brenner.emil, width=390)
    window.go("/products/checkout/")
    page = window.page
    page.locator("nav.bar a.add").click()
    page.locator("#fb-product").wait_for()
    page.keyboard.type(TEXT)
    page.locator("#fb-said_by").click()
    page.keyboard.type("br")
    page.locator("#fb-list [role=option]").first.click()
    page.get_by_role("button", name="Log it").click()
    expect(page.locator("[data-toast]")).to_contain_text("Logged FB-")
    assert Feedback.objects.filter(text=TEXT, voices__account__reference="brenner").exists()


def test_without_script_the_page_logs_and_offers_the_way_back(brenner: Cast, open_window: Open) -> None:
    window = open_window(brenner.emil, script=False)
    window.go("/feedback/new/")
    page = window.page
    page.fill("#fb-text", TEXT)
    page.fill("#fb-said_by", "Brenner")
    page.get_by_role("button", name="Log it").click()
    entry = Feedback.objects.get(text=TEXT)
    assert entry.voices.get().via == brenner.emil
    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("main")).to_contain_text(f"{entry.key} is taken back.")


def test_signed_out_meanwhile_the_words_stay_and_the_way_in_is_shown(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go("/feedback/new/")
    window.page.keyboard.type(TEXT)
    window.page.context.clear_cookies(name="sessionid")
    window.page.keyboard.press("Control+Enter")
    expect(window.page.locator("[data-unsaved]")).to_contain_text("You were signed out. What you wrote is kept.")
    expect(window.page.locator("#fb-text")).to_have_value(TEXT)
    assert not Feedback.objects.exists()


def test_offline_the_words_stay_and_are_sent_when_the_server_is_back(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go("/feedback/new/")
    window.page.keyboard.type(TEXT)
    window.page.context.set_offline(True)
    window.page.keyboard.press("Control+Enter")
    expect(window.page.locator("[data-unsaved]")).to_contain_text("Not saved, trying again in")
    expect(window.page.locator("[data-unsaved] button")).to_have_text("Copy text")
    window.page.context.set_offline(False)
    expect(window.page.locator("[data-toast]")).to_contain_text("Logged FB-", timeout=15_000)
    assert Feedback.objects.get().text == TEXT


def test_too_long_a_text_is_counted_refused_in_words_and_kept(cast: Cast, open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go("/products/checkout/")
    window.page.keyboard.press("c")
    area = window.page.locator("#fb-text")
    expect(window.page.locator("#fb-product")).to_be_visible()
    area.fill("x" * 2001)
    expect(window.page.locator("[data-counted]")).to_have_text("2,001 of 2,000 characters")
    window.page.keyboard.press("Control+Enter")
    problem = window.page.locator("#capturer .banner.bad")
    expect(problem).to_contain_text("Shorten it to 2,000 characters; it has 2001.")
    expect(problem).to_be_focused()
    assert area.input_value() == "x" * 2001


@pytest.mark.long  # every theme and width of one dialog
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_open_dialog_is_accessible(brenner: Cast, open_window: Open, theme: str, width: int) -> None:
    window = open_window(brenner.emil, theme=theme, width=width)
    window.go("/products/checkout/")
    window.page.locator("nav.bar a.add" if width < 1024 else "a.log").click()
    window.page.locator("#fb-product").wait_for()
    window.page.fill("#fb-text", f"Add a button. {TEXT}. Call Mr Keller.")
    expect(window.page.locator("[data-dups] li")).to_have_count(1)
    window.page.fill("#fb-said_by", "br")
    window.page.locator("#fb-list [role=option]").first.wait_for()
    assert window.violations() == []
    assert window.sideways() <= 0
    assert window.messages == []


@pytest.mark.long  # pages of the same parts
@pytest.mark.parametrize(
    "path",
    [
        "/feedback/new/",
        "/feedback/FB-{}/",
        "/feedback/FB-{}/edit/",
        "/feedback/FB-{}/merge/",
        "/feedback/FB-{}/withdraw/",
    ],
)
def test_the_pages_of_an_entry_hold_in_every_theme_and_width(brenner: Cast, open_window: Open, path: str) -> None:
    make_entry(brenner.emil, brenner.checkout, "For a saved address the wrong depot is offered")
    window = open_window(brenner.emil)
    assert window.troubles(path.format(Feedback.objects.earliest("pk").pk)) == {}
