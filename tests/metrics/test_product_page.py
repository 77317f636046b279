"""The product page as a value, and the same value as JSON."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feedback.models import Account
from feedback.services.feedback import NewVoice, log_feedback
from metrics.queries.periods import read_period
from metrics.queries.product_effects import cards_of
from metrics.queries.product_page import ProductImpact, product_impact
from metrics.queries.series import one_series
from metrics.services.kpis import redefine_kpi
from metrics.services.rollups import refresh
from metrics.services.usage import NewUsage, push_usage
from products.models import Product, User
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import expose, make_commitment, make_kpi, make_release, make_token
from tests.metrics.daily import DAY, HISTORY, LIVE, NOW, amounts, fill, noon
from tests.metrics.test_dashboards import dashboard_of, read, ship

pytestmark = pytest.mark.django_db


def page_of(user: User, slug: str, now: datetime) -> ProductImpact:
    """The product's page for a reader."""
    impact = product_impact(user, slug, period=read_period("", "", today=now.date()), now=now)
    assert impact is not None
    return impact


def say(user: User, product: Product, now: datetime, *, account: Account | None = None, number: int = 1) -> None:
    """Log one thing about a product."""
    voice = NewVoice(account=account) if account else None
    key = {"source": "test", "source_id": f"{product.slug}-{number}"}
    log_feedback(
        text="The wrong depot is offered", product=product, channel="call", logged_by=user, received_at=now,
        voice=voice, now=now, **key,
    )  # fmt: skip


def test_an_external_product_shows_its_kpi_with_markers_and_gaps(cast: Cast, now: datetime) -> None:
    kpi = make_kpi(cast.checkout, "conversion", "ratio", unit="%", is_main=True)
    days = [now.date() - timedelta(days=ago) for ago in (1, 2, 5)]
    read(kpi, dict.fromkeys(days, (1, 4)), now)
    ship(cast.checkout, "2.0", now - timedelta(days=3), now)
    refresh(now=now)
    (series,) = page_of(cast.emil, "checkout", now).kpis
    assert [marker.title for marker in series.markers] == ["2.0"]
    assert [value for _, value in series.picture.points] == [25.0, None, None, 25.0, 25.0]


def test_a_corrected_day_says_that_it_was_restated(cast: Cast, now: datetime) -> None:
    kpi = make_kpi(cast.checkout, "conversion", "ratio", is_main=True)
    day = now.date() - timedelta(days=3)
    read(kpi, {day: (1, 4)}, now - timedelta(days=2))
    read(kpi, {day: (2, 4)}, now)
    refresh(now=now)
    (series,) = page_of(cast.emil, "checkout", now).kpis
    assert series.points[0].value == 0.5
    assert series.points[0].restated_on == now.date()
    assert series.note == "12 Jun 2026 restated, last on 15 June 2026"


def test_a_ratio_without_denominator_is_a_gap_and_not_zero(cast: Cast, now: datetime) -> None:
    kpi = make_kpi(cast.checkout, "conversion", "ratio", is_main=True)
    read(kpi, {now.date() - timedelta(days=1): (0, 0)}, now)
    refresh(now=now)
    (series,) = page_of(cast.emil, "checkout", now).kpis
    assert series.points[0].value is None
    assert series.level.text == "no data"


def test_a_level_is_not_read_across_a_change_of_definition(cast: Cast, now: datetime) -> None:
    kpi = make_kpi(cast.checkout, "conversion", "ratio", is_main=True)
    today = now.date()
    read(kpi, {today - timedelta(days=ago): (1 if ago > 10 else 3, 4) for ago in range(1, 28)}, now)
    redefine_kpi(kpi=kpi, wording="Paid the same day.", holds_from=today - timedelta(days=10))
    refresh(now=now)
    (series,) = page_of(cast.emil, "checkout", now).kpis
    assert (series.level.value, series.level.days) == (0.75, 10)


def test_an_internal_product_shows_reach_and_leaves_out_the_week_that_runs(cast: Cast, now: datetime) -> None:
    rows = [
        NewUsage(cast.switchyard, team, week, 5, 9, 40)
        for team in (cast.platform, cast.booking)
        for week in (date(2026, 6, 8), date(2026, 6, 15))
    ]
    push_usage(rows=rows, source="test", now=now)
    refresh(now=now)
    reach = page_of(cast.paula, "switchyard", now).reach
    assert reach is not None
    assert [(week.people, week.is_partial) for week in reach.points] == [(10, False), (10, True)]
    assert reach.level.as_of == date(2026, 6, 8)


def test_a_rollback_is_told_with_how_long_users_had_it(cast: Cast, now: datetime) -> None:
    start = datetime(2026, 6, 1, 10, tzinfo=UTC)
    ship(cast.switchyard, "1.1", start, now)
    ship(cast.switchyard, "1.1", start + timedelta(minutes=14), now, kind="rolled_back")
    (row,) = page_of(cast.paula, "switchyard", now).releases
    assert row.state == "rolled_back"
    assert row.spans == ("rolled back 1 Jun 2026 after 14 minutes",)
    assert row.verdict == "Withdrawn"


def test_days_are_those_of_the_products_time_zone(cast: Cast, now: datetime) -> None:
    Product.objects.filter(pk=cast.checkout.pk).update(time_zone="Pacific/Auckland")
    cast.checkout.refresh_from_db()
    ship(cast.checkout, "3.0", datetime(2026, 6, 1, 18, tzinfo=UTC), now)
    assert page_of(cast.emil, "checkout", now).releases[0].live_on == date(2026, 6, 2)


def test_an_outsider_reads_what_was_said_but_not_which_customer_said_it(cast: Cast, now: datetime) -> None:
    account = Account.objects.create(reference="brenner", name="Brenner Logistik")
    say(cast.emil, cast.checkout, now, account=account)
    refresh(now=now)
    mine, theirs = (page_of(user, "checkout", now).newest[0].voice for user in (cast.emil, cast.otto))
    assert mine == "Brenner Logistik"
    assert theirs == "a customer"


def test_feedback_is_counted_from_the_rollups(cast: Cast, now: datetime) -> None:
    say(cast.emil, cast.checkout, now)
    assert page_of(cast.emil, "checkout", now).heard == 0
    refresh(now=now)
    assert page_of(cast.emil, "checkout", now).heard == 1


def test_one_release_and_kpi_cost_as_many_statements_as_twenty(cast: Cast, now: datetime) -> None:
    counts = []
    for numbers in (range(1), range(1, 20)):
        for number in numbers:
            kpi = make_kpi(cast.checkout, f"kpi-{number}", "sum")
            read(kpi, {now.date() - timedelta(days=1): (1, 0)}, now)
            ship(cast.checkout, f"{number}.0", now - timedelta(days=1, minutes=number), now)
            say(cast.emil, cast.checkout, now, number=number)
        refresh(now=now)
        with CaptureQueriesContext(connection) as statements:
            page_of(cast.emil, "checkout", now)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9


def test_there_is_no_page_for_a_product_that_does_not_exist(cast: Cast, now: datetime) -> None:
    period = read_period("", "", today=now.date())
    assert product_impact(cast.lena, "nothing", period=period, now=now) is None
    assert one_series(cast.lena, "nothing", period=period, now=now) is None


def test_the_page_and_the_api_say_the_same(cast: Cast) -> None:
    now = datetime.now(UTC)
    kpi = make_kpi(cast.checkout, "conversion", "ratio", unit="%", is_main=True)
    read(kpi, {now.date() - timedelta(days=ago): (447, 1000) for ago in range(1, 30)}, now)
    ship(cast.checkout, "One-page booking", now - timedelta(days=9), now)
    refresh(now=now)
    api = Api(make_token(cast.emil, product=cast.checkout))
    client = Client()
    client.force_login(cast.emil)
    page = client.get("/products/checkout/").content.decode()
    value = api.get("products/checkout/impact").json()
    series = api.get("kpis/conversion/series").json()
    team = api.get("dashboards/team?team=booking").json()
    assert value["kpis"][0]["level"]["text"] == series["level"]["text"] == "44.7%"
    assert team["products"][0]["level"]["text"] == "44.7%"
    assert "44.7%" in page
    assert value["verdict"] in page
    assert len(series["points"]) == len(value["kpis"][0]["points"]) == 29


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("dashboards/team?team=nobody", 404),
        ("dashboards/team?page=0", 400),
        ("dashboards/internal?from=2026-99", 400),
        ("dashboards/external?surprise=1", 400),
        ("products/nothing/impact", 404),
        ("kpis/nothing/series", 404),
        ("kpis/nothing/series?from=2026-06-02&to=2026-06-01", 400),
    ],
)
def test_what_the_api_cannot_answer_it_refuses_in_words(cast: Cast, path: str, status: int) -> None:
    answer = Api(make_token(cast.emil, product=cast.checkout)).get(path)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_a_series_that_ended_years_ago_is_drawn_up_to_its_end(cast: Cast, now: datetime) -> None:
    kpi = make_kpi(cast.checkout, "trips", "ratio", is_main=True)
    read(kpi, {date(2012, 12, 31) - timedelta(days=ago): (1, 2) for ago in range(500)}, now)
    ship(cast.checkout, "0.1", datetime(2012, 12, 1, 12, tzinfo=UTC), now)
    refresh(now=now)
    (series,) = page_of(cast.emil, "checkout", now).kpis
    assert series.points[-1].day == date(2012, 12, 31)
    assert [marker.title for marker in series.markers] == ["0.1"]
    assert series.note == "Readings end on 31 December 2012; the days before are drawn"
    assert series.level.value is None
    level = dashboard_of(cast.emil, now).products[0].level
    assert level.is_drawn
    assert level.detail.endswith("no readings in the last 4 weeks; the last on 6 Jan 2013")


def test_a_kpi_that_was_read_is_drawn_in_the_weeks_around_its_window(cast: Cast) -> None:
    kpi = make_kpi(cast.checkout, "orders")
    release = make_release(cast.checkout, "2.0", name="Guest form")
    make_commitment(cast.emil, release, kpi, declared_at=noon(LIVE - 30 * DAY))
    expose(release, noon(LIVE))
    fill(kpi, amounts(HISTORY + 60))
    page = page_of(cast.lena, "checkout", NOW)
    (card,) = cards_of(cast.lena, page.kpis, page.effects)
    drawn = [day for day, _ in card.picture.points]
    assert (drawn[0], drawn[-1]) == (LIVE - 56 * DAY, LIVE + (13 + 28) * DAY)
    assert len(page.kpis[0].picture.points) > 365, "the KPI itself keeps all of its days"
    assert card.picture.desc.startswith("The days from 16 March 2026 to ")
