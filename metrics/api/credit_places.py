"""Where pages of credit go on: cursors by what rows say, as their ids change whenever credit is made anew."""

import re
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from metrics.models import Credit, CreditSplit
from metrics.queries.credit_records import CreditSum, Place
from pmtrack.web.pagination import bad_cursor, read_cursor

NUMBER = r"([1-9][0-9]{0,17})"
DAY = r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
ROW, SPLIT = re.compile(f"{DAY}/{NUMBER}/{NUMBER}"), re.compile(f"{NUMBER}/{NUMBER}/{DAY}")
SUM, HELP = re.compile(f"{DAY}/{NUMBER}"), re.compile(f"{NUMBER}/{NUMBER}/{NUMBER}")


def _matched(shape: re.Pattern[str], cursor: Any) -> tuple[str, ...]:
    """The parts of a cursor of ours. Raises a 400 ``Problem`` for anything else."""
    found = shape.fullmatch(cursor) if isinstance(cursor, str) else None
    if found is None:
        raise bad_cursor()
    return found.groups()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad_cursor() from None


def after_row(rows: QuerySet[Credit], cursor: Any) -> QuerySet[Credit]:
    """The rows behind a cursor. Raises a 400 ``Problem`` for one that is not ours, as all here do."""
    told, kpi, product = _matched(ROW, cursor)
    period = _day(told)
    return rows.filter(
        Q(period__lt=period)
        | Q(period=period, kpi__lt=int(kpi))
        | Q(period=period, kpi=int(kpi), product__lt=int(product))
    )


def row_place(row: Credit) -> str:
    """Where a row stands in the list. Ids do not say it: credit may be made anew at any moment."""
    return f"{row.period}/{row.kpi_id}/{row.product_id}"


def after_split(rows: QuerySet[CreditSplit], cursor: Any) -> QuerySet[CreditSplit]:
    """The splits behind a cursor."""
    release, kpi, told = _matched(SPLIT, cursor)
    here = {"release": int(release), "kpi": int(kpi)}
    behind = Q(release__lt=int(release)) | Q(release=int(release), kpi__lt=int(kpi))
    return rows.filter(behind | Q(**here, period__lt=_day(told)), release__lte=int(release))


def split_place(row: CreditSplit) -> str:
    """Where a split stands in the list."""
    return f"{row.release_id}/{row.kpi_id}/{row.period}"


def behind_sum(given: dict[str, str]) -> tuple[date, int] | None:
    """The quarter and KPI that the page before ended with."""
    if "cursor" not in given:
        return None
    told, kpi = _matched(SUM, read_cursor(given["cursor"]))
    return _day(told), int(kpi)


def sum_place(row: CreditSum) -> str:
    """Where a sum stands in the list."""
    return f"{row.period}/{row.kpi_id}"


def behind_help(given: dict[str, str]) -> Place | None:
    """The release, KPI and enablement that the page before ended with."""
    if "cursor" not in given:
        return None
    release, kpi, enablement = _matched(HELP, read_cursor(given["cursor"]))
    return int(release), int(kpi), int(enablement)
