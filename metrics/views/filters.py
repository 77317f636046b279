"""Reads the filters of the impact pages from their address; what cannot be read is refused in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from metrics.queries.periods import BadPeriod, Period, read_period

LARGEST_PAGE = 10_000
MOST_NAMED = 8
SPANS = (3, 14, 26)


class BadFilter(Exception):
    """A filter in the address says nothing that can be shown; the message says how to write it."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What an impact page was asked for."""

    teams: tuple[str, ...]
    period: Period
    page: int
    whole: str


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a segmented choice."""

    text: str
    url: str
    current: bool


def read_filters(request: HttpRequest, *, today: date) -> Filters:
    """The filters of the address. Raises ``BadFilter``."""
    given = request.GET
    if any("\x00" in value for key in given for value in given.getlist(key)):
        raise BadFilter("The address holds a character that cannot be searched for.")
    try:
        period = read_period(given.get("from", ""), given.get("to", ""), today=today)
    except BadPeriod as error:
        raise BadFilter(str(error)) from error
    whole = given.get("all", "")
    if whole not in {"", "external", "internal"}:
        raise BadFilter("'all' must be external or internal.")
    return Filters(tuple(given.getlist("team")), period, read_page(given.get("page", "1")), whole)


def read_page(text: str) -> int:
    """A page's number from 1 on. Raises ``BadFilter``."""
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= LARGEST_PAGE):
        raise BadFilter(f"'page' must be a whole number from 1 to {LARGEST_PAGE}.")
    return int(text)


def read_choice(request: HttpRequest, name: str, choices: Sequence[str]) -> str:
    """One of ``choices`` from the address, "" for none. Raises ``BadFilter``."""
    text = request.GET.get(name, "")
    if text and text not in choices:
        known = f" Choose one of {', '.join(choices)}." if len(choices) <= MOST_NAMED else " Choose one from the list."
        raise BadFilter(f"'{name}' is '{text[:60]}', which there is not.{known}")
    return text


def page_links(request: HttpRequest, page: int, pages: int) -> dict[str, str]:
    """The addresses before and after a page of a list, which keep the filters; "" where there is none."""
    previous = f"?{keep(request, page=str(min(page - 1, pages)))}" if page > 1 else ""
    return {"previous": previous, "next": f"?{keep(request, page=str(page + 1))}" if page < pages else ""}


def bad_filter(request: HttpRequest, error: BadFilter) -> HttpResponse:
    """400 in words, with the way back to the page without filters."""
    return render(request, "metrics/bad_filter.html", {"reason": str(error), "path": request.path}, status=400)


def span_links(request: HttpRequest, period: Period, *, today: date) -> tuple[Link, ...]:
    """The usual periods in months, each ending now, as links that keep the teams."""
    last = today.year * 12 + today.month - 1
    links = []
    for months in SPANS:
        first = last - months + 1
        since = f"{first // 12}-{first % 12 + 1:02}"
        current = period.months == months and period.start.isoformat().startswith(since)
        links.append(Link(str(months), f"?{_query(request, since)}", current))
    return tuple(links)


def keep(request: HttpRequest, **changed: str | None) -> str:
    """The address's query with some parameters changed (None: without it)."""
    pairs = [(key, value) for key in request.GET for value in request.GET.getlist(key) if key not in changed]
    return urlencode([*pairs, *[(key, value) for key, value in changed.items() if value is not None]])


def team_query(slugs: Sequence[str]) -> str:
    """``team=a&team=b``."""
    return urlencode([("team", slug) for slug in slugs])


def _query(request: HttpRequest, since: str) -> str:
    return urlencode([*[("team", slug) for slug in request.GET.getlist("team")], ("from", since)])
