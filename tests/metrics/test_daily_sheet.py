"""Files that one release is read from: what is read, and what is refused with words that say how to mend it."""

import io
from datetime import date, timedelta
from math import isnan

import pytest
from hypothesis import given
from hypothesis import settings as campaign
from hypothesis import strategies as st

from metrics.sheets.daily import DailySheet, read_daily
from pmtrack.web.tables.files import Unreadable, decode

FIRST = date(2026, 3, 1)


def read(text: str) -> DailySheet:
    return read_daily(decode(io.BytesIO(text.encode())))


def refusal(text: str) -> str:
    with pytest.raises(Unreadable) as refused:
        read(text)
    return str(refused.value)


def days(*cells: str, head: str = "date,value") -> str:
    """A file with one row a day."""
    rows = (f"{FIRST + timedelta(days=number)},{cell}" for number, cell in enumerate(cells))
    return "\n".join([head, *rows]) + "\n"


def test_values_are_read_with_empty_cells_as_missing() -> None:
    found = read(days("5", "", "7.25"))
    assert found.days == (FIRST, FIRST + timedelta(days=1), FIRST + timedelta(days=2))
    assert (found.value[0], isnan(found.value[1]), found.value[2]) == (5, True, 7.25)
    assert (found.num, found.controls, found.holiday, found.other_release) == ((), (), (False,) * 3, (False,) * 3)


def test_everything_a_file_may_hold_is_read() -> None:
    found = read(days("1,2,9,8,1,0", "3,4,7,6,0.0,yes", head="date,num,den,ctrl1,ctrl2,holiday,other_release"))
    assert (found.num, found.den, found.value) == ((1, 3), (2, 4), ())
    assert found.controls == ((9, 7), (8, 6))
    assert (found.holiday, found.other_release) == ((True, False), (False, True))


def test_empty_columns_of_a_rate_leave_the_values() -> None:
    found = read(days("5,,", "6,,", head="date,value,num,den"))
    assert (found.value, found.num) == ((5, 6), ())


def test_a_filled_rate_is_read_in_place_of_its_values() -> None:
    found = read(days("0.5,1,2", "0.25,1,4", head="date,value,num,den"))
    assert (found.value, found.den) == ((), (2, 4))


def test_other_spellings_read_the_same() -> None:
    plain = read(days("5.5", "6.5"))
    assert read("Date;Value\n01.03.2026;5,5\n02.03.2026;6,5\n") == plain
    assert read_daily(decode(io.BytesIO("date\tvalue\n2026-03-01\t5.5\n2026-03-02\t6.5\n".encode("utf-16")))) == plain


def test_the_release_has_a_place_in_the_file() -> None:
    found = read(days("5", "6", "7"))
    assert found.place(FIRST + timedelta(days=2)) == 2
    for outside in (FIRST - timedelta(days=1), FIRST + timedelta(days=3)):
        with pytest.raises(
            Unreadable, match=f"The release date {outside} lies outside the file, which runs from 2026-03-01 to"
        ):
            found.place(outside)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (days("5,1", head="date,value,colour"), "Nobody knows the column “colour”. Known are date, value"),
        (days("5", head="date,amount"), "Nobody knows the column “amount”"),
        (days("5", head="day,value"), "no column “date”"),
        (days("5,6", head="date,value,value"), "Two columns say “value”"),
        (days("5", head="date,num"), "a column “num” and no column “den”"),
        (days("5", head="date,ctrl1"), "no column “value”"),
        (days("5,1,1,1,1", head="date,value,ctrl1,ctrl2,ctrl3,ctrl4"), "4 control columns; at most 3"),
        ("2026-03-01,5\n2026-03-02,6\n", "no column “date”. Write the names"),
        (days(",", ",", head="date,num,den"), "“num” and “den” hold no number"),
        ("date,value\n2026-03-01,5\n,6\n", "Row 3, date: There is no day"),
        ("date,value\n2026-03-01,5\n2026-02-30,6\n", "Row 3, date: “2026-02-30” is no day of the calendar"),
        ("date,value\n2026-03-01,5\nlater,6\n", "Row 3, date: “later” is not written year-month-day"),
        ("date,value\n2026-03-01,5\n2026-03-01,6\n", "Row 3: 2026-03-01 stands in row 2 already"),
        ("date,value\n2026-03-02,5\n2026-03-01,6\n", "Row 3: 2026-03-01 comes after 2026-03-02. Sort"),
        ("date,value\n2026-03-01,5\n2026-03-03,6\n", "Row 3: 2026-03-02 is missing. Add a row"),
        ("date,value\n2026-03-01,5\n2026-03-05,6\n", "Row 3: 3 days after 2026-03-01 are missing"),
        (days("5", "-6"), "Row 3, value: -6 is below 0"),
        (days("5", "six"), "Row 3, value: “six” is not a number"),
        (days("5", "inf"), "is not a number"),
        (days("5", "=1+1"), "is a formula"),
        (days("1.234", "5.678"), "point and comma could be decimals"),
        (days("5,6", "1,2", head="date,value"), "Row 2 has 3 cells under 2 headings"),
        (days("1,2", "5,4", head="date,num,den"), "Row 3: den 4 is smaller than num 5"),
        (days("1,2", ",4", head="date,num,den"), "Row 3 has only one of num and den"),
        (days("5,1", "5,2", head="date,value,holiday"), "Row 3, holiday: “2” is neither 1 nor 0"),
        ("date,value\n", "no row below"),
    ],
)
def test_what_is_wrong_is_said_with_its_row_and_how_to_mend_it(text: str, words: str) -> None:
    assert words in refusal(text)


def test_of_many_faults_the_first_five_are_told() -> None:
    lines = refusal(days("1", *["-1"] * 8)).splitlines()
    assert len(lines) == 6
    assert lines[-1] == "… and 3 more."


def outcome(content: bytes) -> str:
    try:
        return f"{len(read_daily(decode(io.BytesIO(content))).days)} days"
    except Unreadable as refused:
        return str(refused)


@given(content=st.binary(max_size=300) | st.text("date,value;num\n0123456789-.\"'\t", max_size=300).map(str.encode))
@campaign(max_examples=300, deadline=None)
def test_any_file_is_read_or_refused(content: bytes) -> None:
    assert outcome(b"date,value\n2026-03-01," + content)
