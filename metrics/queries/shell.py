"""The frame of every page: where one is, whose products stand in the rail, who is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from metrics.queries.scope import KnownTeam, own_teams, products_of
from metrics.queries.words import listed
from products.access import Actor
from products.models import User

RAIL_PRODUCTS = 12
ROLE_WORDS = {"lead": "Lead", "pm": "PM", "member": "Member"}


@dataclass(frozen=True, slots=True)
class RailProduct:
    """A product in the rail."""

    slug: str
    name: str
    type: str
    url: str


@dataclass(frozen=True, slots=True)
class Me:
    """The person signed in, and what he is where."""

    name: str
    role_line: str


@dataclass(frozen=True, slots=True)
class Shell:
    """What base.html prints around a page; ``nav`` is the key of the current entry or a product's slug."""

    nav: str
    products: tuple[RailProduct, ...]
    me: Me


def shell_of(user: Actor, teams: Sequence[KnownTeam], *, day: date, nav: str) -> Shell:
    """The frame for a reader. One statement; none for people without a team."""
    mine = own_teams(teams)
    rows = list(products_of(user, mine, day=day).order_by("type", "name")[:RAIL_PRODUCTS]) if mine else []
    products = tuple(RailProduct(row.slug, row.name, row.type, reverse("product", args=[row.slug])) for row in rows)
    return Shell(nav, products, Me(user.name if isinstance(user, User) else "", _role_line(user, mine)))


def _role_line(user: Actor, mine: Sequence[KnownTeam]) -> str:
    if mine:
        return f"{ROLE_WORDS[mine[0].role]}, {listed([team.name for team in mine])}"
    return "Administrator" if isinstance(user, User) and user.is_admin else "No team"
