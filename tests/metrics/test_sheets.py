"""Uploaded tables: encodings, separators, days and numbers as people and their programs write them."""

import csv
import io
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as campaign
from hypothesis import strategies as st

from metrics.sheets import columns
from pmtrack.web.tables import cells, files

DAYS = st.dates(date(1970, 1, 1), date(2030, 12, 31))
NUMBERS = st.decimals(-(10**12), 10**12, places=2, allow_nan=False, allow_infinity=False)


def table(text: str) -> files.Table:
    return files.read_table(text, files.guess_delimiter(text))


def text_of(content: bytes) -> files.SheetText:
    return files.decode(io.BytesIO(content))


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with a byte order mark"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_a_file_reads_the_same_in_every_encoding(encoding: str, told: str) -> None:
    sheet = text_of("Tag;Umsatz für März\r\n2026-03-01;12,5\r\n".encode(encoding))
    assert table(sheet.text).headings == ("Tag", "Umsatz für März")
    assert files.ENCODINGS[sheet.encoding] == told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "is empty"),
        (b"PK\x03\x04\x14\x00", "a workbook or an archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old workbook"),
        (bytes(range(256)) * 40, "binary file"),
        (b"day,value\n2026-01-01,\x01\n", "control characters"),
        (b"day,value\n2026-01-01,\x81\n", "neither UTF-8"),
        (b"day,value\n" + b"x" * 30_000, "longer than 20,000"),
    ],
)
def test_what_is_no_table_of_text_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(files.Unreadable, match=words):
        text_of(content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("day,value\n", "no row below"),
        ("day,value\n\n , \n", "no row below"),
        ('day,value\n2026-01-01,"5\n2026-01-02,6\n', "opened and not closed"),
        ('day,value\n2026-01-01,"5"6\n', "inside a cell"),
        (",".join(["x"] * 300) + "\n1\n", "300 columns"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(text: str, words: str) -> None:
    with pytest.raises(files.Unreadable, match=words):
        files.read_table(text, "comma")


class Endless(io.RawIOBase):
    """A file of any length that counts what is read of it."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def readinto(self, buffer: bytearray) -> int:
        line = b"2026-01-01,5\n"
        filled = (line * (len(buffer) // len(line) + 1))[: len(buffer)]
        buffer[:] = filled
        self.taken += len(filled)
        return len(filled)


def test_of_an_endless_file_no_more_is_read_than_the_limit_of_lines() -> None:
    file = Endless()
    with pytest.raises(files.Unreadable, match="more than 25,000 lines"):
        files.decode(file)
    assert file.taken < 26_000 * 13


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("day,value\n2026-01-01,5\n", "comma"),
        ("day;value\n2026-01-01;5,5\n2026-01-02;6,5\n", "semicolon"),
        ("day\tvalue\n2026-01-01\t5,5\n", "tab"),
        ('day,value,note\n2026-01-01,5,"a;b"\n2026-01-02,6,"c;d"\n', "comma"),
        ("only\n5\n", "tab"),
    ],
)
def test_the_separator_is_the_one_that_makes_every_row_as_wide_as_the_header(text: str, delimiter: str) -> None:
    assert files.guess_delimiter(text) == delimiter


@pytest.mark.parametrize(
    ("found", "decides"),
    [
        (["1.5"], "point"),
        (["1,5"], "comma"),
        (["1,234"], None),
        (["1.234", "1.5"], "point"),
        (["1.234", "1,5"], "comma"),
        (["1.234,50"], "comma"),
        (["1,234.50"], "point"),
        (["1,234,567"], "point"),
        (["0.125"], "point"),
        (["1.5", "1,5"], None),
        (["12", "400"], "point"),
        (["", "n/a"], "point"),
    ],
)
def test_a_decimal_mark_is_found_only_where_the_cells_leave_no_doubt(found: list[str], decides: str | None) -> None:
    assert cells.decimal_mark(found) == decides


@pytest.mark.parametrize(
    ("found", "decides"),
    [(["3/4/2026"], None), (["31/4/2026"], "dmy"), (["3/4/2026", "4/13/2026"], "mdy"), (["31/1/2026", "1/31/2026"], None)],
)  # fmt: skip
def test_days_with_slashes_are_never_guessed(found: list[str], decides: str | None) -> None:
    assert cells.slash_order(found) == decides


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("=1+1", "is a formula"),
        ("@SUM(A1)", "is a formula"),
        ("+A1", "is a formula"),
        ("-2+3", "is a formula"),
        ("", "There is no number"),
        ("12 %", "is not a number"),
        ("1,2,3", "is not a number"),
        ("12,34.5", "is not a number"),
        ("NaN", "is not a number"),
        ("inf", "is not a number"),
        ("٣", "is not a number"),
        ("9" * 80, "is not a number"),
    ],
)
def test_what_is_no_number_is_refused_in_words(cell: str, words: str) -> None:
    with pytest.raises(cells.BadCell, match=words):
        cells.read_number(cell, "point")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("2026-02-30", "no day of the calendar"),
        ("0000-01-01", "no day of the calendar"),
        ("1/2/2026", "is not written"),
        ("26-01-31", "four digits"),
        ("2026-01-31 13:00", "is not written"),
        ("=TODAY()", "is a formula"),
        ("  ", "There is no day"),
    ],
)
def test_what_is_no_day_is_refused_in_words(cell: str, words: str) -> None:
    with pytest.raises(cells.BadCell, match=words):
        cells.read_day(cell, "iso")


WRITERS = {
    "iso": lambda day: day.isoformat(),
    "dots": lambda day: f"{day.day}.{day.month:02}.{day.year}",
    "dmy": lambda day: f"{day.day}/{day.month}/{day.year}",
    "mdy": lambda day: f"{day.month:02}/{day.day:02}/{day.year} 00:00:00",
}


@given(day=DAYS, form=st.sampled_from(sorted(WRITERS)))
@campaign(max_examples=200, deadline=None)
def test_a_day_reads_back_as_it_was_written(day: date, form: str) -> None:
    assert cells.read_day(WRITERS[form](day), form) == day


@given(
    value=NUMBERS, decimal=st.sampled_from(["point", "comma"]), gap=st.sampled_from(["", "other", " ", "\u202f", "’"])
)
@campaign(max_examples=300, deadline=None)
def test_a_number_reads_back_as_it_was_written(value: Decimal, decimal: str, gap: str) -> None:
    mark, other = (".", ",") if decimal == "point" else (",", ".")
    between = other if gap == "other" else gap
    text = f"{value:,.2f}".replace(",", "\0").replace(".", mark).replace("\0", between)
    assert cells.read_number(text, decimal) == value


@given(cell=st.text(max_size=80))
@campaign(max_examples=400, deadline=None)
def test_any_cell_is_either_read_or_refused_and_nothing_else_happens(cell: str) -> None:
    for mark in cells.DECIMALS:
        with suppress(cells.BadCell):
            assert cells.read_number(cell, mark).is_finite()
    for form in cells.DAY_FORMATS:
        with suppress(cells.BadCell):
            assert cells.read_day(cell, form).year >= 1


@given(content=st.binary(max_size=400))
@campaign(max_examples=400, deadline=None)
def test_any_bytes_are_either_a_table_or_refused_and_nothing_else_happens(content: bytes) -> None:
    with suppress(files.Unreadable):
        read = table(text_of(content).text)
        plan = columns.propose(read, "sum")
        assert set(plan.columns.values()) <= set(range(len(read.headings)))


@given(cell=st.text(max_size=40))
@campaign(max_examples=300, deadline=None)
def test_no_exported_cell_starts_a_formula(cell: str) -> None:
    out = cells.escaped(cell)
    assert out.removeprefix("'") == cell.removeprefix("'") or out == f"'{cell}"
    if out.lstrip(" ")[:1] in set(cells.STARTS_A_FORMULA):
        assert Decimal(out.replace(",", ".")) is not None  # a plain number


@given(
    rows=st.dictionaries(DAYS, NUMBERS, min_size=1, max_size=40),
    delimiter=st.sampled_from(["comma", "semicolon", "tab"]),
)
@campaign(max_examples=100, deadline=None)
def test_a_whole_file_reads_back_as_it_was_written(rows: dict[date, Decimal], delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=files.DELIMITERS[delimiter])
    writer.writerow(["date", "note", "revenue"])
    for day, value in rows.items():
        writer.writerow([day, "it's; a, note", f"{value:.2f}"])
    text = text_of(out.getvalue().encode()).text
    read = table(text)
    plan = columns.propose(read, "sum", names=("revenue",))
    assert (plan.columns, plan.decimals, plan.day_format) == ({"day": 0, "value": 2}, {"value": "point"}, "iso")
    said = columns.read_rows(read, plan, "sum")
    assert not said.refused
    assert {row.day: row.value for _, row in said.good} == rows


def test_columns_are_proposed_from_headings_and_from_what_cells_look_like() -> None:
    read = table("Woche;Datum;Nenner;Zähler\n1;31.1.2026;1000;440\n1;1.2.2026;1.100;441\n")
    plan = columns.propose(read, "ratio")
    assert plan.columns == {"day": 1, "denominator": 2, "numerator": 3}
    assert plan.day_format == "dots"
    assert plan.decimals == {"numerator": "point"}  # 1.100 could be either
    bare = columns.propose(table("2026-01-01,5\n2026-01-02,6\n"), "sum")
    assert bare.columns == {"day": 0, "value": 1}


def test_a_row_is_refused_with_its_number_and_its_reason() -> None:
    read = files.read_table("day,value\n2026-01-01,5\n\n2026-01-02,3,5\n2026-01-03\n2026-01-04,=1+1\n", "comma")
    said = columns.read_rows(read, columns.propose(read, "sum"), "sum")
    assert [number for number, _ in said.good] == [2]
    assert [row.number for row in said.refused] == [4, 5, 6]
    assert "3 cells under 2 headings" in said.refused[0].reason
    assert said.refused[1].reason.startswith("value: There is no number")
    assert "formula" in said.refused[2].reason
