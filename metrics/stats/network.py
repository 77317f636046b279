"""Who passes credit on to whom: the splits of many releases as columns, so that all of them can be settled at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

import numpy as np

from metrics.stats.split import HORIZON, CountedTwice, Floats, Help, Integers, Player, players_of, unblocking_teams


class SelfLoop(ValueError):
    """A product is said to have helped itself."""


class NotAnEffect(ValueError):
    """An effect that is no number, or whose error is none."""


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """Where credit stands: a product, with respect to a KPI, in a period. Credit never leaves its KPI and its period."""

    product: str
    kpi: str
    period: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a release changed in the KPI's own unit, with its standard error.

    Releases so close that only their joint effect is known carry the same ``bundle``: their errors are one error.
    Raises NotAnEffect.
    """

    value: float
    error: float
    bundle: str = ""

    def __post_init__(self) -> None:
        """Refuse what would spread through the whole network."""
        if not (isfinite(self.value) and isfinite(self.error) and self.error >= 0):
            raise NotAnEffect(
                f"An effect is a number with an error that is not negative, not {self.value} ± {self.error}."
            )


@dataclass(frozen=True, slots=True)
class Downstream:
    """A release, the node it belongs to, the help it got, and its effect; None where it only passes on what others owe it."""

    release: str
    node: Node
    effect: Effect | None
    helps: tuple[Help, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Columns. One row a release: ``home`` (number of its node), ``effect``, ``error``, ``joint`` (releases with the same number share one error)
    and ``unblockers`` (k). One row a player: the ``release`` it helped, the node ``to`` which its share goes, what it ``unblocks``, its days from
    ``low`` to ``high``. One row a node: the number of its ``kpi``. ``horizon`` in working days. Releases are in the order of their nodes, players
    in that of their releases.
    """

    nodes: tuple[Node, ...]
    kpi: Integers
    home: Integers
    effect: Floats
    error: Floats
    joint: Integers
    unblockers: Floats
    release: Integers
    to: Integers
    unblocks: Floats
    low: Floats
    high: Floats
    horizon: float

    @property
    def uncertain(self) -> bool:
        """Whether anybody's days are known only from low to high."""
        return bool((self.low < self.high).any())


def gather(downstreams: Iterable[Downstream], *, horizon: float = HORIZON) -> Network:
    """The network of these releases, the same whatever their order. Raises SelfLoop, CountedTwice and TooManyUnblockers."""
    releases = sorted(downstreams, key=lambda one: (*_plain(one.node), one.release))
    homes = [_plain(one.node) for one in releases]
    for one, other in pairwise(releases):
        if one.release == other.release and one.node == other.node:
            raise CountedTwice(f"{one.release} is there twice for {one.node.kpi}; every effect counts once.")
    casts = [_cast(one) for one in releases]
    rows = [(number, player) for number, cast in enumerate(casts) for player in cast]
    targets = [(player.product, *homes[number][1:]) for number, player in rows]
    nodes = sorted({*homes, *targets})
    place = {node: number for number, node in enumerate(nodes)}
    return Network(
        nodes=tuple(Node(*node) for node in nodes),
        kpi=_numbered([kpi for _, kpi, _ in nodes]),
        home=_integers([place[node] for node in homes]),
        effect=_floats([one.effect.value if one.effect else 0.0 for one in releases]),
        error=_floats([one.effect.error if one.effect else 0.0 for one in releases]),
        joint=_numbered([_joint(number, one) for number, one in enumerate(releases)]),
        unblockers=_floats([unblocking_teams(cast) for cast in casts]),
        release=_integers([number for number, _ in rows]),
        to=_integers([place[node] for node in targets]),
        unblocks=_floats([player.unblocks for _, player in rows]),
        low=_floats([player.days.low for _, player in rows]),
        high=_floats([player.days.high for _, player in rows]),
        horizon=horizon,
    )


def _plain(node: Node) -> tuple[str, str, str]:
    """A node as a tuple: compared and looked up in C, which takes a fifth off gathering."""
    return node.product, node.kpi, node.period


def _cast(one: Downstream) -> tuple[Player, ...]:
    if any(help.product == one.node.product for help in one.helps):
        raise SelfLoop(f"{one.node.product} cannot be credited with having helped its own release {one.release}.")
    return players_of(one.helps)


def _joint(number: int, one: Downstream) -> tuple[str, str, int]:
    """What releases with one error have in common: the KPI and the bundle; alone, nothing."""
    bundle = one.effect.bundle if one.effect else ""
    return (one.node.kpi, bundle, -1) if bundle else ("", "", number)


def _numbered(values: Sequence[object]) -> Integers:
    """Equal values get the same number, in the order of their first appearance."""
    numbers: dict[object, int] = {}
    return _integers([numbers.setdefault(value, len(numbers)) for value in values])


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.intp)


def _floats(values: Sequence[float]) -> Floats:
    return np.array(values, dtype=np.float64)
