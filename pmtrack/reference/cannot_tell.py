"""Three releases of which pmtrack says that it cannot tell, as docs/metrics.md shows them: made-up days, read and drawn as any other.

Nothing is stored: facts go through the drain's own code to rows, and rows through the pages' own code to pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from scipy.stats import ttest_ind

from metrics.charts.series import Marker
from metrics.models import Estimate, Kpi
from metrics.queries.effect_pictures import Cell, Pictures, pictures_of, span_of
from metrics.queries.effect_sentences import effect_sentence
from metrics.queries.effects import Effect, effect_of
from metrics.services.estimate_rows import Batch
from metrics.sources.effects import Facts, KpiFacts, Pair
from metrics.stats.series import Floats
from products.models import Product, Release

LIVE, WINDOW, BEFORE, AFTER = date(2026, 5, 11), 14, 430, 34
START = LIVE - timedelta(days=BEFORE)
NOW = datetime.combine(LIVE + timedelta(days=AFTER), time(12), UTC)
WEEK = (0.08, 0.12, 0.1, 0.06, 0.02, -0.16, -0.26)


@dataclass(frozen=True, slots=True)
class Example:
    """A release and its KPI. ``truth`` is the part by which the release really moved it; ``level`` is a usual day's figure,
    ``of`` what a share is out of (0: the KPI is a sum), ``drift`` how far the level wanders from one day to the next."""

    slug: str
    title: str
    kpi: str
    unit: str
    truth: float
    level: float
    drift: float
    noise: float
    seed: int
    of: int = 0


EXAMPLES = (
    Example("true-rise", "Saved cards", "Order volume", "orders", 0.12, 1_400, 0.022, 0.06, 51),
    Example("drift", "New colours", "Traffic", "visits", 0.0, 620, 0.022, 0.06, 8),
    Example("small-share", "Shorter form", "Quote conversion", "%", 0.12, 0.04, 0.002, 0.01, 7, of=260),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What is said and drawn of an example."""

    example: Example
    effect: Effect
    sentence: str
    pictures: Pictures


def read_example(example: Example) -> Told:
    """An example read from its days, with the past they have."""
    tops = _days(example)
    row = _row(example, tops)
    effect = effect_of(row)
    first, last = span_of(effect)
    cells = [Cell(day, top, float(example.of)) for day, top in _dated(tops) if first <= day <= last]
    marker = Marker(LIVE, example.title, is_own=True)
    return Told(example, effect, effect_sentence(effect, row), pictures_of(effect, row, cells, [marker], ()))


def before_and_after(example: Example) -> tuple[float, float]:
    """What a spreadsheet says: by how much per cent 28 days after lie above 28 days before, and p of Student's t test."""
    tops = _days(example)
    before, after = tops[BEFORE - 28 : BEFORE], tops[BEFORE : BEFORE + 28]
    return float(after.mean() / before.mean() - 1) * 100, float(ttest_ind(before, after).pvalue)


def _days(example: Example) -> Floats:
    """Counts of each day: a wandering level, weekdays, noise, and the truth from the release on."""
    random = np.random.default_rng(example.seed)
    size = BEFORE + AFTER
    wander = np.cumsum(random.normal(0, example.drift, size))
    usual = np.exp(wander - wander[BEFORE] + np.resize(WEEK, size) + random.normal(0, example.noise, size))
    usual[BEFORE:] *= 1 + example.truth
    if example.of:
        return random.binomial(example.of, np.clip(example.level * usual, 0, 1)).astype(np.float64)
    return np.rint(example.level * usual)


def _dated(tops: Floats) -> Sequence[tuple[date, float]]:
    return [(START + timedelta(days=number), float(top)) for number, top in enumerate(tops)]


def _row(example: Example, tops: Floats) -> Estimate:
    """The row that the drain would store, with the objects that pages read beside it."""
    form, product = "ratio" if example.of else "sum", Product(pk=1, slug="checkout", name="Checkout", time_zone="UTC")
    ordinals = [day.toordinal() for day, _ in _dated(tops)]
    bases = [float(example.of)] * len(tops)
    kpi = KpiFacts(
        1, 1, form, "", "day", "up", None, "UTC", "", "", (START,), 1, ordinals, list(tops), bases, []
    )  # fmt: skip
    named = NOW - timedelta(days=60)
    pair = Pair(1, 1, LIVE, None, 1, True, False, WINDOW, 0, named, True, None, (), None)
    batch = Batch(Facts((pair,), {1: kpi}, {}), NOW)
    (asked,) = batch.asked()
    row = batch.rows(asked)[-1]
    row.kpi = Kpi(pk=1, slug="kpi", name=example.kpi, form=form, unit=example.unit, direction="up", product=product)
    row.release = Release(pk=1, name=example.title, version="1", product=product)
    return row
