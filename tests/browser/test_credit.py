"""Credit in a browser: the graph is walked with the keyboard, stands as a list on a phone, and everybody can use it."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.credit.scene import WholeExample, settle
from tests.factories import make_feature

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def whole(transactional_db: None, cast: Cast) -> WholeExample:
    """The worked example, settled."""
    made = WholeExample(cast)
    settle()
    return made


def test_the_graph_is_walked_by_keyboard_and_is_a_list_on_a_phone(whole: WholeExample, open_window: Open) -> None:
    window = open_window(whole.cast.otto)
    window.go("/products/web/")
    page = window.page
    page.locator("svg.flow a").first.focus()
    walked = []
    for _ in range(3):
        walked.append(page.evaluate("document.activeElement.getAttribute('href')"))
        page.keyboard.press("Tab")
    assert walked == [
        f"/releases/{whole.web_release.key}/", f"/enablements/{whole.faster.key}/", f"/releases/{whole.release.key}/?kpi=happiness",
    ]  # fmt: skip
    page.set_viewport_size({"width": 390, "height": 900})
    assert not page.locator("svg.flow").is_visible()
    link = page.locator(".flowbox ol li")
    assert link.count() == 1
    assert "Came back: Happiness +100 pts" in link.inner_text()
    link.get_by_role("link", name="Bulk booking").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/enablements/{whole.faster.key}/")
    assert window.messages == []


@pytest.mark.long
def test_its_pages_are_usable_by_everybody_on_every_screen(whole: WholeExample, open_window: Open) -> None:
    for number in range(9):
        feature = make_feature(
            whole.cast.emil, whole.cast.checkout, title=f"A rather long name of work number {number}"
        )
        whole.help(whole.design, feature, ("unblocked", "enabled", "accelerated")[number % 3], 3)
    settle()
    window = open_window(whole.cast.otto)
    paths = [
        "/products/web/",
        "/products/design/",
        "/products/checkout/",
        f"/enablements/{whole.faster.key}/",
        f"/enablements/{whole.onward.key}/",
    ]
    found = {path: window.troubles(path) for path in paths}
    assert {path: troubles for path, troubles in found.items() if troubles} == {}
