"""What releases did to KPIs, as frozen values: pages print them, the API answers them, and both say the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from metrics.access import visible_estimates
from metrics.models import Estimate, EstimateWord, Kpi
from metrics.queries.effect_figures import Figures, detectable_of, figures_of, reading_of
from metrics.queries.effect_words import Unit, change_text, level_text, percent_text, range_text
from metrics.queries.words import short_day
from metrics.stats.series import Form
from products.access import Actor
from products.catalog.words import counted

SURE = {EstimateWord.CLEARLY: "", EstimateWord.PROBABLY: "-ish"}
MARKS = {EstimateWord.NO_REAL_CHANGE: "flat", EstimateWord.TOO_EARLY: "early"}
AXIS_STEPS = (5, 10, 20, 50, 100, 200, 500)
# Lists tell findings first, then what cannot be told; the order of screens.md §4.1.
ORDER = ("better", "better-ish", "worse", "worse-ish", "unsure", "flat", "early", "withdrawn", "none")


@dataclass(frozen=True, slots=True)
class Effect:
    """What one release did to one KPI on one basis; ``figures`` is None where there is a ``reason``."""

    release: str
    title: str
    product: str
    product_name: str
    kpi: str
    kpi_name: str
    unit: Unit
    basis: str
    method: str
    word: str
    words: str
    kind: str
    is_struck: bool
    reason: str
    is_main: bool
    is_guardrail: bool
    named_at: datetime
    is_named_before: bool
    detectable: float | None
    controls: int
    live_on: date
    window_start: date | None
    window_end: date | None
    planned: int
    horizon: int
    step: str
    members: int
    is_early: bool
    is_cut: bool
    is_busy: bool
    quiet_dates: int
    figures: Figures | None
    as_of: date | None
    computed_at: datetime

    @property
    def is_shown(self) -> bool:
        """Whether its figures may be shown: those of a release that was taken back only where they were full before."""
        return self.figures is not None and (self.word != EstimateWord.WITHDRAWN or self.is_struck)

    @property
    def short_words(self) -> str:
        """The verdict without its reason, which stands beside it."""
        return "Not enough data" if self.word == EstimateWord.NOT_ENOUGH_DATA else self.words

    @property
    def reason_text(self) -> str:
        """Why there are no figures, or nothing."""
        return self.words.partition(": ")[2]

    @property
    def change_text(self) -> str:
        """``+2.0 pts``, ``+€68k``: the change in the KPI's own unit, or in per cent where that is not known."""
        return change_text(self.figures, self.unit) if self.figures else ""

    @property
    def percent_text(self) -> str:
        """``+4.7%`` or ``+2.0 pts``: the change on the axis of lists."""
        return percent_text(self.figures.change, self.unit) if self.figures else ""

    @property
    def range_text(self) -> str:
        """The 90 % interval in the same unit."""
        return range_text(self.figures, self.unit) if self.figures else ""

    @property
    def levels_text(self) -> str:
        """``41.9% → 43.9%``: expected, then observed; nothing where the level is not known."""
        if self.figures is None or self.figures.expected is None or self.figures.observed is None:
            return ""
        return f"{level_text(self.figures.expected, self.unit)} → {level_text(self.figures.observed, self.unit)}"

    @property
    def window_text(self) -> str:
        """Over how many days it was read, and what is special about them."""
        if self.basis == Estimate.Basis.EXPERIMENT:
            return "experiment"
        if self.figures is None:
            return f"live {short_day(self.live_on)}"
        told = [counted(self.horizon, self.step)]
        told += [f"of {self.planned}"] * (self.is_early or (self.is_cut and self.horizon < self.planned))
        told += [f", joint with {self.members - 1} more"] * (self.members > 1)
        return " ".join(told).replace(" ,", ",")

    @property
    def axis(self) -> tuple[float, tuple[float, float], tuple[float, float]]:
        """Estimate, 90 % and 50 % interval on the axis of lists, turned so that right is always better."""
        assert self.figures is not None, "only what has figures is drawn"  # noqa: S101
        turn = 1 if self.unit.direction == "up" else -1
        wide, inner = self.figures.change_90, self.figures.change_50
        return (
            turn * self.figures.change,
            (min(turn * wide[0], turn * wide[1]), max(turn * wide[0], turn * wide[1])),
            (min(turn * inner[0], turn * inner[1]), max(turn * inner[0], turn * inner[1])),
        )

    @property
    def label(self) -> str:
        """What the interval's mark says to those who do not see it."""
        return f"{self.kpi_name} {self.percent_text}, 90% interval {self.interval_text}. {self.words}."

    @property
    def interval_text(self) -> str:
        """The 90 % interval on the axis of lists: ``+0.8 to +3.1 pts``."""
        assert self.figures is not None, "only what has figures is drawn"  # noqa: S101
        low, high = self.figures.change_90
        return f"{percent_text(low, self.unit)} to {percent_text(high, self.unit)}"


def effects_of(user: Actor, rows: QuerySet[Estimate] | None = None) -> QuerySet[Estimate]:
    """Estimates that the reader may see with what ``effect_of`` needs, without their pictures."""
    found = visible_estimates(user) if rows is None else rows
    return found.select_related("kpi", "release__product").defer("picture")


def effect_of(row: Estimate) -> Effect:
    """A row as its frozen value; the row comes from ``effects_of``."""
    kpi, release = row.kpi, row.release
    step = "week" if kpi.cadence == "week" else "day"
    return Effect(
        release=release.key,
        title=release.title,
        product=release.product.slug,
        product_name=release.product.name,
        kpi=kpi.slug,
        kpi_name=kpi.name,
        unit=unit_of(kpi, row.form),
        basis=row.basis,
        method=row.method,
        word=row.word,
        words=row.words,
        kind=kind_of(row),
        is_struck=row.is_struck,
        reason=row.reason,
        is_main=row.is_main,
        is_guardrail=row.is_guardrail,
        named_at=row.named_at,
        is_named_before=row.is_named_before,
        detectable=detectable_of(row),
        controls=len(row.control_ids),
        live_on=row.live_on,
        window_start=_after(row, step, row.roll_out),
        window_end=_after(row, step, row.roll_out + row.horizon, last=True),
        planned=row.planned,
        horizon=row.horizon,
        step=step,
        members=row.members,
        is_early=row.is_early,
        is_cut=row.is_cut,
        is_busy=row.is_busy,
        quiet_dates=row.quiet_dates,
        figures=figures_of(row) if row.effect is not None else None,
        as_of=row.as_of,
        computed_at=row.computed_at,
    )


def kind_of(row: Estimate) -> str:
    """The class of a row's mark, one of ``ORDER``."""
    return mark_of(row.word, row.effect, row.kpi.direction)


def mark_of(word: str, effect: float | None, direction: str) -> str:
    """The class of a verdict's mark, one of ``ORDER``; ``direction`` says which way is good."""
    if word == EstimateWord.WITHDRAWN:
        return "withdrawn"
    if word == EstimateWord.NOT_ENOUGH_DATA or effect is None:
        return "none"
    if word in SURE:
        is_good = (effect > 0) == (direction == "up")
        return f"{'better' if is_good else 'worse'}{SURE[EstimateWord(word)]}"
    return MARKS.get(EstimateWord(word), "unsure")


def in_order(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Findings first, the newest of each kind first."""
    return tuple(
        sorted(effects, key=lambda one: (ORDER.index(one.kind), -one.live_on.toordinal(), one.release, one.kpi))
    )


def axis_of(effects: Iterable[Effect]) -> tuple[float, float]:
    """An axis wide enough for every effect, though not for every interval; round, and the same on both sides of 0."""
    most = max([abs(one.figures.change) for one in effects if one.figures is not None], default=0.0)
    size = next((step for step in AXIS_STEPS if most <= 0.8 * step), AXIS_STEPS[-1])
    return (-float(size), float(size))


def axis_labels(domain: tuple[float, float]) -> tuple[tuple[float, str], ...]:
    """The words of an axis: its ends and 0."""
    low, high = domain
    return ((low, f"−{high:g}"), (0.0, "0"), (high, f"+{high:g}"))


def unit_of(kpi: Kpi, form: str = "") -> Unit:
    """How a KPI's figures are written; ``form`` is that of a stored reading, as an experiment may tell a share in per cent."""
    is_relative = form in {Form.COUNT, Form.MONEY} if form else kpi.form == "sum"
    return Unit(kpi.form, kpi.unit, kpi.currency, kpi.direction, is_relative)


def _after(row: Estimate, step: str, steps: int, *, last: bool = False) -> date | None:
    """The first day ``steps`` steps after the window's start; with ``last`` the day before it."""
    if row.window_start is None or row.effect is None:
        return None
    return row.window_start + timedelta(days=steps * (7 if step == "week" else 1) - int(last))


__all__ = [
    "Effect",
    "Figures",
    "axis_labels",
    "axis_of",
    "effect_of",
    "effects_of",
    "in_order",
    "kind_of",
    "mark_of",
    "reading_of",
    "unit_of",
]
