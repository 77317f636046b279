"""Figures that could not be computed say so in words: on the pages and in the JSON, without a statement more."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Trouble
from metrics.queries.kpi_list import KpiFilter, kpi_list
from metrics.queries.periods import read_period
from metrics.queries.release import release_page
from metrics.queries.series import one_series
from metrics.services.rollups import refresh
from products.models import Release
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import make_kpi, make_token
from tests.journeys.test_pages import signed_in, text_of
from tests.metrics.test_dashboards import dashboard_of, read, ship
from tests.metrics.test_product_page import page_of

pytestmark = pytest.mark.django_db
SINCE = datetime(2026, 6, 14, 9, 30, tzinfo=UTC)
WORDS = "stale since 14 June 2026, 09:30 UTC"


@pytest.fixture
def stuck(cast: Cast, now: datetime) -> Cast:
    """Checkout has figures, and a week that was given up after three attempts; Switchyard failed twice."""
    kpi = make_kpi(cast.checkout, "conversion", "ratio", unit="%", is_main=True)
    read(kpi, {now.date() - timedelta(days=ago): (1, 4) for ago in range(1, 30)}, now)
    for product in (cast.checkout, cast.switchyard):
        ship(product, "1.0", now - timedelta(days=9), now)
    refresh(now=now)
    for product, week, attempts in ((cast.checkout, 8, 3), (cast.checkout, 1, 4), (cast.switchyard, 8, 2)):
        Trouble.objects.create(
            product=product,
            week=datetime(2026, 6, week, tzinfo=UTC).date(),
            attempts=attempts,
            stale_since=SINCE + timedelta(hours=week - 1),
            next_try_at=now + timedelta(hours=1),
        )
    return cast


def test_a_product_in_quarantine_is_stale_since_its_oldest_waiting_fact(stuck: Cast, now: datetime) -> None:
    page = page_of(stuck.emil, "checkout", now)
    assert (page.stale_since, page.stale_text) == (SINCE, WORDS)
    assert page.kpis[0].level.text == "25.0%", "the older figures stay"


def test_two_failed_attempts_are_not_yet_a_quarantine(stuck: Cast, now: datetime) -> None:
    assert page_of(stuck.paula, "switchyard", now).stale_since is None


def test_the_rows_of_the_team_page_say_which_product_is_stale(stuck: Cast, now: datetime) -> None:
    dashboard = dashboard_of(stuck.lena, now)
    assert {row.slug: row.stale_text for row in dashboard.products} == {"checkout": WORDS, "switchyard": ""}
    effects = [row for panel in dashboard.panels for row in panel.rows]
    assert {row.slug: row.stale_since for row in effects} == {"checkout": SINCE, "switchyard": None}


@pytest.mark.parametrize(
    "path", ["/impact/", "/impact/external/", "/products/checkout/", "/kpis/", "/kpis/conversion/"]
)
def test_a_page_says_it_in_words(stuck: Cast, path: str) -> None:
    assert WORDS in text_of(signed_in(stuck.lena).get(path))


def test_a_release_page_and_the_list_of_kpis_say_it_too(stuck: Cast, now: datetime) -> None:
    page = release_page(stuck.otto, Release.objects.get(product=stuck.checkout).pk, now=now)
    assert page is not None
    assert page.stale_text == WORDS
    assert [row.stale_text for row in kpi_list(stuck.otto, KpiFilter(), now=now).rows] == [WORDS]


def test_healthy_pages_do_not_speak_of_it(stuck: Cast) -> None:
    Trouble.objects.all().delete()
    for path in ("/impact/", "/products/checkout/", "/kpis/conversion/"):
        assert "stale since" not in text_of(signed_in(stuck.lena).get(path))


def test_the_json_has_it_as_a_field(stuck: Cast) -> None:
    api = Api(make_token(stuck.emil, product=stuck.checkout))
    told = "2026-06-14T09:30:00Z"
    assert api.get("kpis/conversion/series").json()["stale_since"] == told
    assert api.get("products/checkout/impact").json()["stale_since"] == told
    team = api.get("dashboards/team?team=booking").json()
    assert team["products"][0]["stale_since"] == told


def test_it_costs_no_statement(stuck: Cast, now: datetime) -> None:
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as statements:
            dashboard_of(stuck.lena, now)
            page_of(stuck.emil, "checkout", now)
            one_series(stuck.emil, "conversion", period=read_period("", "", today=now.date()), now=now)
        counts.append(len(statements))
        Trouble.objects.all().delete()
    assert counts[0] == counts[1]
    assert not any(query["sql"].startswith('SELECT "metrics_trouble"') for query in statements.captured_queries)
