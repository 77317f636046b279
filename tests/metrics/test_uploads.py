"""Readings as a CSV: looked at first, stored once, corrected by the next, refused by row and reason."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from metrics.models import Kpi, Reading, ReadingCorrection
from metrics.services.readings import push_readings
from metrics.services.uploads import check_upload
from metrics.sheets.columns import propose
from pmtrack.web.tables.files import read_table
from tests.conftest import Cast
from tests.factories import make_kpi
from tests.metrics.uploads import GOOD, MIXED, PLAN, browser_of, chosen, text


@pytest.fixture
def visits(cast: Cast) -> Kpi:
    """Checkout's visits, a sum without a source."""
    return make_kpi(cast.checkout, "visits", "sum")


@pytest.fixture
def emil(cast: Cast, visits: Kpi) -> Client:
    """Emil's browser."""
    return browser_of(cast.emil)


def test_a_file_is_looked_at_and_then_stored(emil: Client, visits: Kpi) -> None:
    page = chosen(emil, GOOD)
    looked = emil.get(page)
    assert "Storing this file would add two new days." in text(looked)
    assert not Reading.objects.exists()
    stored = emil.post(page, PLAN, follow=True)
    assert stored.redirect_chain == [("/products/checkout/#visits", 303)]
    assert "Stored in Visits: 2 new days and no corrected days." in text(stored)
    values = Reading.objects.order_by("day").values_list("day", "numerator", "source")
    assert list(values) == [(date(2026, 1, 1), 5, "csv"), (date(2026, 1, 2), Decimal("6.5"), "csv")]


def test_the_same_file_again_changes_nothing_and_says_so(emil: Client) -> None:
    emil.post(chosen(emil, GOOD), PLAN)
    page = chosen(emil, GOOD)
    assert "Everything in this file that can be stored is held already" in text(emil.get(page))
    again = emil.post(page, PLAN, follow=True)
    assert "Nothing changed in Visits: it held 2 rows of the file already." in text(again)
    assert Reading.objects.count() == 2
    assert not ReadingCorrection.objects.exists()


def test_a_changed_file_shows_old_and_new_and_corrects(emil: Client) -> None:
    emil.post(chosen(emil, GOOD), PLAN)
    page = chosen(emil, b"day,value\n2026-01-01,5\n2026-01-02,1234.25\n")
    looked = text(emil.get(page))
    assert "Storing this file would correct one day." in looked
    assert '>6.5</td><td role="cell" class="r n" data-l="In the file">1,234.25</td>' in looked
    emil.post(page, PLAN)
    assert Reading.objects.get(day=date(2026, 1, 2)).numerator == Decimal("1234.25")
    assert ReadingCorrection.objects.get().numerator == Decimal("6.5")


def test_good_rows_are_kept_on_request_only(emil: Client) -> None:
    page = chosen(emil, MIXED)
    looked = text(emil.get(page))
    assert "Storing this file would add one new day. Four rows cannot be stored." in looked
    assert "“=1+1” is a formula" in looked
    assert "2026-01-03 stands in rows 4, 5 with different values. Keep one." in looked
    assert "“2026-02-30” is no day of the calendar" in looked
    refused = emil.post(page, PLAN)
    assert refused.status_code == 422
    assert "<title>Error: Check visits.csv" in text(refused)
    assert "Tick “Keep the good rows”" in text(refused)
    assert not Reading.objects.exists()
    stored = emil.post(page, {**PLAN, "keep_good_rows": "yes"}, follow=True)
    assert "4 rows were refused and left out." in text(stored)
    assert Reading.objects.get().day == date(2026, 1, 1)


def test_refused_rows_leave_as_a_file_that_computes_nothing(emil: Client) -> None:
    page = chosen(emil, b"day,value,=cmd\n2026-01-01,@SUM(A1),+x\n2026-01-02,-5 %,\n")
    answer = emil.get(f"{page}refused.csv", PLAN)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["row", "why it was refused", "day", "value", "'=cmd"]
    assert [row[0] for row in rows[1:]] == ["2", "3"]
    assert rows[1][2:] == ["2026-01-01", "'@SUM(A1)", "'+x"]
    assert rows[2][3] == "'-5 %"


def test_more_than_twenty_refused_rows_are_counted_and_all_in_the_file(emil: Client) -> None:
    body = "day,value\n" + "".join(f"2026-01-01,x{number}\n" for number in range(30))
    page = chosen(emil, body.encode())
    looked = text(emil.get(page))
    assert "30 refused rows" in looked
    assert "The first 20 of 30 refused rows." in looked
    assert "No row of this file can be stored." in looked
    assert len(emil.get(f"{page}refused.csv", PLAN).content.splitlines()) == 31


def test_days_that_could_be_read_two_ways_are_asked_for(emil: Client) -> None:
    page = chosen(emil, b"date,value\n3/4/2026,5\n5/4/2026,6\n")
    asked = emil.get(page)
    assert asked.status_code == 200
    assert "3/4/2026 could be 3 April or March 4" in text(asked)
    assert "new day" not in text(asked)
    unanswered = emil.get(page, {**PLAN, "day_format": ""})
    assert unanswered.status_code == 422
    emil.post(page, {**PLAN, "day_format": "dmy"})
    assert set(Reading.objects.values_list("day", flat=True)) == {date(2026, 4, 3), date(2026, 4, 5)}


def test_a_decimal_comma_is_understood_and_a_doubtful_one_asked_for(emil: Client) -> None:
    page = chosen(emil, "Datum;Wert\n31.1.2026;1.234,5\n1.2.2026;7\n".encode("cp1252"))
    assert "1,234.5" in text(emil.get(page))
    doubtful = chosen(emil, b"day;value\n2026-01-01;1,234\n")
    asked = text(emil.get(doubtful))
    assert "Say how decimals are written in “value”" in asked
    assert "1.234" in text(emil.get(doubtful, {**PLAN, "delimiter": "semicolon", "value_decimal": "comma"}))


@pytest.mark.parametrize(
    ("form", "content", "words"),
    [
        ("ratio", b"day,numerator,denominator\n2026-01-01,440,1000\n2026-01-02,9,3\n", "440 of 1,000"),
        ("mean", b"day,value,n,squares\n2026-01-01,390,100,1600\n2026-01-02,390,0,\n", "390 over 100 values"),
    ],
)
def test_ratios_and_means_have_their_own_columns(
    emil: Client, cast: Cast, form: str, content: bytes, words: str
) -> None:
    make_kpi(cast.checkout, "other", form)
    looked = text(emil.get(chosen(emil, content, slug="other")))
    assert words in looked
    assert "Storing this file would add one new day. One row cannot be stored." in looked


def test_a_day_in_the_future_is_refused(emil: Client) -> None:
    far = datetime.now(UTC).date() + timedelta(days=3)
    assert f"{far} is in the future" in text(emil.get(chosen(emil, f"day,value\n{far},5\n".encode())))


def test_another_accepted_source_is_a_409_in_words(emil: Client, visits: Kpi, now: datetime) -> None:
    page = chosen(emil, GOOD)
    Kpi.objects.filter(pk=visits.pk).update(source="warehouse")
    looked = text(emil.get(page))
    assert "Visits takes its readings from “warehouse” alone." in looked
    assert "Store 2 days" not in looked
    refused = emil.post(page, PLAN)
    assert refused.status_code == 409
    assert "takes its readings from “warehouse” alone" in text(refused)
    assert not Reading.objects.exists()
    emil.post(page, {**PLAN, "source": "warehouse"})
    assert Reading.objects.count() == 2


def test_another_separator_can_be_chosen(emil: Client) -> None:
    page = chosen(emil, GOOD)
    looked = emil.get(page, {"delimiter": "semicolon"})
    assert looked.status_code == 200
    assert "Choose the column that holds “value”." in text(looked)


@pytest.mark.parametrize("count", [1, 50])
def test_a_dry_run_asks_the_database_once(
    cast: Cast, visits: Kpi, now: datetime, count: int, django_assert_num_queries: Callable[[int], AbstractContextManager[Any]]
) -> None:  # fmt: skip
    start = date(2026, 1, 1)
    body = "day,value\n" + "".join(f"{start + timedelta(days=n)},{n}\n" for n in range(count))
    table = read_table(body, "comma")
    with django_assert_num_queries(1):
        checked = check_upload(kpi=visits, table=table, plan=propose(table, "sum"), source="csv", now=now)
    assert len(checked.created) == count
    assert not checked.refused


def test_a_dry_run_says_what_storing_then_does(cast: Cast, visits: Kpi, now: datetime) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(40)]
    first = read_table("day,value\n" + "".join(f"{day},{day.day}\n" for day in days[:30]), "comma")
    plan = propose(first, "sum")
    push_readings(kpi=visits, source="csv", now=now, readings=check_upload(
        kpi=visits, table=first, plan=plan, source="csv", now=now).readings)  # fmt: skip
    rows = [(day, day.day if number < 20 else 99) for number, day in enumerate(days)]
    table = read_table("day,value\n" + "".join(f"{day},{value}\n" for day, value in [*rows, rows[0]]), "comma")
    checked = check_upload(kpi=visits, table=table, plan=plan, source="csv", now=now)
    pushed = push_readings(kpi=visits, source="csv", readings=checked.readings, now=now)
    assert (pushed.created, pushed.corrected) == (len(checked.created), len(checked.corrected)) == (10, 10)
    assert checked.unchanged == 21
