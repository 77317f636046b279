"""Every page in a real browser: readable by everybody, at every width, in both themes, without a policy violation."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from feedback.models import Feedback
from feedback.services.feedback import log_feedback
from metrics.catalog.quarters import quarter_of
from metrics.services.rollups import refresh
from metrics.services.usage import NewUsage, push_usage
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_kpi
from tests.metrics.test_dashboards import read, ship

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = {
    "team": "/impact/",
    "internal": "/impact/internal/",
    "external": "/impact/external/",
    "products": "/products/",
    "checkout": "/products/checkout/",
    "switchyard": "/products/switchyard/",
    "queue": "/queue/",
    "assessments": "/products/switchyard/assessments/",
    "assess": f"/products/switchyard/assessments/{quarter_of(datetime.now(UTC).date()).name}/",
    "usage": "/usage/import/",
    "about me": "/settings/about-me/",
    "feedback": "/feedback/",
    "capture": "/feedback/new/",
    "unknown team": "/impact/?team=nobody",
    "bad months": "/impact/?from=never",
    "not found": "/products/nothing/",
}
# One of each kind; the others in the long campaigns.
LOOKED_AT_EACH_TIME = ("team", "checkout", "feedback", "not found")


@pytest.fixture
def year(cast: Cast) -> Cast:
    """A few months of readings, releases, usage and words, up to today."""
    now = datetime.now(UTC)
    today = now.date()
    conversion = make_kpi(cast.checkout, "conversion", "ratio", unit="%", is_main=True, target="0.46")
    make_kpi(cast.checkout, "empty", "sum")
    days = [today - timedelta(days=ago) for ago in range(1, 90) if ago != 40]
    read(conversion, {day: (440 + day.toordinal() % 37, 1000) for day in days}, now)
    for product in (cast.checkout, cast.switchyard):
        for number in range(6):
            ship(product, f"Release {number}", now - timedelta(days=12 * number + 3), now)
    ship(cast.switchyard, "Release 0", now - timedelta(days=2), now, kind="rolled_back")
    monday: date = today - timedelta(days=today.weekday())
    for ago in range(1, 12):
        rows = [
            NewUsage(cast.switchyard, team, monday - timedelta(weeks=ago), max(0, 7 - ago), 9, 60)
            for team in (cast.platform, cast.booking)
        ]
        push_usage(rows=rows, source="test", now=now)
    for number, product in enumerate((cast.checkout, cast.switchyard, None)):
        log_feedback(
            text="The wrong depot is offered when a saved address is picked, so they retype it each time",
            product=product, channel="call", logged_by=cast.emil, received_at=now, source="test",
            source_id=str(number), now=now,
        )  # fmt: skip
    refresh(now=now)
    return cast


@pytest.mark.parametrize(
    "name", [name if name in LOOKED_AT_EACH_TIME else pytest.param(name, marks=pytest.mark.long) for name in PAGES]
)
def test_a_page_is_readable_in_both_themes_and_at_every_width(
    year: Cast, open_window: Callable[..., Window], name: str
) -> None:
    window = open_window(year.lena)
    assert window.troubles(PAGES[name]) == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_at_the_sign_in(cast: Cast, open_window: Callable[..., Window], theme: str) -> None:
    window = open_window(None, theme=theme)
    window.go("/login/")
    assert window.messages == []
    assert window.violations() == []


def test_one_thing_is_logged_with_the_keyboard_alone(year: Cast, open_window: Callable[..., Window]) -> None:
    window = open_window(year.emil)
    window.go("/products/checkout/")
    window.page.keyboard.press("c")
    expect(window.page.locator("#fb-text")).to_be_focused()
    window.page.keyboard.type("They cannot split one shipment over two cost centres")
    window.page.keyboard.press("Control+Enter")
    expect(window.page.locator("[data-toast]")).to_contain_text("Logged FB-")
    entry = Feedback.objects.latest("pk")
    assert entry.text == "They cannot split one shipment over two cost centres"
    assert entry.product == year.checkout
    assert window.messages == []


def test_one_thing_is_logged_without_script(cast: Cast, open_window: Callable[..., Window]) -> None:
    window = open_window(cast.emil, script=False)
    window.go("/feedback/new/")
    window.page.fill("#fb-text", "The export is slow")
    window.page.click("main button[type=submit]")
    expect(window.page.locator("main")).to_contain_text("Logged FB-")
    assert Feedback.objects.get().text == "The export is slow"


def test_words_that_were_refused_stay_in_the_form(cast: Cast, open_window: Callable[..., Window]) -> None:
    window = open_window(cast.emil)
    window.go("/feedback/new/")
    window.page.fill("#fb-text", "Kept words")
    window.page.eval_on_selector("[name=draft]", "field => { field.value = 'spoiled' }")
    window.page.click("main button[type=submit]")
    expect(window.page.locator("main .banner.bad")).to_contain_text("press “Log it” once more")
    assert window.page.input_value("#fb-text") == "Kept words"
    assert window.violations() == []
    window.page.click("main button[type=submit]")
    expect(window.page.locator("[data-toast]")).to_contain_text("Logged FB-")
    assert Feedback.objects.get().text == "Kept words"


def test_the_charts_are_drawn_with_their_release_markers(year: Cast, open_window: Callable[..., Window]) -> None:
    window = open_window(year.emil)
    window.go("/products/checkout/")
    chart = window.page.locator("article#conversion svg.chart").first
    assert chart.is_visible()
    assert "88 days from" in (chart.locator("desc").text_content() or "")
    assert chart.locator(".rel").count() >= 6
