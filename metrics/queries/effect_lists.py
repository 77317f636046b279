"""Lists of effects: findings first, each marked by what holds when all that were read are looked at together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from metrics.access import visible_estimates
from metrics.models import Estimate, EstimateWord
from metrics.queries.effect_figures import Figures
from metrics.queries.effect_words import bare_text
from metrics.queries.effects import ORDER, Effect, effect_of, effects_of, mark_of
from metrics.queries.periods import Period
from metrics.queries.prepared import rows_of
from metrics.stats.multiplicity import findings, shrunken
from metrics.stats.natural import relative
from metrics.stats.series import Form
from products.access import Actor
from products.catalog.words import counted

# Fewer of a kind say nothing about how large effects usually are.
LEAST_SHRUNKEN = 3
NOT_READ = {EstimateWord.WITHDRAWN, EstimateWord.NOT_ENOUGH_DATA, EstimateWord.TOO_EARLY}
PERCENT = 100

# Every reading of the products' releases that went live in a span, without what only its row shows.
EVERY = """
SELECT held.id, held.word, held.effect, held.se, held.p, held.form, kpi.id, kpi.direction, release.id,
    release.state = 'live', held.live_on
FROM metrics_estimate AS held
JOIN products_release AS release ON release.id = held.release_id
JOIN metrics_kpi AS kpi ON kpi.id = held.kpi_id
WHERE held.is_preferred AND release.product_id = ANY(%(ids)s)
    AND release.live_at >= %(start)s AND release.live_at < %(end)s
"""


@dataclass(frozen=True, slots=True)
class Light:
    """A reading as far as a list of many needs it."""

    pk: int
    word: str
    effect: float | None
    se: float | None
    p: float | None
    form: str
    kpi: int
    direction: str
    release: int
    is_live: bool
    live_on: date

    @property
    def is_read(self) -> bool:
        """Whether it is one of those that findings are chosen among: full and not taken back."""
        return self.effect is not None and self.word not in NOT_READ

    @property
    def kind(self) -> str:
        """The class of its mark."""
        return mark_of(self.word, self.effect, self.direction)


@dataclass(frozen=True, slots=True)
class ListedEffect:
    """An effect in a list. ``holds``: a finding among all that were read, of which one in twenty may be false.

    ``drawn_in`` is the change drawn towards 0 by what all effects of its kind say together; None where they are few.
    """

    effect: Effect
    holds: bool
    drawn_in: float | None

    @property
    def drawn_in_text(self) -> str:
        """The shrunken change, or nothing."""
        return "" if self.drawn_in is None else bare_text(self.drawn_in, self.effect.unit)


@dataclass(frozen=True, slots=True)
class EffectList:
    """The first effects of ``total``; ``read`` of them were read in full, ``clear`` say something clear; ``live`` counts releases."""

    rows: tuple[ListedEffect, ...]
    total: int
    read: int
    clear: int
    better: int
    worse: int
    held: int
    live: int

    @property
    def title(self) -> str:
        """What the list says, for its head."""
        if not self.read:
            return f"{counted(self.total, 'effect')} named, none read in full yet"
        verb = "is" if self.clear == 1 else "are"
        return f"{self.clear} of {counted(self.read, 'effect')} {verb} clear"

    @property
    def note(self) -> str:
        """How many were read, and what the marks mean."""
        many = f"{counted(self.total, 'KPI')} named for releases, {self.read} read in full."
        if not self.held:
            return f"{many} None holds when all are looked at together."
        return f"{many} {self.held} hold among all, of which 1 in 20 may be false."


def effect_list(user: Actor, products: Sequence[int], *, period: Period, most: int) -> EffectList:
    """What releases of ``products`` that went live in the period did: the ``most`` telling. Two statements."""
    start, end = period.instants
    every = [Light(*row) for row in rows_of(EVERY, {"ids": list(products), "start": start, "end": end})]
    return list_of(user, every, most=most)


def _estimates(user: Actor, keys: Sequence[int]) -> dict[int, Estimate]:
    return {row.pk: row for row in effects_of(user, visible_estimates(user).filter(pk__in=keys))}


def list_of(user: Actor, every: Sequence[Light], *, most: int) -> EffectList:
    """The list of ``every`` reading. One statement, none where there is nothing to list."""
    first = sorted(every, key=lambda one: (ORDER.index(one.kind), -one.live_on.toordinal(), -one.release, one.kpi))[
        :most
    ]
    read = [one for one in every if one.is_read]
    hold = {one.pk for one, found in zip(read, findings([one.p or 0.0 for one in read]), strict=True) if found}
    drawn = _drawn_in(read)
    rows = _estimates(user, [one.pk for one in first]) if first else {}
    shown = [effect_of(rows[one.pk]) if one.pk in rows else None for one in first]
    kinds = [one.kind for one in read]
    return EffectList(
        rows=tuple(
            ListedEffect(effect, one.pk in hold, _change(effect.figures, one, drawn.get(one.pk)))
            for one, effect in zip(first, shown, strict=True)
            if effect is not None
        ),
        total=len(every),
        read=len(read),
        clear=sum(one.word == EstimateWord.CLEARLY for one in read),
        better=kinds.count("better"),
        worse=kinds.count("worse"),
        held=len(hold),
        live=len({one.release for one in every if one.is_live}),
    )


def _drawn_in(read: Iterable[Light]) -> dict[int, float]:
    """Each effect drawn towards 0 by those on the same scale: logarithms of amounts, log-odds, and points of one KPI alone."""
    groups: dict[tuple[str, int], list[Light]] = defaultdict(list)
    for one in read:
        if one.se:
            is_part = one.form in (Form.COUNT, Form.MONEY)
            groups["part" if is_part else one.form, one.kpi if one.form == Form.SCORE else 0].append(one)
    found: dict[int, float] = {}
    for group in groups.values():
        if len(group) >= LEAST_SHRUNKEN:
            told = shrunken([one.effect or 0.0 for one in group], [one.se or 1.0 for one in group])
            found |= {one.pk: drawn.effect for one, drawn in zip(group, told, strict=True)}
    return found


def _change(figures: Figures | None, light: Light, drawn: float | None) -> float | None:
    """A shrunken effect on the axis of lists; for shares in proportion to the raw one, as both are small beside 1."""
    if drawn is None or figures is None or not figures.effect:
        return None
    if light.form in (Form.COUNT, Form.MONEY):
        return PERCENT * relative(drawn)
    return figures.change * drawn / figures.effect
