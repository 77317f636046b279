"""Whose products a page shows: the teams of the address, or the reader's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from metrics.queries.prepared import rows_of
from metrics.queries.sql import TEAMS, TEAMS_AND_VERSION
from products.access import Actor, is_known, visible_products
from products.models import Membership, Product
from products.queries.versions import Scope

RAIL_PRODUCTS = 12
MOST_OPEN = 100
MOST = {"most": RAIL_PRODUCTS, "most_open": MOST_OPEN}
RANK = {Membership.Role.LEAD.value: 0, Membership.Role.PM.value: 1, Membership.Role.MEMBER.value: 2}


@lru_cache(maxsize=4096)
def product_url(slug: str) -> str:
    """The address of a product's page; a rail asks for a dozen on every view."""
    return reverse("product", args=[slug])


@dataclass(frozen=True, slots=True)
class RailProduct:
    """A product of an own team, as the rail lists it."""

    slug: str
    name: str
    type: str

    @property
    def url(self) -> str:
        """Its page."""
        return product_url(self.slug)


@dataclass(frozen=True, slots=True)
class KnownTeam:
    """A team and what the reader is in it ("lead", "pm", "member", or "" for an outsider).

    ``products`` are the first dozen of what the reader's own team owns; of others' teams none. ``open`` counts what was
    heard about all that it owns and is not diagnosed, up to ``MOST_OPEN``; 0 where the reader neither leads it nor is its PM.
    ``asked`` counts the sign-offs that wait for the reader, up to the same; it is about no team, and so alike in all.
    """

    id: int
    slug: str
    name: str
    role: str
    products: tuple[RailProduct, ...] = ()
    open: int = 0
    asked: int = 0


class UnknownTeam(Exception):
    """A team in the address does not exist; ``known`` are those that do."""

    def __init__(self, slug: str, known: Sequence[KnownTeam]) -> None:
        super().__init__(f"There is no team '{slug}'.")
        self.slug = slug
        self.known = tuple(known)


def known_teams(user: Actor, *, day: date) -> tuple[KnownTeam, ...]:
    """Every team by name with what the reader is in it, in one statement. Open to everybody signed in, as in access.py."""
    if not is_known(user):
        return ()
    return _teams(rows_of(TEAMS, {"reader": user.pk, "today": day, **MOST}))


def teams_and_version(user: Actor, scope: Scope, *, day: date) -> tuple[tuple[KnownTeam, ...], str]:
    """``known_teams`` and the data version of ``scope``, in one statement."""
    if not is_known(user):
        return (), ""
    values = {"today": day, **MOST, **scope.values(user.pk or 0, day=day)}
    rows = rows_of(TEAMS_AND_VERSION, values)
    return _teams(row[1:] for row in rows if row[1] is not None), rows[0][0]


def _teams(rows: Iterable[tuple[Any, ...]]) -> tuple[KnownTeam, ...]:
    return tuple(
        KnownTeam(pk, slug, name, role, tuple(RailProduct(*product) for product in products), heard, asked)
        for pk, slug, name, role, products, heard, asked in rows
    )


def own_teams(teams: Sequence[KnownTeam]) -> tuple[KnownTeam, ...]:
    """The reader's own: those he leads, else those he is PM of, else those he is a member of."""
    mine = sorted((team for team in teams if team.role), key=lambda team: (RANK[team.role], team.name))
    return tuple(team for team in mine if team.role == mine[0].role)


def chosen_teams(teams: Sequence[KnownTeam], slugs: Sequence[str]) -> tuple[KnownTeam, ...]:
    """The teams named, else the reader's own, else all. Raises ``UnknownTeam``."""
    by_slug = {team.slug: team for team in teams}
    for slug in slugs:
        if slug not in by_slug:
            raise UnknownTeam(slug, teams)
    return tuple(by_slug[slug] for slug in dict.fromkeys(slugs)) or own_teams(teams) or tuple(teams)


def products_of(user: Actor, teams: Sequence[KnownTeam], *, day: date) -> QuerySet[Product]:
    """The visible products that the teams own on ``day``; one team owns a product at a time."""
    return visible_products(user).filter(
        ownerships__team__in=[team.id for team in teams], ownerships__period__contains=day
    )
