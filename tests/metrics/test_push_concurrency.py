"""Readings and usage from many connections at once: one fact for one key, one source, no circle of waiting."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from metrics.models import Kpi, Reading, ReadingCorrection, Usage
from metrics.services.readings import NewReading, OtherSourceAccepted, Pushed, push_readings
from metrics.services.usage import NewUsage, push_usage
from tests.factories import NOW, make_kpi, make_product, make_team
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
START = date(2025, 1, 6)


@pytest.fixture
def revenue(transactional_db: None) -> Kpi:
    return make_kpi(make_product("checkout", "E"), "revenue")


def reading(number: int, value: int = 1) -> NewReading:
    """The value of one day."""
    return NewReading(START + timedelta(days=number), Decimal(value))


def test_forty_parallel_pushes_of_one_day_are_one_reading(revenue: Kpi) -> None:
    def push(value: int) -> Pushed:
        kpi = Kpi.objects.get(pk=revenue.pk)
        return push_readings(kpi=kpi, source="erp", readings=[reading(0, value)], now=NOW)

    told = at_once(push, [7] * 40)
    assert sorted(told, key=lambda one: -one.created) == [Pushed(1, 0, 0)] + [Pushed(0, 0, 1)] * 39
    assert (Reading.objects.get().numerator, ReadingCorrection.objects.count()) == (7, 0)


def test_forty_different_values_for_one_day_keep_every_one_that_was_replaced(revenue: Kpi) -> None:
    def push(value: int) -> Pushed:
        kpi = Kpi.objects.get(pk=revenue.pk)
        return push_readings(kpi=kpi, source="erp", readings=[reading(0, value)], now=NOW)

    told = at_once(push, list(range(40)))
    assert (sum(one.created for one in told), sum(one.corrected for one in told)) == (1, 39)
    kept = {int(value) for value in ReadingCorrection.objects.values_list("numerator", flat=True)}
    assert kept | {int(Reading.objects.get().numerator)} == set(range(40))


def test_batches_in_opposite_orders_do_not_wait_in_a_circle(revenue: Kpi) -> None:
    push_readings(kpi=revenue, source="erp", readings=[reading(0)], now=NOW)  # the source is settled before
    days = [reading(number) for number in range(400)]
    orders = [days, days[::-1], days[200:] + days[:200], days[::-1]]
    for value in range(3):
        changed = [
            [NewReading(one.day, Decimal(value * 10 + turn)) for one in order] for turn, order in enumerate(orders)
        ]
        told = at_once(lambda batch: push_readings(kpi=revenue, source="erp", readings=batch, now=NOW), changed)
        assert sum(one.created + one.corrected + one.unchanged for one in told) == 1600
    assert Reading.objects.count() == 400
    assert len(set(Reading.objects.values_list("numerator", flat=True))) == 1, "one push wins all days it holds"


def test_of_ten_first_pushes_from_ten_sources_one_is_accepted_whole(revenue: Kpi) -> None:
    def push(source: str) -> str:
        try:
            push_readings(kpi=Kpi.objects.get(pk=revenue.pk), source=source, readings=[reading(0)], now=NOW)
        except OtherSourceAccepted as error:
            return f"refused for {error.accepted}"
        return source

    told = at_once(push, [f"pipeline-{number}" for number in range(10)])
    accepted = Kpi.objects.get().source
    assert sorted(told) == sorted([accepted] + [f"refused for {accepted}"] * 9)
    assert Reading.objects.get().source == accepted


def test_usage_batches_in_opposite_orders_are_one_row_for_each_week() -> None:
    product, team = make_product("switchyard"), make_team("booking")
    rows = [NewUsage(product, team, START + timedelta(weeks=number), 3, 9) for number in range(52)]
    told = at_once(lambda batch: push_usage(rows=batch, source="logs", now=NOW), [rows, rows[::-1]] * 4)
    assert (sum(one.created for one in told), sum(one.unchanged for one in told)) == (52, 52 * 7)
    assert Usage.objects.count() == 52
