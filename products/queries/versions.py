"""Data versions: one statement tells whether anything changed that a page or an answer is made of.

Triggers keep them (products migration 0008). A version that was read before the data can only be too old, never too new.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from products.access import Actor

EVERYTHING, CATALOGUE = 0, -1
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,80}")

CALL = """products_version(%(scopes)s::bigint[], %(products)s::text[], %(releases)s::bigint[], %(teams)s::text[],
    %(own)s, %(reader)s::bigint, %(day)s::date)"""
VERSION = f"SELECT {CALL}"
HELD = f"""
SELECT held.session_data, person.password, {CALL}
FROM django_session AS held JOIN products_user AS person ON person.id = %(reader)s AND person.is_active
WHERE held.session_key = %(session)s AND held.expire_date > %(now)s
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page is made of, beside the catalogue: products by slug or id, a release's product, the products of teams.

    ``own`` are the teams that the reader belongs to; for those who belong to none it is everything.
    """

    products: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    releases: tuple[int, ...] = ()
    teams: tuple[str, ...] = ()
    own: bool = False

    def values(self, reader: int, *, day: date) -> dict[str, Any]:
        """The values that ``VERSION`` takes."""
        return {
            "scopes": [CATALOGUE, *self.ids],
            "products": list(self.products),
            "releases": list(self.releases),
            "teams": list(self.teams),
            "own": self.own,
            "reader": reader,
            "day": day,
        }

    def version(self, user: Actor, *, day: date) -> str:
        """The version that is committed now. One statement."""
        with connection.cursor() as cursor:
            cursor.execute(VERSION, self.values(user.pk or 0, day=day))
            (version,) = cursor.fetchone()
        return str(version)


NAMES_ONLY = Scope()
ALL_FACTS = Scope(ids=(EVERYTHING,))


def product_scope(slug: str) -> Scope:
    """One product's facts; of all products where no slug is given, or none that could be one."""
    return Scope(products=(slug,)) if SLUG.fullmatch(slug) else ALL_FACTS


def team_scope(slugs: Iterable[str]) -> Scope:
    """The facts of the products of teams, the reader's own without any."""
    named = tuple(slugs)
    if not all(SLUG.fullmatch(slug) for slug in named):
        return ALL_FACTS
    return Scope(teams=named) if named else Scope(own=True)


@dataclass(frozen=True, slots=True)
class Held:
    """A live session's data as stored, its reader's password hash, and the version of what he holds."""

    session: str
    password: str
    version: str


def session_and_version(scope: Scope, *, session: str, reader: int, now: datetime) -> Held | None:
    """The session and the version for the active colleague ``reader``, in one statement; None where either is gone."""
    values = {**scope.values(reader, day=now.date()), "session": session, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(HELD, values)
        row = cursor.fetchone()
    return Held(*row) if row else None
