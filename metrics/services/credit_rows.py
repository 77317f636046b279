"""From facts to rows: what credit must say. Nothing is written here, so that a check is a comparison."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b

import numpy as np
from django.conf import settings

from metrics.models import Credit, CreditPart, CreditSplit
from metrics.sources.credits import CreditFacts, Read, quarter_of
from metrics.stats.credit import Credits, credited
from metrics.stats.network import Downstream, Effect, Network, Node, gather
from metrics.stats.split import EVIDENCE, Help, Split, TooManyUnblockers, split

METHOD = "credit 1"
Group = tuple[int, date]


@dataclass(frozen=True, slots=True)
class Asked:
    """The releases of one KPI and quarter with their helps, ready to be settled; ``digest`` tells whether they must be.

    ``refused`` says of a release, by its number, why its helps were left out.
    """

    group: Group
    downstreams: tuple[Downstream, ...]
    refused: Mapping[str, str]
    digest: str


@dataclass(slots=True)
class Rows:
    """The rows of one KPI and quarter; each part holds the split that it belongs to."""

    credits: list[Credit] = field(default_factory=list)
    splits: list[CreditSplit] = field(default_factory=list)
    parts: list[CreditPart] = field(default_factory=list)


def ask(facts: CreditFacts) -> Iterator[Asked]:
    """Every KPI and quarter with an effect, in order."""
    found: dict[Group, list[Read]] = defaultdict(list)
    for one in facts.read:
        found[one.kpi, one.period].append(one)
    for group in sorted(found):
        refused: dict[str, str] = {}
        downstreams = tuple(_downstreams(facts, group, found[group], refused))
        told = (METHOD, settings.CREDIT_HORIZON, downstreams, sorted(refused.items()))
        digest = blake2b(repr(told).encode(), digest_size=16)
        yield Asked(group, downstreams, refused, digest.hexdigest())


def answer(asked: Asked, *, now: datetime) -> Rows:
    """The rows of one KPI and quarter, the same for the same facts: the draws are seeded by the digest."""
    horizon = float(settings.CREDIT_HORIZON["days"])
    network = gather(asked.downstreams, horizon=horizon)
    settled = credited(network, rng=np.random.default_rng(int(asked.digest[:16], 16)))
    rows = Rows()
    kept: dict[Node, list[tuple[float, Effect | None]]] = defaultdict(list)
    for one in asked.downstreams:
        shared = split(one.helps, horizon=horizon)
        kept[one.node].append((shared.builder, one.effect))
        _add_split(rows, asked, one, shared)
    for number, node in enumerate(network.nodes):
        rows.credits.append(_credit(asked, network, settled, number, kept[node], now))
    return rows


def _downstreams(
    facts: CreditFacts, group: Group, read: Sequence[Read], refused: dict[str, str]
) -> Iterator[Downstream]:
    """The releases with an effect, then whatever helped them, then what helped those, each once; circles end."""
    kpi, period = group
    waiting: deque[tuple[int, int, Effect | None]] = deque((one.release, one.product, one.effect) for one in read)
    seen = {one.release for one in read}
    while waiting:
        release, product, effect = waiting.popleft()
        carrier = facts.carriers.get(release)
        said = [one for feature in (carrier.features if carrier else ()) for one in facts.said.get(feature, ())]
        said = [one for one in said if not facts.is_same(one.product, product)]
        helps = _playable(release, tuple(one.help for one in said), refused)
        for one in said if helps else ():
            for helping in _passing(facts, one.product, one.release, period):
                if helping not in seen:
                    seen.add(helping)
                    waiting.append((helping, one.product, None))
        yield Downstream(str(release), Node(str(product), str(kpi), period.isoformat()), effect, helps)


def _passing(facts: CreditFacts, product: int, release: int | None, period: date) -> list[int]:
    """The releases whose own helps are passed on to: the one that is named, or the product's helped ones of the quarter."""
    if release is not None:
        return [release]
    carriers = facts.carriers.items()
    return [pk for pk, one in carriers if one.product == product and quarter_of(one.live_on) == period]


def _playable(release: int, helps: tuple[Help, ...], refused: dict[str, str]) -> tuple[Help, ...]:
    """The helps as they enter the split; none where too many teams are said to have unblocked: then all stays with the builder."""
    try:
        split(helps)
    except TooManyUnblockers as error:
        refused[str(release)] = str(error)[:500]
        return ()
    return helps


def _add_split(rows: Rows, asked: Asked, one: Downstream, shared: Split) -> None:
    kpi, period = asked.group
    held = CreditSplit(
        kpi_id=kpi,
        period=period,
        product_id=int(one.node.product),
        release_id=int(one.release),
        effect=one.effect.value if one.effect else None,
        error=one.effect.error if one.effect else None,
        builder=shared.builder,
        unsized=[_number(key) for key in shared.unsized],
        refused=asked.refused.get(one.release, ""),
    )
    rows.splits.append(held)
    for part in shared.parts:
        player = part.player
        rows.parts.append(
            CreditPart(
                split=held,
                product_id=int(player.product),
                team_id=int(player.team) if player.team.isdigit() else None,
                unblocks=player.unblocks,
                days_low=float(player.days.low),
                days_high=float(player.days.high),
                is_assumed=part.assumed,
                share=part.share,
                enablements=sorted(
                    _number(help.key)
                    for help in one.helps
                    if (help.product, help.team) == (player.product, player.team)
                    and help.state in EVIDENCE
                    and help.key not in shared.unsized
                ),
            )
        )


def _credit(
    asked: Asked,
    network: Network,
    settled: Credits,
    number: int,
    kept: Sequence[tuple[float, Effect | None]],
    now: datetime,
) -> Credit:
    """One product's row. What arrived from others follows from what is kept of it: a builder never keeps nothing."""
    effects = [(builder, effect) for builder, effect in kept if effect is not None]
    own = sum(effect.value for _, effect in effects)
    of_own = sum(builder * effect.value for builder, effect in effects)
    share = sum(builder for builder, _ in kept) / len(kept) if kept else 1.0
    value = float(settled.values[number])
    errors = _own_errors(network, number)
    return Credit(
        kpi_id=asked.group[0],
        period=asked.group[1],
        product_id=int(network.nodes[number].product),
        own_effect=own if effects else None,
        own_error=errors if effects else None,
        releases=len(effects),
        throughput=own + (value - of_own) / share,
        kept=share,
        credited=value,
        error=float(settled.errors[number]),
        spread=[float(part) for part in settled.spread[number]],
        is_exact=settled.exact,
        horizon_days=settings.CREDIT_HORIZON["days"],
        horizon_version=settings.CREDIT_HORIZON["version"],
        digest=asked.digest,
        computed_at=now,
    )


def _own_errors(network: Network, number: int) -> float:
    """The error of a product's own effects added up; releases of one bundle have one error."""
    mine = network.home == number
    return float(np.sqrt((np.bincount(network.joint[mine], network.error[mine]) ** 2).sum()))


def _number(key: str) -> int:
    return int(key.removeprefix("E-"))
