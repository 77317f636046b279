"""Tables for spreadsheets: CSV in which no cell is taken for a formula."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

STARTS_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Lines(list[str]):
    """What a csv writer writes to."""

    def write(self, line: str) -> None:
        """Keep a line."""
        self.append(line)


def safe_cell(value: object) -> object:
    """Texts that a spreadsheet would calculate start with an apostrophe; numbers stay what they are."""
    if isinstance(value, str) and value.lstrip(" ").startswith(STARTS_OF_FORMULAS):
        return f"'{value}"
    return "" if value is None else value


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A download called ``name`` with one line for each row, in UTF-8 with the mark that spreadsheets look for."""
    lines = _Lines()
    writer = csv.writer(lines)
    writer.writerow(header)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    response = HttpResponse("\ufeff" + "".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
