"""The dashboards as values: what they count, what they refuse to claim, and what they cost."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Kpi
from metrics.queries.dashboards import Dashboard, team_dashboard, type_dashboard
from metrics.queries.periods import BadPeriod, read_period
from metrics.queries.scope import UnknownTeam, chosen_teams, known_teams
from metrics.services.kpis import redefine_kpi
from metrics.services.readings import NewReading, push_readings
from metrics.services.rollups import refresh
from metrics.services.usage import NewUsage, push_usage
from products.models import Product, User
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.conftest import Cast
from tests.factories import make_kpi, make_product, own

pytestmark = pytest.mark.django_db


def ship(product: Product, version: str, at: datetime, now: datetime, kind: str = "exposed") -> None:
    """Put a version in front of users."""
    event = NewReleaseEvent("test", f"{product.slug}-{version}-{kind}", product, version, kind, at)
    ingest_release_event(event=event, now=now)


def read(kpi: Kpi, days: dict[date, tuple[int, int]], now: datetime) -> None:
    """Push a ratio's readings."""
    rows = [NewReading(day, Decimal(top), Decimal(bottom), bottom) for day, (top, bottom) in days.items()]
    push_readings(kpi=kpi, source="test", readings=rows, now=now)


def dashboard_of(user: User, now: datetime, *slugs: str) -> Dashboard:
    """The team page's value for these teams, or the user's own."""
    teams = chosen_teams(known_teams(user, day=now.date()), slugs)
    return team_dashboard(user, teams, period=read_period("", "", today=now.date()), now=now)


@pytest.fixture
def year(cast: Cast, now: datetime) -> Cast:
    """A KPI with 40 days, a release of each type, and two weeks of usage, rolled up."""
    kpi = make_kpi(cast.checkout, "conversion", "ratio", unit="%", is_main=True)
    read(kpi, {now.date() - timedelta(days=ago): (44, 100) for ago in range(1, 41)}, now)
    for product in (cast.checkout, cast.switchyard):
        ship(product, "1.0", now - timedelta(days=30), now)
    for week in (date(2026, 6, 1), date(2026, 6, 8)):
        rows = [NewUsage(cast.switchyard, team, week, 6, 9, 60) for team in (cast.platform, cast.booking)]
        push_usage(rows=rows, source="test", now=now)
    refresh(now=now)
    return cast


def test_a_level_and_its_line_start_anew_with_a_new_definition(year: Cast, now: datetime) -> None:
    redefine_kpi(kpi=Kpi.objects.get(), wording="Paid the same day.", holds_from=now.date() - timedelta(days=10))
    (row,) = [row for row in dashboard_of(year.lena, now).products if row.type == "E"]
    assert (row.level.value, row.level.days) == (0.44, 10)
    assert row.level.line.start == date(2026, 6, 8), "the first whole week of the present definition"
    redefine_kpi(kpi=Kpi.objects.get(), wording="Paid at once.", holds_from=now.date())
    (row,) = [row for row in dashboard_of(year.lena, now).products if row.type == "E"]
    assert (row.level.value, row.level.is_drawn) == (None, False)


def test_a_lead_sees_both_types_side_by_side(year: Cast, now: datetime) -> None:
    dashboard = dashboard_of(year.lena, now)
    assert [(panel.type, panel.total) for panel in dashboard.panels] == [("E", 1), ("I", 1)]
    assert dashboard.verdict == (
        "Booking and Platform put two releases live in 14 months and heard nothing in the last 90 days. "
        "No effect has been estimated yet."
    )


def test_no_effect_is_claimed_where_none_is_estimated(year: Cast, now: datetime) -> None:
    rows = [row for panel in dashboard_of(year.lena, now).panels for row in panel.rows]
    assert {row.verdict for row in rows} == {"Not measured yet", "No KPI named"}


def test_the_level_of_a_ratio_comes_from_sums_over_four_weeks(year: Cast, now: datetime) -> None:
    level = dashboard_of(year.emil, now).products[0].level
    assert (level.value, level.text, level.days, level.n) == (0.44, "44.0%", 28, 2800)
    assert level.as_of == now.date() - timedelta(days=1)


def test_reach_counts_colleagues_and_teams_of_the_last_full_week(year: Cast, now: datetime) -> None:
    level = dashboard_of(year.paula, now).products[0].level
    assert level.text == "12 of 18 colleagues"
    assert level.detail == "2 of 2 teams, week of 8 Jun 2026"


def test_a_product_without_readings_has_no_level_and_no_zero(cast: Cast, now: datetime) -> None:
    make_kpi(cast.checkout, "conversion", "ratio", unit="%", is_main=True)
    level = dashboard_of(cast.emil, now).products[0].level
    assert (level.value, level.text) == (None, "no data")


def test_readings_that_stopped_say_when(cast: Cast, now: datetime) -> None:
    kpi = make_kpi(cast.checkout, "conversion", "ratio", unit="%", is_main=True)
    read(kpi, {date(2026, 3, 2): (44, 100)}, now)
    refresh(now=now)
    level = dashboard_of(cast.emil, now).products[0].level
    assert level.value is None
    assert level.detail.startswith("Conversion: no readings in the last 4 weeks; the last on")


def test_a_team_without_products_is_told_so(cast: Cast, now: datetime) -> None:
    dashboard = dashboard_of(cast.otto, now)
    assert dashboard.verdict == "Finance owns no such product yet."
    assert dashboard.products == ()


def test_a_rolled_back_release_is_not_among_the_live_ones(year: Cast, now: datetime) -> None:
    ship(year.checkout, "1.0", now - timedelta(days=29), now, kind="rolled_back")
    refresh(now=now)
    assert dashboard_of(year.emil, now).panels[0].total == 0


def test_the_page_of_one_type_leaves_the_other_out(year: Cast, now: datetime) -> None:
    dashboard = type_dashboard(year.otto, "I", period=read_period("", "", today=now.date()), now=now)
    assert [row.slug for row in dashboard.products] == ["switchyard"]
    assert [panel.type for panel in dashboard.panels] == ["I"]


def test_an_unknown_team_is_refused_with_the_known_ones(cast: Cast, now: datetime) -> None:
    with pytest.raises(UnknownTeam) as refused:
        dashboard_of(cast.lena, now, "nobody")
    assert [team.slug for team in refused.value.known] == ["booking", "finance", "platform"]


@pytest.mark.parametrize("months", [("2026-13", ""), ("2026-06", "2026-05"), ("x", ""), ("2001-01", "2026-01")])
def test_months_that_make_no_period_are_refused(months: tuple[str, str], now: datetime) -> None:
    with pytest.raises(BadPeriod):
        read_period(*months, today=now.date())


def test_a_period_holds_both_its_months() -> None:
    period = read_period("2025-09", "2026-10", today=date(2026, 11, 1))
    assert (period.start, period.end, period.months) == (date(2025, 9, 1), date(2026, 11, 1), 14)
    assert period.instants[1] == datetime(2026, 11, 1, tzinfo=UTC)


def _add_products(cast: Cast, count: int, now: datetime) -> None:
    for number in range(count):
        product = make_product(f"made-{number}", "E" if number % 2 else "I")
        own(cast.booking, product)
        make_kpi(product, f"kpi-{number}", "ratio", is_main=True)
        ship(product, "1", now - timedelta(days=9), now)


def test_two_products_cost_as_many_statements_as_fifty(cast: Cast, now: datetime) -> None:
    counts = []
    for more in (0, 48):
        _add_products(cast, more, now)
        with CaptureQueriesContext(
            connection,
        ) as statements:
            dashboard = dashboard_of(cast.lena, now)
        counts.append(len(statements))
        assert dashboard.product_total == 2 + more
    assert counts[0] == counts[1] == 9
