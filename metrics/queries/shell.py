"""The frame of every page: where one is, whose products stand in the rail, who is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.queries.scope import RAIL_PRODUCTS, KnownTeam, RailProduct, own_teams
from metrics.queries.words import listed
from products.access import Actor
from products.models import User

ROLE_WORDS = {"lead": "Lead", "pm": "PM", "member": "Member"}


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


def shell_of(user: Actor, teams: Sequence[KnownTeam], *, nav: str) -> Shell:
    """The frame for a reader, from what is known of the teams. No statement."""
    mine = own_teams(teams)
    products = sorted({one for team in mine for one in team.products}, key=lambda one: (one.type, one.name))
    me = Me(user.name if isinstance(user, User) else "", _role_line(user, mine))
    return Shell(nav, tuple(products[:RAIL_PRODUCTS]), me)


def _role_line(user: Actor, mine: Sequence[KnownTeam]) -> str:
    if mine:
        return f"{ROLE_WORDS[mine[0].role]}, {listed([team.name for team in mine])}"
    return "Administrator" if isinstance(user, User) and user.is_admin else "No team"
