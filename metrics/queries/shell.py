"""The frame of every page: where one is, whose products stand in the rail, who is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.queries.scope import MOST_OPEN, RAIL_PRODUCTS, KnownTeam, RailProduct, own_teams
from products.access import Actor
from products.catalog.words import counted, listed
from products.models import User

ROLE_WORDS = {"lead": "Lead", "pm": "PM", "member": "Member"}


@dataclass(frozen=True, slots=True)
class Me:
    """The person signed in, and what he is where."""

    number: int
    name: str
    role_line: str


@dataclass(frozen=True, slots=True)
class Shell:
    """What base.html prints around a page; ``nav`` is the key of the current entry or a product's slug.

    ``open`` counts the open items about the reader's products, at most ``MOST_OPEN``; ``asked`` the sign-offs that wait for
    the reader.
    """

    nav: str
    products: tuple[RailProduct, ...]
    me: Me
    open: int = 0
    asked: int = 0

    @property
    def open_text(self) -> str:
        """``44``; ``99+`` where there are more."""
        return str(self.open) if self.open < MOST_OPEN else f"{MOST_OPEN - 1}+"

    @property
    def asked_words(self) -> str:
        """``2 sign-offs wait for you``."""
        return f"{counted(self.asked, 'sign-off')} {'waits' if self.asked == 1 else 'wait'} for you"

    @property
    def open_words(self) -> str:
        """The same for those who do not see where it stands."""
        return f"{self.open_text} open" if self.open < MOST_OPEN else f"more than {MOST_OPEN - 1} open"


def _asked(teams: Sequence[KnownTeam]) -> int:
    return max((team.asked for team in teams), default=0)


def shell_of(user: Actor, teams: Sequence[KnownTeam], *, nav: str) -> Shell:
    """The frame for a reader, from what is known of the teams. No statement."""
    mine = own_teams(teams)
    products = sorted({one for team in mine for one in team.products}, key=lambda one: (one.type, one.name))
    me = Me(user.pk or 0, user.name if isinstance(user, User) else "", _role_line(user, mine))
    heard = min(MOST_OPEN, sum(team.open for team in mine))
    return Shell(nav, tuple(products[:RAIL_PRODUCTS]), me, heard, _asked(teams))


def _role_line(user: Actor, mine: Sequence[KnownTeam]) -> str:
    if mine:
        return f"{ROLE_WORDS[mine[0].role]}, {listed([team.name for team in mine])}"
    return "Administrator" if isinstance(user, User) and user.is_admin else "No team"
