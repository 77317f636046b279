"""Credit that flows back and is never counted twice, and beside it, never mixed with it, what was assisted.

Effects e are split release by release; what reaches a product is passed on by the mean of its releases' splits, A, until nothing is left to
pass on. Nothing is lost on the way, so credits add up to the effects in any graph, cycles included (docs/metrics.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from metrics.stats.network import Downstream, Effect, Network, Node
from metrics.stats.split import EVIDENCE, Floats, Integers, Kind, shapley

DRAWS = 200
SLICE = 2_000  # nodes that pass on together
EXACT_CELLS = 1_000_000  # of the matrix from effects to credits; a larger one is not worth its memory
ENOUGH, ENOUGH_FOR_AN_ERROR = 1e-12, 1e-5  # of the KPI's largest effect; 200 draws know an error to one part in twenty
NORMAL_95 = 1.959963984540054


class MixedKpis(ValueError):
    """Credits of different KPIs were to be added up."""


class NothingCredited(LookupError):
    """A node that no effect was looked at for."""


@dataclass(frozen=True, slots=True)
class Credited:
    """A share of measured effects in the KPI's own unit, with its standard error. Such shares may be added up, by ``Credits.over``."""

    kpi: str
    value: float
    error: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval, taking the error as normal."""
        return self.value - NORMAL_95 * self.error, self.value + NORMAL_95 * self.error


@dataclass(frozen=True, slots=True)
class Assisted:
    """The whole effect of a release that a product's work helped, with the effect's own error. Context: it is never added up.

    ``product`` helped, by enablement ``key`` of a ``kind``; ``release`` of ``owner`` had the ``effect``.
    """

    product: str
    key: str
    kind: Kind
    release: str
    owner: Node
    effect: Effect


@dataclass(frozen=True, slots=True, eq=False)
class Credits:
    """Credit of each node. ``spread`` (nodes × sources of error) has the credits' covariance as its product with itself.

    ``exact`` says that the errors follow from the effects' errors alone; else they come from joint draws.
    """

    nodes: tuple[Node, ...]
    values: Floats
    spread: Floats
    exact: bool

    @property
    def errors(self) -> Floats:
        """The standard error of each node's credit."""
        errors: Floats = np.sqrt((self.spread**2).sum(axis=1))
        return errors

    def by_node(self) -> dict[Node, Credited]:
        """The credit of every node."""
        rows = zip(self.nodes, self.values, self.errors, strict=True)
        return {node: Credited(node.kpi, float(value), float(error)) for node, value, error in rows}

    def over(self, nodes: Iterable[Node]) -> Credited:
        """The sum over distinct nodes of one KPI, whose errors are seldom independent. Raises MixedKpis and NothingCredited."""
        wanted = set(nodes)
        if len({node.kpi for node in wanted}) > 1:
            raise MixedKpis("Credits are added up within one KPI only; these are about several.")
        if not wanted or not wanted.issubset(self.nodes):
            raise NothingCredited("There is no credit to add up for what was asked.")
        rows = [number for number, node in enumerate(self.nodes) if node in wanted]
        error = float(np.sqrt((self.spread[rows].sum(axis=0) ** 2).sum()))
        return Credited(next(iter(wanted)).kpi, float(self.values[rows].sum()), error)


def assisted(downstreams: Iterable[Downstream]) -> tuple[Assisted, ...]:
    """What each product's confirmed or measured help assisted: one row for each help and release with an effect, the effect whole."""
    return tuple(
        Assisted(help.product, help.key, help.kind, one.release, one.node, one.effect)
        for one in downstreams
        if one.effect is not None
        for help in one.helps
        if help.state in EVIDENCE
    )


def credited(network: Network, *, rng: np.random.Generator) -> Credits:
    """What each node is credited with, and how sure that is.

    Errors are exact, SE = √Σ(M·SE)², where the network is small and all days are certain; else they are those of 200 joint draws from ``rng``:
    effects normal around their values, days even between low and high. The credits themselves never depend on ``rng``.
    """
    exact = not network.uncertain and len(network.nodes) * (len(network.nodes) + len(network.home)) <= EXACT_CELLS
    spread = _joined(network, effect_shares(network) * network.error) if exact else _drawn(network, rng)
    return Credits(network.nodes, settle(network), spread, exact)


def settle(network: Network) -> Floats:
    """What each node is credited with, without the errors; uncertain days count with their middle."""
    limit = _limit(network, ENOUGH * np.abs(network.effect))
    return _settled(_Ways.of(network), (network.low + network.high) / 2, network.effect, limit)


def effect_shares(network: Network) -> Floats:
    """M, nodes × releases: the share of each release's effect that each node is credited with. Every column adds up to 1.

    Solved directly, so for small networks only: time grows with the third power of the number of nodes.
    """
    ways = _Ways.of(network)
    builder, share = _shared(network, (network.low + network.high) / 2)
    size, releases = len(network.nodes), np.arange(len(network.home))
    first, onward = np.zeros((size, len(releases))), np.zeros((size, size))
    np.add.at(first, (network.to, network.release), share)
    np.add.at(onward, (network.to, ways.source), share * ways.part)
    shares: Floats = (1 - onward.sum(axis=0))[:, None] * np.linalg.solve(np.eye(size) - onward, first)
    shares[network.home, releases] += builder
    return shares


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """What does not change from draw to draw. A row a player: the node that passes on, and the part that this release has in what it passes on.

    A row a release: the same part. A row a node: 1 where it has no release, so that all that arrives stays. ``slices`` of nodes, each with
    the players to whom these nodes pass on, who stand together because a network is in order.
    """

    network: Network
    source: Integers
    part: Floats
    part_of_release: Floats
    ends: Floats
    slices: tuple[tuple[slice, slice], ...]

    @staticmethod
    def of(network: Network) -> "_Ways":
        releases = np.bincount(network.home, minlength=len(network.nodes))
        part = 1 / releases[network.home]
        ends = (releases == 0).astype(np.float64)
        source = network.home[network.release]
        edges = np.arange(0, len(network.nodes) + SLICE, SLICE)
        spans = zip(pairwise(edges.tolist()), pairwise(np.searchsorted(source, edges).tolist()), strict=True)
        slices = tuple((slice(*nodes), slice(*players)) for nodes, players in spans)
        return _Ways(network, source, part[network.release], part, ends, slices)


def _limit(network: Network, negligible: Floats) -> Floats:
    """What need not be passed on any more, for each node: the largest of its KPI's releases' ``negligible`` amounts, but never quite 0."""
    largest = np.full(len(network.nodes), np.finfo(np.float64).tiny)
    np.maximum.at(largest, network.kpi[network.home], negligible)
    return largest[network.kpi]


def _settled(ways: _Ways, days: Floats, effect: Floats, limit: Floats) -> Floats:
    """Pass on until what is still under way is within ``limit`` everywhere.

    Slice after slice, so that a slice passes on at once what an earlier one has sent it: a third fewer rounds. A builder keeps at least a
    sixth of what reaches it, so this ends; splitting a sparse matrix into factors takes far longer.
    """
    network, size = ways.network, len(ways.network.nodes)
    builder, share = _shared(network, days)
    moving = np.bincount(network.to, share * effect.take(network.release), minlength=size)
    arrived, onward = np.zeros(size), share * ways.part
    while (np.abs(moving) > limit).any():
        for nodes, players in ways.slices:
            arrived[nodes] += moving[nodes]
            sent = onward[players] * moving.take(ways.source[players])
            moving[nodes] = 0.0
            moving += np.bincount(network.to[players], sent, minlength=size)
    arrived += moving
    kept = ways.ends + np.bincount(network.home, builder * ways.part_of_release, minlength=size)
    credits: Floats = np.bincount(network.home, builder * effect, minlength=size) + kept * arrived
    return credits


def _shared(network: Network, days: Floats) -> tuple[Floats, Floats]:
    """The builder's share of each release, and each player's."""
    return shapley(network.unblocks, days, network.release, network.unblockers, network.horizon)


def _joined(network: Network, errors: Floats) -> Floats:
    """Columns (one a release) whose errors are one error, added up."""
    joined = np.zeros((len(network.nodes), int(network.joint.max(initial=-1)) + 1))
    np.add.at(joined.T, network.joint, errors.T)
    return joined


def _drawn(network: Network, rng: np.random.Generator) -> Floats:
    """Deviations of 200 draws from their mean, scaled so that their squares add up to the variance.

    One draw after the other: each then stays in the processor's cache, which is faster than blocks of draws at once (bench B16).
    """
    ways, drawn = _Ways.of(network), np.empty((DRAWS, len(network.nodes)))
    sources = int(network.joint.max(initial=-1)) + 1
    unsure = np.flatnonzero(network.low < network.high)
    spans, days = (network.high - network.low)[unsure], network.low.copy()
    limit = _limit(network, ENOUGH_FOR_AN_ERROR * (np.abs(network.effect) + network.error))
    for row in drawn:
        effect = network.effect + network.error * rng.standard_normal(sources)[network.joint]
        days[unsure] = network.low[unsure] + spans * rng.random(len(unsure))
        row[:] = _settled(ways, days, effect, limit)
    drawn -= drawn.mean(axis=0)
    drawn /= np.sqrt(DRAWS - 1)
    return drawn.T
