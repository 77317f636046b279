"""The list of KPIs and the KPI page: their numbers are those of the API, and nothing is read across a new definition."""

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import KpiDefinition
from metrics.queries.kpi_list import KpiFilter, kpi_list
from metrics.queries.kpi_page import KpiPage, kpi_page
from metrics.queries.periods import read_period
from metrics.services.kpis import redefine_kpi
from metrics.services.readings import NewReading, push_readings
from metrics.services.rollups import refresh
from pmtrack.web.sheets import safe_cell
from products.models import User
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import make_kpi, make_product, make_token
from tests.journeys.test_pages import signed_in, text_of
from tests.metrics.test_dashboards import read, ship

pytestmark = pytest.mark.django_db


def page_of(user: User, slug: str, now: datetime, page: int = 1) -> KpiPage:
    """The KPI's page for a reader."""
    found = kpi_page(user, slug, period=read_period("", "", today=now.date()), now=now, page=page)
    assert found is not None
    return found


@pytest.fixture
def year(cast: Cast, now: datetime) -> Cast:
    """A share with 400 days, one of them corrected twice, a change of definition ten days ago, and a release."""
    kpi = make_kpi(cast.checkout, "conversion", "ratio", unit="%", is_main=True, target="0.46", family="conversion")
    KpiDefinition.objects.create(kpi=kpi, holds_from=date(2025, 1, 1), wording="Paid within 24 hours.")
    days = [now.date() - timedelta(days=ago) for ago in range(1, 401)]
    read(kpi, dict.fromkeys(days, (44, 100)), now - timedelta(days=2))
    for step, top in enumerate((50, 48)):
        read(kpi, {now.date() - timedelta(days=3): (top, 100)}, now - timedelta(hours=2 - step))
    redefine_kpi(kpi=kpi, wording="Paid the same day.", holds_from=now.date() - timedelta(days=10))
    ship(cast.checkout, "2.0", now - timedelta(days=30), now)
    refresh(now=now)
    return cast


def test_a_row_says_what_is_measured_where_it_stands_and_when_it_was_read(year: Cast, now: datetime) -> None:
    (row,) = kpi_list(year.otto, KpiFilter(), now=now).rows
    assert (row.family, row.form_text, row.unit_text, row.direction_text) == (
        "Conversion", "share", "%", "higher is better",
    )  # fmt: skip
    assert (row.level.text, row.level_text) == ("44.4%", "10 days, n 1,000, to 14 Jun 2026")
    assert (row.last_text, row.source) == ("14 Jun 2026", "test")
    assert row.definition_text == "since 5 Jun 2026, 1 change"


def test_the_list_and_the_page_read_the_same_level(year: Cast, now: datetime) -> None:
    (row,) = kpi_list(year.otto, KpiFilter(), now=now).rows
    assert row.level == page_of(year.otto, "conversion", now).series.level


@pytest.mark.parametrize("form", ["sum", "ratio", "mean"])
def test_every_form_has_the_same_level_in_the_list_and_on_the_page(cast: Cast, now: datetime, form: str) -> None:
    kpi = make_kpi(cast.checkout, "k", form, unit="points")
    rows = [NewReading(now.date() - timedelta(days=ago), Decimal(9 + ago), Decimal(30), 30) for ago in (0, 1, 5, 40)]
    push_readings(kpi=kpi, source="test", readings=rows, now=now)
    refresh(now=now)
    (row,) = kpi_list(cast.otto, KpiFilter(), now=now).rows
    assert row.level == page_of(cast.otto, "k", now).series.level


@pytest.mark.parametrize(
    ("wanted", "slugs"),
    [
        (KpiFilter(), ["conversion", "churn", "speed"]),
        (KpiFilter(product="checkout"), ["conversion", "churn"]),
        (KpiFilter(type="I"), ["speed"]),
        (KpiFilter(family="churn"), ["churn"]),
        (KpiFilter(product="checkout", family="other"), []),
    ],
)
def test_the_list_narrows_by_product_type_and_family(
    cast: Cast, now: datetime, wanted: KpiFilter, slugs: list[str]
) -> None:
    make_kpi(cast.switchyard, "speed")
    make_kpi(cast.checkout, "churn", family="churn")
    make_kpi(cast.checkout, "conversion", family="conversion", is_main=True)
    found = kpi_list(cast.otto, wanted, now=now)
    assert [row.slug for row in found.rows] == slugs
    query = f"product={wanted.product}&type={wanted.type}&family={wanted.family}"
    assert found.verdict in text_of(signed_in(cast.otto).get(f"/kpis/?{query}"))


@pytest.mark.parametrize("query", ["family=luck", "type=X", "product=nothing", "page=x"])
def test_a_filter_that_says_nothing_is_refused(cast: Cast, query: str) -> None:
    assert signed_in(cast.otto).get(f"/kpis/?{query}").status_code == 400


def test_one_kpi_costs_as_many_statements_as_fifty(cast: Cast, now: datetime) -> None:
    counts = []
    for numbers in (range(1), range(1, 50)):
        for number in numbers:
            kpi = make_kpi(make_product(f"p{number}", "E"), f"k{number}", "ratio")
            read(kpi, {now.date() - timedelta(days=1): (1, 2)}, now)
        refresh(now=now)
        with CaptureQueriesContext(connection) as statements:
            assert len(kpi_list(cast.otto, KpiFilter(), now=now).rows) == numbers.stop
        counts.append(len(statements))
    assert counts == [3, 3]


def test_the_page_shows_the_numbers_of_the_api(year: Cast, now: datetime) -> None:
    api = Api(make_token(year.emil, product=year.checkout))
    html = kpi_page(year.emil, "conversion", period=read_period("", "", today=now.date()), now=now)
    assert html is not None
    start, end = read_period("", "", today=now.date()).start, read_period("", "", today=now.date()).end
    days = api.get(f"kpis/conversion/series?from={start}&to={end}").json()["points"]
    assert [(str(point.day), point.value, point.n) for point in html.series.points] == [
        (day["day"], day["value"], day["n"]) for day in days
    ]
    sent = api.get("kpis/conversion/readings?limit=200&since=2025-11-27").json()["items"]
    assert [(str(row.day), row.numerator, row.denominator, row.n) for row in reversed(html.readings.rows)] == [
        (one["day"], Decimal(one["numerator"]), Decimal(one["denominator"]), one["n"]) for one in sent
    ]
    values = {str(row.day): row.value for row in html.readings.rows}
    assert values == {day["day"]: day["value"] for day in days if day["day"] in values}


def test_a_corrected_day_tells_each_value_before_and_after(year: Cast, now: datetime) -> None:
    rows = page_of(year.otto, "conversion", now).readings.rows
    row = next(row for row in rows if row.day == date(2026, 6, 12))
    assert [(one.before, one.after, one.at_text) for one in row.corrections] == [
        ("44.0% (44 of 100)", "50.0% (50 of 100)", "15 June 2026, 10:00 UTC"),
        ("50.0% (50 of 100)", "48.0% (48 of 100)", "15 June 2026, 11:00 UTC"),
    ]
    assert row.text == "48.0% (48 of 100)"
    assert sum(bool(row.corrections) for row in rows) == 1


def test_readings_come_newest_first_two_hundred_a_page(year: Cast, now: datetime) -> None:
    first, second, third = (page_of(year.otto, "conversion", now, page).readings for page in (1, 2, 3))
    assert first.title == "200 of 400 readings, 27 November 2025 to 14 June 2026"
    assert second.rows[0].day == date(2025, 11, 26)
    assert (first.pages, third.rows) == (2, ())
    assert "There is no page 3" in text_of(signed_in(year.otto).get("/kpis/conversion/?page=3"))


def test_every_wording_stays_with_the_days_it_held_for(year: Cast, now: datetime) -> None:
    page = page_of(year.otto, "conversion", now)
    assert [(one.wording, one.span, one.is_current) for one in page.wordings] == [
        ("Paid the same day.", "from 5 June 2026 on", True),
        ("Paid within 24 hours.", "from 1 January 2025 to 4 June 2026", False),
    ]
    assert page.series.picture.breaks == (date(2026, 6, 5),)


def test_readings_cost_as_many_statements_as_two_hundred(cast: Cast, now: datetime) -> None:
    counts = []
    for slug, many in (("few", 1), ("many", 250)):
        kpi = make_kpi(cast.checkout, slug, "ratio")
        for top in (1, 2):
            read(kpi, {now.date() - timedelta(days=ago): (top, 4) for ago in range(1, many + 1)}, now)
        refresh(now=now)
        with CaptureQueriesContext(connection) as statements:
            page_of(cast.otto, slug, now)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8


def test_before_the_first_reading_the_page_has_a_command_with_the_readers_own_token(cast: Cast, now: datetime) -> None:
    make_kpi(cast.checkout, "conversion", "ratio")
    make_token(cast.emil, product=cast.checkout)
    mine, theirs = (
        text_of(signed_in(user).get("/kpis/conversion/")).replace("&quot;", '"') for user in (cast.emil, cast.otto)
    )
    assert f"with your token “{cast.emil.tokens.get().name}” in $TOKEN" in mine
    assert "you have none yet" in theirs
    assert "/api/v1/kpis/conversion/readings:batch" in mine
    assert "nobody has sent a reading yet" in mine


@pytest.mark.parametrize("form", ["sum", "ratio", "mean"])
def test_the_command_of_the_page_is_one_that_the_api_takes(cast: Cast, form: str) -> None:
    make_kpi(cast.checkout, "k", form)
    now = datetime.now().astimezone()
    push = page_of(cast.emil, "k", now).push
    assert push is not None
    api = Api(make_token(cast.emil, product=cast.checkout))
    response = api.post("kpis/k/readings:batch", push.body.encode())
    assert (response.status_code, response.json()["created"]) == (200, 1)


def test_the_csv_has_exactly_the_rows_of_the_page(year: Cast, now: datetime) -> None:
    client = signed_in(year.otto)
    for number in (1, 2, 3):
        response = client.get(f"/kpis/conversion/readings.csv?page={number}")
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
        listed = page_of(year.otto, "conversion", now, number).readings.rows
        assert [(row["day"], float(row["value"])) for row in rows] == [(str(row.day), row.value) for row in listed]


def test_a_source_that_looks_like_a_formula_is_no_formula_in_the_csv(cast: Cast, now: datetime) -> None:
    kpi = make_kpi(cast.checkout, "k", "sum")
    rows = [NewReading(now.date() - timedelta(days=1), Decimal(-5))]
    push_readings(kpi=kpi, source='=HYPERLINK("http://x")', readings=rows, now=now)
    (row,) = csv.DictReader(io.StringIO(signed_in(cast.otto).get("/kpis/k/readings.csv").content.decode("utf-8-sig")))
    assert row["source"] == '\'=HYPERLINK("http://x")'
    assert row["value"] == "-5.0", "a number stays a number"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1"])
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("name", ["paula", "emil", "lena", "otto", "admin"])
def test_kpis_are_open_to_everybody_signed_in(year: Cast, name: str) -> None:
    for path in ("/kpis/", "/kpis/conversion/", "/kpis/conversion/readings.csv"):
        assert signed_in(getattr(year, name)).get(path).status_code == 200


@pytest.mark.parametrize("path", ["/kpis/", "/kpis/conversion/", "/kpis/conversion/readings.csv"])
def test_a_stranger_is_sent_to_sign_in(cast: Cast, path: str) -> None:
    assert Client().get(path)["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("path", ["/kpis/nothing/", "/kpis/nothing/readings.csv"])
def test_an_unknown_kpi_is_not_found_in_words(cast: Cast, path: str) -> None:
    response = signed_in(cast.lena).get(path)
    assert response.status_code == 404
    assert "There is no such page, or it is not one that you may see" in text_of(response)


@pytest.mark.parametrize("path", ["/kpis/conversion/?from=never", "/kpis/conversion/readings.csv?page=no"])
def test_a_bad_address_is_refused_in_words(year: Cast, path: str) -> None:
    assert signed_in(year.lena).get(path).status_code == 400
