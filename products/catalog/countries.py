"""Countries and their public holidays, as the ``holidays`` package knows them."""

import re
from datetime import date
from functools import cache, lru_cache

from holidays import country_holidays
from holidays.registry import COUNTRIES

# The package keeps (name in one word, alpha-2, alpha-3, …) for each country; a word begins with a capital letter.
WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
NAMES: dict[str, str] = {code: WORDS.sub(" ", name) for name, code, *_ in COUNTRIES.values()}
FIRST_YEAR, LAST_YEAR = 1990, 2099


def country_name(code: str) -> str:
    """The country's English name, or the code where nobody knows it."""
    return NAMES.get(code, code)


@cache
def subdivisions(code: str) -> tuple[str, ...]:
    """Codes of the states, provinces or cantons of a country that have holidays of their own, in order."""
    return tuple(sorted(country_holidays(code).subdivisions)) if code in NAMES else ()


@lru_cache(maxsize=512)
def _holidays_of_year(code: str, subdivision: str, year: int) -> tuple[tuple[date, str], ...]:
    return tuple(sorted(country_holidays(code, subdiv=subdivision or None, years=year, language="en_US").items()))


def public_holidays(code: str, subdivision: str, *, first: date, last: date) -> tuple[tuple[date, str], ...]:
    """The public holidays from ``first`` to ``last`` with their names, in order; none where the country is not known.

    A subdivision that the country no longer has counts as none, so that an update of the package never breaks a figure.
    """
    if code not in NAMES:
        return ()
    state = subdivision if subdivision in subdivisions(code) else ""
    years = range(max(first.year, FIRST_YEAR), min(last.year, LAST_YEAR) + 1)
    found = (one for year in years for one in _holidays_of_year(code, state, year))
    return tuple((day, name) for day, name in found if first <= day <= last)
