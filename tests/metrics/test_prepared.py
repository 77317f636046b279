"""Statements that are planned once for each connection."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DataError, ProgrammingError
from django.test.utils import CaptureQueriesContext

from metrics.queries.prepared import rows_of

pytestmark = pytest.mark.django_db

HOW_MANY = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'pmtrack_%'"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def how_many() -> int:
    with connection.cursor() as cursor:
        cursor.execute(HOW_MANY)
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("type", "value", "found"),
    [
        ("integer", -7, -7),
        ("bigint", 1 << 40, 1 << 40),
        ("text", "50 % of 'it', \\ and %(other)s", "50 % of 'it', \\ and %(other)s"),
        ("boolean", True, True),
        ("float8", 0.25, 0.25),
        ("date", date(2026, 2, 28), date(2026, 2, 28)),
        ("timestamptz", NOON, NOON),
        ("interval", timedelta(days=3), timedelta(days=3)),
        ("integer", None, None),
        ("bigint[]", [1, 2, 1 << 40], [1, 2, 1 << 40]),
        ("bigint[]", [None, 4], [None, 4]),
        ("bigint[]", [4, None], [4, None]),
        ("bigint[]", [], []),
        ("text[]", ("a, b", 'c "d"', "{e}"), ["a, b", 'c "d"', "{e}"]),
        ("date[]", [date(2026, 1, 1)], [date(2026, 1, 1)]),
    ],
)
def test_a_value_arrives_as_it_was_given(type: str, value: Any, found: Any) -> None:
    for _ in range(2):
        assert rows_of(f"SELECT %(value)s::{type}, '100 %%'", {"value": value}) == [(found, "100 %")]


def test_a_statement_is_prepared_once_and_then_only_executed() -> None:
    statement = "SELECT %(a)s + %(b)s + %(a)s, 'once'"
    before = how_many()
    with CaptureQueriesContext(connection) as seen:
        assert rows_of(statement, {"b": 1, "a": 20, "not_in_it": "x"}) == [(41, "once")]
        assert rows_of(statement, {"a": 3, "b": 4}) == [(10, "once")]
    assert how_many() == before + 1
    assert [one["sql"].split()[0] for one in seen] == ["EXECUTE", "EXECUTE"]


def test_a_statement_needs_no_parameters() -> None:
    assert rows_of("SELECT 7, 'bare', '5 %%'", {}) == rows_of("SELECT 7, 'bare', '5 %%'", {"unused": 1})


def test_a_number_too_large_for_the_first_plan_gets_one_of_its_own() -> None:
    statement = "SELECT date '2026-01-01' + %(days)s::integer, 'large'"
    assert rows_of(statement, {"days": 1}) == [(date(2026, 1, 2), "large")]
    with pytest.raises(DataError), transaction.atomic():
        rows_of(statement, {"days": 1 << 40})
    assert rows_of(statement, {"days": 2}) == [(date(2026, 1, 3), "large")]


def test_a_statement_that_failed_when_first_asked_works_the_next_time() -> None:
    statement = "SELECT 12 / %(by)s, 'failed'"
    with pytest.raises(DataError), transaction.atomic():
        rows_of(statement, {"by": 0})
    assert rows_of(statement, {"by": 4}) == [(3, "failed")]


def test_a_statement_that_cannot_be_planned_says_so_each_time() -> None:
    for _ in range(2):
        with pytest.raises(ProgrammingError, match="no_such_table"), transaction.atomic():
            rows_of("SELECT * FROM no_such_table WHERE id = %(id)s", {"id": 1})


@pytest.mark.django_db(transaction=True)
def test_a_table_may_change_and_a_connection_may_end_between_two_views() -> None:
    statement = "SELECT count(*), 'changed' FROM products_team WHERE id = ANY(%(ids)s)"
    assert rows_of(statement, {"ids": [1]}) == [(0, "changed")]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE products_team ADD COLUMN motto text")
        assert rows_of(statement, {"ids": [1, 2]}) == [(0, "changed")]
        transaction.set_rollback(True)
    assert rows_of(statement, {"ids": []}) == [(0, "changed")]
    connection.close()
    assert rows_of(statement, {"ids": [3]}) == [(0, "changed")]


def test_nothing_is_kept_on_connections_that_others_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    before = how_many()
    assert rows_of("SELECT %(a)s::integer, 'shared', '%%'", {"a": 5}) == [(5, "shared", "%")]
    assert how_many() == before
