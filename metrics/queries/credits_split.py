"""A release's split in words and numbers: who plays, each player's formula with its figures, and what it comes to KPI by KPI."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.catalog.quarters import Quarter
from metrics.models import CreditPart
from metrics.queries.credits_facts import HeldSplit
from metrics.queries.effect_words import amount_text, amounts_text
from metrics.queries.effects import unit_of
from metrics.stats.credit import NORMAL_95
from products.catalog.words import counted


@dataclass(frozen=True, slots=True)
class PlayerTold:
    """One player's line; ``is_asked`` says that the page's enablement stands behind it."""

    name: str
    slug: str
    type: str
    role: str
    formula: str
    share: float
    share_text: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Amount:
    """Something in a KPI's unit with its 95 % interval, as far as the effect's error goes; "" where it has none of its own."""

    text: str
    interval_text: str


@dataclass(frozen=True, slots=True)
class KpiTold:
    """What the split comes to for one KPI: the effect, or what was handed down, the builder's part, and the asked player's."""

    kpi: str
    name: str
    quarter: Quarter
    effect: Amount
    is_handed: bool
    besides: str
    builder: Amount
    asked: Amount | None


@dataclass(frozen=True, slots=True)
class SplitTold:
    """One release with its arithmetic, which is the same for each of its KPIs. ``refused`` says why all of it stayed with the builder."""

    release: str
    title: str
    builder: str
    sums: str
    players: tuple[PlayerTold, ...]
    kpis: tuple[KpiTold, ...]
    refused: str

    @property
    def asked(self) -> PlayerTold | None:
        """The player that the page's enablement stands behind."""
        return next((one for one in self.players if one.is_asked), None)


@dataclass(frozen=True, slots=True)
class _Game:
    """T, k, and the days saved: what every formula is written with."""

    horizon: int
    unblockers: int
    days: float

    @property
    def saved(self) -> float:
        """A, at most 1."""
        return min(self.days / self.horizon, 1.0)

    @property
    def builders(self) -> str:
        """The builder's and every unblocker's formula."""
        a, k = _figure(self.saved), self.unblockers
        if not self.days:
            return f"1 ÷ ({k} + 1)"
        return f"(1 − {a}) ÷ ({k} + 1) + {a} ÷ ({k} + 2)"

    @property
    def sums(self) -> str:
        """``T = 90 working days; k = 1: 1 team unblocked it; A = 18 ÷ 90 = 0.2.``"""
        more = f", scaled down from {_figure(self.days / self.horizon)}" if self.days > self.horizon else ""
        teams = counted(self.unblockers, "team") + " unblocked it"
        days = (
            f"A = {_plain(self.days)} ÷ {self.horizon} = {_figure(self.saved)}{more}"
            if self.days
            else "A = 0: no days saved"
        )
        return f"T = {self.horizon} working days; k = {self.unblockers}: {teams}; {days}."


def split_told(splits: Sequence[HeldSplit], enablement: int) -> SplitTold:
    """The arithmetic of one release's splits, one a KPI, for the page of one of its enablements. There is at least one."""
    split = splits[0]
    held = split.row
    days = sum(_days(part) for part in split.parts)
    teams = {part.team_id or -part.product_id for part in split.parts if part.unblocks}
    game = _Game(split.horizon, len(teams), days)
    return SplitTold(
        release=held.release.key,
        title=held.release.title,
        builder=held.product.name,
        sums=game.sums,
        players=(_builder(split, game), *(_player(part, game, enablement) for part in split.parts)),
        kpis=tuple(_kpi(one, enablement) for one in splits),
        refused=held.refused,
    )


def _kpi(split: HeldSplit, enablement: int) -> KpiTold:
    held, part = split.row, split.part_of(enablement)
    is_handed = held.effect is None
    return KpiTold(
        kpi=held.kpi.slug,
        name=held.kpi.name,
        quarter=Quarter(held.period),
        effect=_amount(split, 1.0),
        is_handed=is_handed,
        besides=amount_text(split.arrived, unit_of(held.kpi)) if split.arrived and not is_handed else "",
        builder=_amount(split, held.builder),
        asked=_amount(split, part.share) if part else None,
    )


def _amount(split: HeldSplit, share: float) -> Amount:
    """A share of the release's own effect, else of what was handed down to it."""
    held, unit = split.row, unit_of(split.row.kpi)
    if held.effect is None or held.error is None:
        return Amount(amount_text(share * split.arrived, unit), "")
    middle, reach = share * held.effect, share * NORMAL_95 * held.error
    return Amount(amount_text(middle, unit), amounts_text(middle - reach, middle + reach, unit))


def _builder(split: HeldSplit, game: _Game) -> PlayerTold:
    product, share = split.row.product, split.row.builder
    formula = game.builders
    return PlayerTold(
        product.name, product.slug, product.type, "built it", formula, share, _figure(share), is_asked=False
    )


def _player(part: CreditPart, game: _Game, enablement: int) -> PlayerTold:
    if part.unblocks:
        role = "unblocked it" + (f", with {part.team}" if part.team else "")
        formula = game.builders + (f", × {_figure(part.unblocks)} of its team’s part" if part.unblocks < 1 else "")
    else:
        days = _days(part)
        role = f"saved {_span(part)}" + (", assumed" if part.is_assumed else "")
        over = max(game.horizon, game.days)
        formula = f"({_plain(days)} ÷ {_plain(over)}) ÷ ({game.unblockers} + 2)"
    product, is_asked = part.product, enablement in part.enablements
    return PlayerTold(
        product.name, product.slug, product.type, role, formula, part.share, _figure(part.share), is_asked=is_asked
    )


def _days(part: CreditPart) -> float:
    """Uncertain days count with their middle."""
    return (part.days_low + part.days_high) / 2


def _span(part: CreditPart) -> str:
    if part.days_low == part.days_high:
        return f"{_plain(_days(part))} working days"
    return f"{_plain(_days(part))} working days, the middle of {_plain(part.days_low)} to {_plain(part.days_high)}"


def _plain(days: float) -> str:
    return f"{days:g}"


def _figure(share: float) -> str:
    """``0.4667``, ``0.2``, ``0``: four decimals at most."""
    return f"{share:.4f}".rstrip("0").rstrip(".")
