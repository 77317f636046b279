"""The cycle board in a real browser: moved by key, by dragging and by its menu; and the whole path from hearing to building."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from feedback.models import Feedback
from products.models import Feature
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_diagnosis, make_entry, make_feature

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Window]


@pytest.fixture
def planned(cast: Cast) -> Feature:
    """A feature that may be built, something heard, and a feature without a diagnosis."""
    now = datetime.now(UTC)
    make_entry(cast.emil, cast.checkout, received_at=now)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, make_entry(cast.emil, cast.checkout), diagnosed_at=now)
    return make_feature(cast.emil, cast.checkout, diagnosis, stage_since=now)


def column_of(page: Page, key: str) -> str:
    return page.locator(f"#{key}").evaluate("card => card.closest('.cell').dataset.column")


def test_brackets_move_the_card_that_has_the_focus(cast: Cast, planned: Feature, open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go("/cycle/")
    window.page.locator(f"#{planned.key} a.t").focus()
    window.page.keyboard.press("]")
    expect(window.page.locator(f".cell[data-column=building] #{planned.key}")).to_be_visible()
    expect(window.page.locator(f"#{planned.key} a.t")).to_be_focused()
    window.page.keyboard.press("[")
    expect(window.page.locator(f".cell[data-column=diagnosed] #{planned.key}")).to_be_visible()
    planned.refresh_from_db()
    assert planned.stage == "diagnosed"
    assert window.messages == []


def test_a_card_is_dragged_to_the_next_column(cast: Cast, planned: Feature, open_window: Open) -> None:
    window = open_window(cast.emil)
    window.go("/cycle/")
    window.page.locator(f"#{planned.key}").drag_to(
        window.page.locator(".cell[data-lane=checkout][data-column=building]")
    )
    expect(window.page.locator(f".cell[data-column=building] #{planned.key}")).to_be_visible()


def test_a_refused_move_leaves_the_card_and_says_why(cast: Cast, planned: Feature, open_window: Open) -> None:
    bare = make_feature(cast.emil, cast.checkout, title="Nobody asked for it")
    window = open_window(cast.emil)
    window.go("/cycle/")
    window.page.locator(f"#{bare.key} a.t").focus()
    window.page.keyboard.press("]")
    expect(window.page.locator("[data-board-said]")).to_contain_text(f"{bare.key} has no diagnosis yet.")
    assert column_of(window.page, bare.key) == "diagnosed"


def test_the_menu_moves_without_script(cast: Cast, planned: Feature, open_window: Open) -> None:
    window = open_window(cast.emil, script=False)
    window.go("/cycle/")
    window.page.locator(f"#{planned.key} summary").click()
    window.page.get_by_role("button", name="On to Building").click()
    expect(window.page.locator(f".cell[data-column=building] #{planned.key}")).to_be_visible()
    assert window.page.url.endswith("/cycle/")


def test_who_may_not_move_gets_no_handle(cast: Cast, planned: Feature, open_window: Open) -> None:
    window = open_window(cast.otto)
    window.go("/cycle/?product=checkout")
    expect(window.page.locator(f"#{planned.key}")).to_be_visible()
    assert window.page.locator(".card summary, .card[draggable=true], [data-next]").count() == 0


@pytest.mark.parametrize("script", [True, False])
def test_from_hearing_to_building_by_the_pages_alone(cast: Cast, open_window: Open, script: bool) -> None:
    window = open_window(cast.emil, script=script)
    page = window.page
    window.go("/feedback/new/")
    page.fill("#fb-text", "The saved address is offered for the wrong depot")
    page.get_by_role("button", name="Log it").click()
    page.locator("[data-toast]:not([hidden]), .toastline").first.wait_for()
    entry = Feedback.objects.get()
    window.go(f"/feedback/{entry.key}/diagnose/")
    for name, words in (
        ("trying_to", "Book again"),
        ("in_the_way", "The depot is wrong"),
        ("known_from", "Watched two"),
    ):
        page.locator(f"[name={name}]").first.fill(words)
    page.get_by_role("button", name="Mark diagnosed").click()
    entry.refresh_from_db()
    expect(page.locator("main")).to_contain_text(entry.diagnosis.key)
    window.go(f"/features/new/?diagnosis={entry.diagnosis.key}")
    page.locator("[name=title]").fill("Offer the right depot")
    page.locator("main form button[type=submit].primary").first.click()
    page.wait_for_load_state()
    feature = Feature.objects.get()
    window.go("/cycle/")
    assert column_of(page, feature.key) == "diagnosed"
    page.locator(f"#{feature.key} summary").click()
    page.get_by_role("button", name="On to Building").click()
    expect(page.locator(f".cell[data-column=building] #{feature.key}")).to_be_visible()


def test_the_board_holds_in_every_theme_and_width(cast: Cast, planned: Feature, open_window: Open) -> None:
    assert open_window(cast.emil).troubles("/cycle/") == {}
