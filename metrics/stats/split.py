"""Whose work one release was: the builder, those without whom it had not happened, and those who saved days.

The game: with horizon T, a set S of players is worth v(S) = 1[builder and all unblockers in S] · (T − Σ days of those missing) ÷ T,
and everybody gets his Shapley value (Shapley 1953), which has a closed form in this game (docs/metrics.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

HORIZON = 90.0  # working days within which a release counts as having happened; one horizon for the company
ASSUMED_DAYS = 9.0  # working days to build or buy oneself what was enabled, where nobody said how many
MOST_UNBLOCKERS = 4  # teams
EVIDENCE = frozenset({"confirmed", "adjusted", "measured"})  # adjusted is confirmed, with other numbers

Kind = Literal["enabled", "unblocked", "accelerated"]
State = Literal["claimed", "confirmed", "adjusted", "disputed", "measured"]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


class TooManyUnblockers(ValueError):
    """More than four teams are said to have unblocked one release."""

    def __init__(self, teams: Sequence[str]) -> None:
        super().__init__(
            f"{len(teams)} teams are named as having unblocked this release ({', '.join(teams)}); "
            f"at most {MOST_UNBLOCKERS} can be: name the {MOST_UNBLOCKERS} that mattered most."
        )
        self.teams = tuple(teams)


class NotDays(ValueError):
    """Days saved that are no span of days."""


class CountedTwice(ValueError):
    """The same help, or the same release's effect, is there twice."""


@dataclass(frozen=True, slots=True)
class Days:
    """Working days from ``low`` to ``high``; uncertain where the two differ. NotDays unless 0 ≤ low ≤ high < ∞."""

    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse what is no span of days."""
        if not (0 <= self.low <= self.high and isfinite(self.high)):
            raise NotDays(
                f"Days saved go from a low to a high number, neither below 0, not from {self.low} to {self.high}."
            )


@dataclass(frozen=True, slots=True)
class Help:
    """One claim of help that a release got: enablement ``key`` ("E-211"), whose work, of what kind, how well evidenced, what it saved."""

    key: str
    product: str
    team: str
    kind: Kind
    state: State
    days: Days | None = None


@dataclass(frozen=True, slots=True)
class Player:
    """What a team's product does in the game. ``unblocks`` is its part of the team's role as unblocker (0: it saved ``days``)."""

    team: str
    product: str
    unblocks: float
    days: Days
    assumed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A player with its share, from 0 to 1, of the release's effect; ``assumed`` says that its days were not stated by anybody."""

    player: Player
    share: float

    @property
    def assumed(self) -> bool:
        """Whether the share rests on days that nobody stated."""
        return self.player.assumed


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of one release's effect, together 1. ``unsized`` names confirmed helps that saved days nobody counted: they share nothing."""

    builder: float
    parts: tuple[Part, ...]
    unsized: tuple[str, ...]

    def share(self, product: str) -> float:
        """What a product gets, whichever teams worked on it: 0 without evidence."""
        return sum(part.share for part in self.parts if part.player.product == product)


def split(helps: Iterable[Help], *, horizon: float = HORIZON) -> Split:
    """The Shapley value of the builder and of every helper with evidence; uncertain days count with their middle.

    Raises TooManyUnblockers and CountedTwice.
    """
    held = tuple(helps)
    players = players_of(held)
    builder, share = shapley(
        np.array([player.unblocks for player in players], dtype=np.float64),
        np.array([(player.days.low + player.days.high) / 2 for player in players], dtype=np.float64),
        np.zeros(len(players), dtype=np.intp),
        np.array([unblocking_teams(players)], dtype=np.float64),
        horizon,
    )
    parts = tuple(Part(player, float(one)) for player, one in zip(players, share, strict=True))
    return Split(float(builder[0]), parts, tuple(help.key for help in held if _unsized(help)))


def players_of(helps: Iterable[Help]) -> tuple[Player, ...]:
    """Who enters the game, in an order that does not depend on that of the claims. Raises TooManyUnblockers and CountedTwice.

    A team is one player. Without an unblocker nothing is worth anything, so days that its team saved besides add nothing;
    where it unblocked with several products they share its part equally.
    """
    held = sorted(helps, key=lambda help: help.key)
    for one, other in pairwise(held):
        if one.key == other.key:
            raise CountedTwice(f"{one.key} is there twice; every help counts once.")
    evident = [help for help in held if help.state in EVIDENCE and not _unsized(help)]
    unblocking: dict[str, set[str]] = {}
    for help in evident:
        if help.kind == "unblocked":
            unblocking.setdefault(help.team, set()).add(help.product)
    if len(unblocking) > MOST_UNBLOCKERS:
        raise TooManyUnblockers(sorted(unblocking))
    return (*_unblockers(unblocking), *_accelerators([help for help in evident if help.team not in unblocking]))


def unblocking_teams(players: Iterable[Player]) -> int:
    """How many teams unblocked: k."""
    return len({player.team for player in players if player.unblocks})


def shapley(
    unblocks: Floats, days: Floats, release: Integers, unblockers: Floats, horizon: float
) -> tuple[Floats, Floats]:
    """Shares of many releases at once: of each builder (one a release), and of each player (one a row).

    Rows: ``unblocks`` from 0 to 1, ``days`` (working days, not negative) and the number of the ``release`` they are about.
    ``unblockers`` is k, the number of unblocking teams of each release. With a = days ÷ T and A = Σ a, scaled down to A = 1 where it
    is more, builder and unblocker get (1 − A) ÷ (k + 1) + A ÷ (k + 2), an accelerator a ÷ (k + 2). NotDays unless 0 < T < ∞.
    """
    if not 0 < horizon < inf:
        raise NotDays(f"The horizon is a number of working days above 0, not {horizon}.")
    total = np.bincount(release, days, minlength=len(unblockers))
    saved = np.minimum(total / horizon, 1.0)
    builder = (1 - saved) / (unblockers + 1) + saved / (unblockers + 2)
    a_day = 1 / (np.maximum(total, horizon) * (unblockers + 2))
    return builder, unblocks * builder.take(release) + days * a_day.take(release)


def _unsized(help: Help) -> bool:
    return help.kind == "accelerated" and help.days is None and help.state in EVIDENCE


def _unblockers(products: dict[str, set[str]]) -> list[Player]:
    return [
        Player(team, product, 1 / len(products[team]), Days(0, 0), assumed=False)
        for team in sorted(products)
        for product in sorted(products[team])
    ]


def _accelerators(helps: Sequence[Help]) -> list[Player]:
    """A team's days with a product added up over its claims."""
    saved: dict[tuple[str, str], tuple[float, float, bool]] = {}
    for help in helps:
        days = help.days or Days(ASSUMED_DAYS, ASSUMED_DAYS)
        low, high, assumed = saved.get((help.team, help.product), (0.0, 0.0, False))
        saved[help.team, help.product] = (low + days.low, high + days.high, assumed or help.days is None)
    return [
        Player(team, product, 0.0, Days(low, high), assumed)
        for (team, product), (low, high, assumed) in sorted(saved.items())
    ]
