"""Whatever arrives, an effect has figures or a reason in words on the page: never an exception, never a zero that means unknown."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.test import Client

from metrics.models import Estimate, Kpi, Mark, Reading, Trouble
from metrics.services.rollups import refresh
from products.models import Product, Release
from tests.conftest import Cast
from tests.factories import expose, make_commitment, make_kpi, make_product, make_release
from tests.metrics.daily import DAY, HISTORY, LIVE, NOW, START, amounts, fill, noon

pytestmark = pytest.mark.django_db
DAYS = HISTORY + 30


@pytest.fixture
def orders(cast: Cast) -> Kpi:
    return make_kpi(cast.checkout, "orders")


def released(cast: Cast, kpi: Kpi, *controls: Kpi) -> Release:
    """A release that named the KPI a month before it went live."""
    planned = make_release(cast.checkout, "2.0", name="Guest form")
    make_commitment(cast.emil, planned, kpi, *controls, declared_at=noon(LIVE - 30 * DAY))
    return expose(planned, noon(LIVE))


def told(cast: Cast, kpi: Kpi, release: Release) -> Estimate:
    """The estimate after everything was drained; the release page prints its words, and nothing is in trouble."""
    refresh(now=NOW)
    row = Estimate.objects.get(kpi=kpi, basis="past")
    assert (Trouble.objects.count(), Mark.objects.count()) == (0, 0)
    assert (row.effect is None) == bool(row.reason)
    assert row.effect != 0
    client = Client()
    client.force_login(cast.lena)
    page = client.get(f"/releases/{release.key}/")
    assert page.status_code == 200
    assert (row.words.partition(": ")[2] or row.words) in page.content.decode()
    return row


@pytest.mark.parametrize("value", [0, 7, -7])
def test_a_kpi_that_never_changes_has_no_effect_to_tell(cast: Cast, orders: Kpi, value: int) -> None:
    release = released(cast, orders)
    fill(orders, [value] * DAYS)
    row = told(cast, orders, release)
    assert row.effect is None
    assert row.words.startswith("Not enough data: ")


def test_days_of_nothing_and_days_below_nothing_are_read_without_an_error(cast: Cast, orders: Kpi) -> None:
    release = released(cast, orders)
    values = amounts(DAYS, lift=0.15)
    values[5::90] = [0] * len(values[5::90])
    values[40::90] = [-25] * len(values[40::90])
    fill(orders, values)
    assert told(cast, orders, release).words == "Clearly better"


def test_money_that_was_paid_back_on_most_days_is_no_effect(cast: Cast) -> None:
    kpi = make_kpi(cast.checkout, "revenue", currency="EUR")
    release = released(cast, kpi)
    fill(kpi, [-value for value in amounts(DAYS)])
    assert told(cast, kpi, release).effect is None


@pytest.mark.parametrize(("top", "base"), [(40, 0), (40, 30), (0, 0)])
def test_shares_out_of_nothing_or_of_less_than_they_are_give_a_reason(cast: Cast, top: int, base: int) -> None:
    kpi = make_kpi(cast.checkout, "conversion", "ratio", unit="%")
    release = released(cast, kpi)
    fill(kpi, [top] * DAYS, denominator=base)
    assert told(cast, kpi, release).reason == "no_values"


def test_a_share_that_is_impossible_on_some_days_is_read_from_the_others(cast: Cast) -> None:
    kpi = make_kpi(cast.checkout, "conversion", "ratio", unit="%")
    release = released(cast, kpi)
    fill(kpi, [value // 10 for value in amounts(DAYS)], denominator=1_000, is_fresh=False)
    odd = Reading.objects.filter(kpi=kpi, day__day=13)
    odd.update(numerator=F("denominator") + 1)
    Reading.objects.filter(kpi=kpi, day__day=17).update(denominator=Decimal(0), n=0)
    row = told(cast, kpi, release)
    assert row.effect is not None
    assert row.words == "Cannot tell"


def test_a_year_without_data_is_a_short_history_and_not_a_year_of_zeros(cast: Cast, orders: Kpi) -> None:
    release = released(cast, orders)
    fill(orders, amounts(100), start=START - 500 * DAY, is_fresh=False)
    fill(orders, amounts(60), start=LIVE - 30 * DAY)
    row = told(cast, orders, release)
    assert row.effect is None
    assert row.reason == "few_past"
    assert "dates before to compare with" in row.words


def test_readings_that_stopped_a_year_ago_are_said_to_have_stopped(cast: Cast, orders: Kpi) -> None:
    release = released(cast, orders)
    fill(orders, amounts(300), start=LIVE - 665 * DAY)
    assert "stopped" in told(cast, orders, release).words


def test_a_release_of_tomorrow_waits(cast: Cast, orders: Kpi) -> None:
    planned = make_release(cast.checkout, "2.0")
    make_commitment(cast.emil, planned, orders, declared_at=noon(LIVE - 30 * DAY))
    release = expose(planned, NOW + timedelta(days=1))
    fill(orders, amounts(DAYS))
    assert told(cast, orders, release).reason == "future"


@pytest.mark.parametrize("which", ["itself", "weekly", "of_another_zone", "of_the_same_product"])
def test_the_database_takes_no_control_that_could_not_be_compared(cast: Cast, orders: Kpi, which: str) -> None:
    far = make_product("far", "E", time_zone="Asia/Tokyo")
    search = make_product("search", "E")
    control = {
        "itself": lambda: orders,
        "weekly": lambda: make_kpi(search, "weekly", cadence="week"),
        "of_another_zone": lambda: make_kpi(far, "far-searches"),
        "of_the_same_product": lambda: make_kpi(cast.checkout, "visits"),
    }[which]()
    planned = make_release(cast.checkout, "2.0")

    def name() -> None:
        with transaction.atomic():
            make_commitment(cast.emil, planned, orders, control)
            connection.check_constraints()

    with pytest.raises(DatabaseError):
        name()


@pytest.fixture
def searches(cast: Cast) -> Kpi:
    """A control of another product, with as many days."""
    kpi = make_kpi(make_product("search", "E"), "searches")
    fill(kpi, amounts(DAYS, seed=2), is_fresh=False)
    return kpi


def test_a_control_whose_days_are_cut_elsewhere_by_now_is_still_read(cast: Cast, orders: Kpi, searches: Kpi) -> None:
    release = released(cast, orders, searches)
    fill(orders, amounts(DAYS, lift=0.15))
    Product.objects.filter(pk=searches.product_id).update(time_zone="Pacific/Auckland")
    assert told(cast, orders, release).words == "Clearly better"


def test_a_control_without_a_reading_is_the_reason(cast: Cast, orders: Kpi) -> None:
    empty = make_kpi(make_product("search", "E"), "searches")
    release = released(cast, orders, empty)
    fill(orders, amounts(DAYS, lift=0.15))
    assert told(cast, orders, release).effect is None


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "Pacific/Apia", "Africa/Cairo"])
def test_clocks_that_are_put_back_and_days_that_never_were_leave_a_reading(cast: Cast, orders: Kpi, zone: str) -> None:
    cast.checkout.time_zone = zone
    cast.checkout.save()
    release = released(cast, orders)
    fill(orders, amounts(DAYS, lift=0.15))
    assert told(cast, orders, release).words == "Clearly better"
