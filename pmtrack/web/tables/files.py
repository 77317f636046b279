"""From an uploaded file to text and to the rows of a table: encodings, limits, quotation marks, separators."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from pmtrack.web.tables.cells import day_shape

# Every day since 1970 is less, and the next ones have room for a decade.
MOST_LINES = 25_000
MOST_COLUMNS = 200
LONGEST_LINE = 20_000
SAMPLE_LINES = 50
DELIMITERS = {"tab": "\t", "semicolon": ";", "comma": ","}
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}
KNOWN_KINDS = {
    b"PK\x03\x04": "a workbook or an archive",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a packed file",
}
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
SAVE_AS_CSV = "Save the sheet as CSV and choose that file."


class Unreadable(Exception):
    """The file is no table that can be read; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class SheetText:
    """A file's whole text and the name of its encoding, a key of ``ENCODINGS``."""

    text: str
    encoding: str


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, and each row with its number as a spreadsheet shows it: the first line of the file is row 1."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def column(self, index: int) -> Iterator[str]:
        """A column's cells, without those that short rows lack."""
        return (cells[index] for _, cells in self.rows if index < len(cells))


def decode(file: IO[bytes]) -> SheetText:
    """The text of ``file``. Stops at the first line past the limit, so a file of any length costs the same. Raises ``Unreadable``."""
    head = file.read(4096)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
        raise Unreadable("The file is empty. Choose one with a header and at least one row.")
    for start, kind in KNOWN_KINDS.items():
        if head.startswith(start):
            raise Unreadable(f"This is {kind}, not a CSV file. {SAVE_AS_CSV}")
    for encoding in _likely(head):
        file.seek(0)
        try:
            return SheetText(_lines(file, encoding), encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(f"The file's letters are neither UTF-8, UTF-16 nor Windows-1252. {SAVE_AS_CSV}")


def _likely(head: bytes) -> Sequence[str]:
    """The encodings to try. Raises ``Unreadable`` for what is no text at all."""
    if head.startswith(b"\xef\xbb\xbf"):
        return ("utf-8-sig",)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    even, odd = head[::2].count(0), head[1::2].count(0)
    if not even and not odd:
        return ("utf-8", "cp1252")
    half = len(head) // 2
    if max(even, odd) < half * 0.6 or min(even, odd) > half * 0.1:
        raise Unreadable(f"This is a binary file, not a CSV file. {SAVE_AS_CSV}")
    return ("utf-16-le",) if odd > even else ("utf-16-be",)


def _lines(file: IO[bytes], encoding: str) -> str:
    """The text, line by line up to the limit. Raises ``UnicodeDecodeError`` and ``Unreadable``."""
    reader = io.TextIOWrapper(file, encoding, newline="")
    lines: list[str] = []
    try:
        while line := reader.readline(LONGEST_LINE + 1):
            lines.append(line)
            _judge(line, len(lines))
    finally:
        reader.detach()
    return "".join(lines)


def _judge(line: str, number: int) -> None:
    if number > MOST_LINES:
        raise Unreadable(f"The file has more than {MOST_LINES:,} lines. Split it into several files.")
    if len(line) > LONGEST_LINE:
        raise Unreadable(f"Line {number:,} is longer than {LONGEST_LINE:,} characters. Lines of a table are short.")
    if CONTROLS.search(line):
        raise Unreadable(f"Line {number:,} holds control characters, so this is a binary file. {SAVE_AS_CSV}")


def guess_delimiter(text: str) -> str:
    """The separator under which most of the first lines are as wide as the header: a key of ``DELIMITERS``."""
    sample = "".join(text.splitlines(keepends=True)[:SAMPLE_LINES])
    return max(DELIMITERS, key=lambda name: _fit(sample, DELIMITERS[name]))


def _fit(sample: str, delimiter: str) -> float:
    try:
        widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error:
        return 0.0
    if not widths or widths[0] < 2:
        return 0.0
    return sum(width == widths[0] for width in widths) / len(widths)


def read_table(text: str, delimiter: str) -> Table:
    """The table in ``text``; ``delimiter`` is a key of ``DELIMITERS``. Raises ``Unreadable``."""
    numbered = [
        (number, row) for number, row in _rows(text, DELIMITERS[delimiter]) if any(cell.strip() for cell in row)
    ]
    if not numbered:
        raise Unreadable("The file is empty. Choose one with a header and at least one row.")
    first = numbered[0][1]
    if len(first) > MOST_COLUMNS:
        raise Unreadable(f"The file has {len(first):,} columns; at most {MOST_COLUMNS} can be read.")
    has_header = not any(day_shape(cell) for cell in first)
    rows = numbered[1:] if has_header else numbered
    if not rows:
        raise Unreadable("The file has a header and no row below it. Add the rows, one below the other.")
    headings = tuple(_heading(cell if has_header else "", place) for place, cell in enumerate(first))
    return Table(headings, tuple((number, tuple(row)) for number, row in rows))


def _heading(cell: str, place: int) -> str:
    """The heading as people read it; a column without one has its letter."""
    letter = chr(ord("A") + place) if place < 26 else f"{place + 1}"
    return " ".join(cell.split())[:80] or f"Column {letter}"


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for number, row in enumerate(reader, 1):
            yield number, row
    except csv.Error as error:
        wrong = "a quotation mark stands inside a cell; write it twice" if "expected after" in str(error) else ""
        wrong = wrong or "a quotation mark is opened and not closed"
        raise Unreadable(f"The file cannot be read from row {number:,} on: {wrong}.") from None
