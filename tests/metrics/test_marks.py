"""Every change of a fact leaves marks where it was and where it is, by whatever path it is made."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from feedback.models import Feedback
from metrics.models import Mark, Rollup
from metrics.services.buckets import EFFECTS
from metrics.services.rollups import refresh
from products.models import Product
from products.models.releases import Release
from tests.conftest import Cast
from tests.factories import make_kpi

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 6, day) for day in (8, 9, 10))
NEXT_MONDAY = date(2026, 6, 15)
DAY = timedelta(days=1)
CHECKOUT, SWITCHYARD = "checkout", "switchyard"
# Two entries with a voice, a release that was live, a reading and a week of usage; days are written as in UTC.
FACTS = """
INSERT INTO feedback_feedback (id, product_id, text, received_at, recorded_at, channel, logged_by_id, sentiment,
    source, source_id, fingerprint)
SELECT id, {checkout}, 'Slow.', day, day, 'call', {emil}, '', 'test', id::text, ''
FROM (VALUES (1, '2026-06-08 12:00Z'::timestamptz), (2, '2026-06-10 12:00Z')) AS entry (id, day);
INSERT INTO feedback_voice (feedback_id, colleague_id) VALUES (1, {paula}), (2, {paula});
INSERT INTO products_release (id, product_id, environment, version, name, url, feature_keys, state)
VALUES (1, {checkout}, 'production', '1', '', '', '{{}}', 'planned');
INSERT INTO products_exposure (release_id, exposed_at, rolled_back_at)
VALUES (1, '2026-06-08 12:00Z', '2026-06-10 12:00Z');
INSERT INTO metrics_reading (product_id, kpi_id, day, source, numerator, denominator, n, squares, status, recorded_at)
VALUES ({checkout}, {kpi}, '2026-06-08', 'erp', 1, 0, 0, 0, 'final', now());
INSERT INTO metrics_usage (product_id, team_id, week, active_users, eligible_users, actions, source, recorded_at)
VALUES ({switchyard}, {team}, '2026-06-08', 1, 2, 3, 'logs', now());
"""


@pytest.fixture
def names(cast: Cast) -> dict[str, Any]:
    """What the statements below speak of."""
    kpi = make_kpi(cast.checkout, "revenue", source="erp")
    return {
        "checkout": cast.checkout.pk,
        "switchyard": cast.switchyard.pk,
        "emil": cast.emil.pk,
        "paula": cast.paula.pk,
        "team": cast.platform.pk,
        "kpi": kpi.pk,
    }


def execute(statement: str, names: dict[str, Any]) -> None:
    """Run SQL, as an administrator would by hand."""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**names))


def marked() -> set[tuple[str, date]]:
    """The days that are marked, beside the effects; each mark covers days of one week only."""
    slugs = dict(Product.objects.values_list("pk", "slug"))
    marks = Mark.objects.exclude(day=EFFECTS)
    assert all(mark.day.isocalendar()[:2] == (mark.until - DAY).isocalendar()[:2] for mark in marks)
    return {
        (slugs[mark.product_id], mark.day + number * DAY)
        for mark in marks
        for number in range((mark.until - mark.day).days)
    }


def days_between(places: set[tuple[str, date]]) -> set[tuple[str, date]]:
    """The days between the first and the last that one statement touched in a week; all places lie in one or two weeks."""
    return {
        (product, day)
        for product, first in places
        for other, last in places
        if product == other and first.isocalendar()[:2] == last.isocalendar()[:2]
        for day in (first + number * DAY for number in range((last - first).days))
    }


@pytest.mark.parametrize(
    ("statement", "places"),
    [
        ("INSERT INTO feedback_voice (feedback_id, colleague_id) VALUES (1, {emil})", {(CHECKOUT, MONDAY)}),
        ("UPDATE feedback_voice SET colleague_id = {emil} WHERE feedback_id = 1", {(CHECKOUT, MONDAY)}),
        (
            "UPDATE feedback_voice SET feedback_id = 2, colleague_id = {emil} WHERE feedback_id = 1",
            {(CHECKOUT, MONDAY), (CHECKOUT, WEDNESDAY)},
        ),
        ("DELETE FROM feedback_voice WHERE feedback_id = 2", {(CHECKOUT, WEDNESDAY)}),
        (
            "UPDATE feedback_feedback SET received_at = '2026-06-09 12:00Z' WHERE id = 1",
            {(CHECKOUT, MONDAY), (CHECKOUT, TUESDAY)},
        ),
        (
            "UPDATE feedback_feedback SET product_id = {switchyard} WHERE id = 1",
            {(CHECKOUT, MONDAY), (SWITCHYARD, MONDAY)},
        ),
        ("UPDATE feedback_feedback SET product_id = NULL WHERE id = 1", {(CHECKOUT, MONDAY)}),
        ("UPDATE feedback_feedback SET merged_into_id = 2 WHERE id = 1", {(CHECKOUT, MONDAY), (CHECKOUT, WEDNESDAY)}),
        (
            "DELETE FROM feedback_voice; DELETE FROM feedback_feedback WHERE id = 2",
            {(CHECKOUT, MONDAY), (CHECKOUT, WEDNESDAY)},
        ),
        (
            "INSERT INTO products_exposure (release_id, exposed_at) VALUES (1, '2026-06-15 23:59Z')",
            {(CHECKOUT, NEXT_MONDAY)},
        ),
        (
            "UPDATE products_exposure SET exposed_at = '2026-06-09 00:00Z'",
            {(CHECKOUT, MONDAY), (CHECKOUT, TUESDAY), (CHECKOUT, WEDNESDAY)},
        ),
        ("DELETE FROM products_exposure", {(CHECKOUT, MONDAY), (CHECKOUT, WEDNESDAY)}),
        (
            "INSERT INTO metrics_reading (product_id, kpi_id, day, source, numerator, denominator, n, squares, status,"
            " recorded_at) SELECT product_id, kpi_id, DATE '2026-06-09', source, 1, 0, 0, 0, status, recorded_at"
            " FROM metrics_reading",
            {(CHECKOUT, TUESDAY)},
        ),
        ("UPDATE metrics_reading SET numerator = 2", {(CHECKOUT, MONDAY)}),
        ("UPDATE metrics_reading SET day = '2026-06-09'", {(CHECKOUT, MONDAY), (CHECKOUT, TUESDAY)}),
        ("DELETE FROM metrics_reading", {(CHECKOUT, MONDAY)}),
        ("UPDATE metrics_usage SET active_users = 2", {(SWITCHYARD, MONDAY)}),
        ("UPDATE metrics_usage SET week = '2026-06-15'", {(SWITCHYARD, MONDAY), (SWITCHYARD, NEXT_MONDAY)}),
        ("DELETE FROM metrics_usage", {(SWITCHYARD, MONDAY)}),
    ],
)
def test_a_change_marks_the_old_and_the_new_place(
    names: dict[str, Any], now: datetime, statement: str, places: set[tuple[str, date]]
) -> None:
    execute(FACTS, names)
    refresh(now=now)
    assert not Mark.objects.exists()
    execute(statement, names)
    assert marked() == places | days_between(places)


@pytest.mark.parametrize(
    ("statement", "products"),
    [
        ("UPDATE products_product SET time_zone = 'Asia/Tokyo' WHERE slug = 'checkout'", {CHECKOUT}),
        ("UPDATE products_product SET production_environment = 'live' WHERE slug = 'checkout'", {CHECKOUT}),
        ("UPDATE products_product SET name = 'Till' WHERE slug = 'checkout'", set()),
        ("UPDATE products_release SET environment = 'staging'", {CHECKOUT}),
        ("UPDATE products_release SET product_id = {switchyard}", {CHECKOUT, SWITCHYARD}),
        ("UPDATE products_release SET name = 'Split payment'", set()),
        ("UPDATE metrics_kpi SET source = 'other'", {CHECKOUT}),
        ("UPDATE metrics_kpi SET name = 'Turnover'", set()),
    ],
)
def test_what_moves_a_whole_history_marks_all_of_it_and_nothing_else_does(
    names: dict[str, Any], now: datetime, statement: str, products: set[str]
) -> None:
    execute(FACTS, names)
    refresh(now=now)
    execute(statement, names)
    ranges = Mark.objects.filter(day=date(1970, 1, 1), until=date(9999, 12, 31))
    assert set(Product.objects.filter(pk__in=ranges.values("product")).values_list("slug", flat=True)) == products
    assert Mark.objects.exclude(day=EFFECTS).count() == len(products)


def test_a_bulk_insert_leaves_one_mark_a_week_from_its_first_to_its_last_day(cast: Cast, now: datetime) -> None:
    entries = [
        Feedback(
            product=cast.checkout,
            text="Slow.",
            received_at=datetime(2026, 6, (9, 11, 14, 15)[number % 4], 12, tzinfo=UTC),
            recorded_at=now,
            channel="import",
            logged_by=cast.emil,
            source="import",
            source_id=str(number),
        )
        for number in range(100)
    ]
    Feedback.objects.bulk_create(entries)
    marks = set(Mark.objects.values_list("product", "day", "until"))
    assert marks == {
        (cast.checkout.pk, TUESDAY, NEXT_MONDAY),
        (cast.checkout.pk, NEXT_MONDAY, NEXT_MONDAY + DAY),
    }
    assert refresh(now=now).drained == 2
    assert not Mark.objects.exists()


@pytest.mark.parametrize(
    ("spans", "weeks"),
    [
        ([(MONDAY, MONDAY + DAY), (TUESDAY, TUESDAY + DAY)], 1),  # as the release before leaves them
        ([(MONDAY, NEXT_MONDAY)], 1),
        ([(TUESDAY, NEXT_MONDAY), (NEXT_MONDAY, NEXT_MONDAY + DAY)], 2),
        ([(MONDAY - 30 * DAY, NEXT_MONDAY + 30 * DAY)], 1),  # weeks without facts and cells are not drained
    ],
)
def test_marks_over_whatever_days_are_drained(
    names: dict[str, Any], now: datetime, spans: list[tuple[date, date]], weeks: int
) -> None:
    execute(FACTS, names)
    Mark.objects.all().delete()
    for day, until in spans:
        Mark.objects.create(product_id=names["checkout"], day=day, until=until, source="test", marked_at=now)
    assert refresh(now=now).drained == weeks
    assert not Mark.objects.exists()
    marked_days = {day + number * DAY for day, until in spans for number in range((until - day).days)}
    assert set(Rollup.objects.values_list("day", flat=True)) == {MONDAY, WEDNESDAY} & marked_days


def test_a_correction_by_whatever_path_keeps_the_old_value(names: dict[str, Any]) -> None:
    execute(FACTS, names)
    execute("UPDATE metrics_reading SET numerator = 2", names)
    with connection.cursor() as cursor:
        cursor.execute("SELECT numerator FROM metrics_readingcorrection")
        assert cursor.fetchall() == [(1,)]


def test_a_release_without_exposures_marks_nothing_by_itself(cast: Cast) -> None:
    Release.objects.create(product=cast.checkout, environment="production", version="9", state="planned")
    assert not Mark.objects.exists()
