"""The release and KPI pages in a real browser: readable at every width, in both themes, without a policy violation."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from metrics.models import KpiDefinition, Trouble
from metrics.services.kpis import redefine_kpi
from metrics.services.rollups import refresh
from products.models import Release, ReleaseEvent
from products.services.releases import NewReleaseEvent, erase_release_event, ingest_release_event
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_kpi, make_token
from tests.metrics.test_dashboards import read, ship

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = {
    "releases": "/releases/",
    "no release fits": "/releases/?product=checkout&state=planned&type=I",
    "bad day": "/releases/?from=never",
    "release": "/releases/{key}/",
    "planned release": "/releases/{planned}/",
    "unknown release": "/releases/R-999999/",
    "kpis": "/kpis/",
    "no KPI fits": "/kpis/?family=churn",
    "kpi": "/kpis/conversion/",
    "kpi without readings": "/kpis/empty/",
}


@pytest.fixture
def year(cast: Cast) -> Cast:
    """A KPI with gaps, a correction and a new definition, eight releases, a stale week, an erased and a planned event."""
    now = datetime.now(UTC)
    today = now.date()
    conversion = make_kpi(cast.checkout, "conversion", "ratio", unit="%", is_main=True, target="0.46")
    make_kpi(cast.checkout, "empty", "mean")
    make_token(cast.lena, product=cast.checkout)
    KpiDefinition.objects.create(kpi=conversion, holds_from=today - timedelta(days=300), wording="Paid within a day.")
    days = [today - timedelta(days=ago) for ago in range(1, 120) if ago != 40]
    read(conversion, {day: (440 + day.toordinal() % 37, 1000) for day in days}, now - timedelta(hours=2))
    read(conversion, {today - timedelta(days=5): (500, 1000)}, now)
    redefine_kpi(kpi=conversion, wording="Paid within two days.", holds_from=today - timedelta(days=60))
    for number in range(8):
        ship(cast.checkout, f"Release {number}", now - timedelta(days=12 * number + 3), now)
    ship(cast.checkout, "Release 3", now - timedelta(days=20), now, kind="rolled_back")
    ship(cast.checkout, "Release 2", now - timedelta(days=20), now, kind="released")
    erase_release_event(event=ReleaseEvent.objects.get(kind="released"), now=now)
    plan = NewReleaseEvent("ci", "p", cast.checkout, "9.0", "planned", now, planned_for=now + timedelta(days=9))
    ingest_release_event(event=plan, now=now)
    refresh(now=now)
    Trouble.objects.create(product=cast.checkout, week=today, attempts=3, stale_since=now, next_try_at=now)
    return cast


def address(name: str) -> str:
    """The page's path, with the keys of this run's releases."""
    keys = {"key": Release.objects.get(version="Release 2").key, "planned": Release.objects.get(version="9.0").key}
    return PAGES[name].format(**keys)


@pytest.mark.long  # looked at page by page
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable_in_both_themes_and_at_every_width(
    year: Cast, open_window: Callable[..., Window], name: str
) -> None:
    path = address(name)
    window = open_window(year.lena)
    assert window.troubles(path) == {}


def test_a_release_is_found_from_its_product_and_its_kpi_from_the_release(
    year: Cast, open_window: Callable[..., Window]
) -> None:
    window = open_window(year.emil, script=False)
    window.go("/products/checkout/")
    window.page.click("tbody th a:text-is('Release 2')")
    expect(window.page.locator("p.verdict")).to_contain_text("Release 2 has been live since")
    expect(window.page.locator("svg.chart .rel-t.me").first).to_have_text("Release 2")
    window.page.click("figure h3 a >> nth=0")
    expect(window.page.locator("#h-read")).to_contain_text("readings")


def test_the_lists_are_narrowed_with_a_form_and_without_script(year: Cast, open_window: Callable[..., Window]) -> None:
    window = open_window(year.otto, script=False)
    window.go("/releases/")
    window.page.select_option("#f-state", "rolled_back")
    window.page.click("text=Show these")
    expect(window.page).to_have_url(re.compile("state=rolled_back"))
    expect(window.page.locator("tbody th a")).to_have_text(["Release 3"])
    window.page.click("text=Show all")
    expect(window.page.locator("tbody tr")).to_have_count(9)
