"""The cycle on the impact pages: what stands in each stage, since when, and what is stuck."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from feedback.queries.usual import LAST, PATIENCE
from metrics.catalog.measures import CYCLE_PREFIX, FEEDBACK, STAGES, WAITS, cycle_measure
from metrics.queries.periods import HEARD_DAYS
from metrics.queries.prepared import rows_of
from metrics.queries.sql import CYCLE
from products.catalog.words import counted, in_words, number_word, sentence

STAGE_WORDS = {
    "heard": "Feedback",
    "diagnosed": "Diagnosed",
    "building": "Building",
    "released": "Released",
    "measured": "Measured",
}
BETWEEN = {"heard": "before diagnosis", "diagnosed": "between diagnosis and build", "building": "while they are built"}
# One more than the picture shows, so that it can say "36+".
MOST_SQUARES = 37
MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class StageCell:
    """What stands in one stage: ``n`` things, ``stuck`` of them, the oldest for ``oldest_days``; None where nothing stands.

    ``usual_days`` is the median of the product's own ``usual_n`` finished stays of the last year, None below five.
    """

    stage: str
    word: str
    n: int
    stuck: int
    oldest_days: int | None
    usual_days: float | None
    usual_n: int

    @property
    def kinds(self) -> list[str]:
        """One class for each square, stuck ones first."""
        return (["stuck"] * self.stuck + ["item"] * (self.n - self.stuck))[:MOST_SQUARES]

    @property
    def age_text(self) -> str:
        """``34 d / 12``: the oldest thing's days, and the usual where there is one."""
        usual = "" if self.usual_days is None else f" / {self.usual_days:.0f}"
        return "" if self.oldest_days is None else f"{self.oldest_days} d{usual}"

    @property
    def label(self) -> str:
        """The cell in words."""
        if not self.n:
            return f"{self.word}: nothing"
        usual = "no usual yet" if self.usual_days is None else f"usual {self.usual_days:.0f} days, n {self.usual_n}"
        return f"{self.word}: {counted(self.n, 'item')}, {self.stuck} stuck, oldest {counted(self.oldest_days or 0, 'day')}, {usual}"


@dataclass(frozen=True, slots=True)
class CycleRow:
    """One product's stages, in the order of the cycle."""

    slug: str
    name: str
    type: str
    cells: tuple[StageCell, ...]

    @property
    def stuck(self) -> int:
        """How many of its things are stuck."""
        return sum(cell.stuck for cell in self.cells)


@dataclass(frozen=True, slots=True)
class CyclePanel:
    """``rows`` are products with something in the cycle, at most ``MOST_ROWS``; counts cover all ``products`` of them."""

    title: str
    open: int
    stuck: int
    products: int
    rows: tuple[CycleRow, ...]

    @property
    def more(self) -> int:
        """How many products are not shown."""
        return self.products - len(self.rows)


class Standing(NamedTuple):
    """What a ``StageCell`` is made of. Hundreds of products have some, of which a page shows twenty."""

    n: int
    stuck: int
    oldest_days: int
    usual_days: float | None
    usual_n: int


@dataclass(frozen=True, slots=True)
class Found:
    """What one statement gave: heard by product (last 90 days, the 90 before), and the stages that hold something."""

    heard: Mapping[int, tuple[int, int]]
    stages: Mapping[int, Mapping[str, Standing]]


def heard_and_stages(products: Sequence[int], *, now: datetime) -> Found:
    """What was heard about the products (ids) and what stands in their cycle. One statement."""
    today = now.date()
    values = {
        "products": list(products),
        "now": now,
        "since": now - LAST,
        "middle": today - timedelta(days=HEARD_DAYS - 1),
        "start": today - timedelta(days=2 * HEARD_DAYS - 1),
        "end": today + timedelta(days=1),  # in the east a product's own today may be a day ahead
        "waits": [cycle_measure(stage) for stage in WAITS],
        "patience_i": PATIENCE["I"],
        "patience_e": PATIENCE["E"],
    }
    heard: dict[int, tuple[int, int]] = {}
    stages: dict[int, dict[str, Standing]] = {}
    for product, measure, n, some, days, usual, usual_n in rows_of(CYCLE, values):
        if measure == FEEDBACK:
            heard[product] = (n - some, some)
        else:
            standing = Standing(n, some, days, usual, usual_n)
            stages.setdefault(product, {})[measure.removeprefix(CYCLE_PREFIX)] = standing
    return Found(heard, stages)


EMPTY = {stage: StageCell(stage, STAGE_WORDS[stage], 0, 0, None, None, 0) for stage in STAGES}


def cycle_cells(found: Mapping[str, Standing]) -> tuple[StageCell, ...]:
    """All five stages; where nothing stands, a cell that says so."""
    return tuple(
        [StageCell(stage, STAGE_WORDS[stage], *found[stage]) if stage in found else EMPTY[stage] for stage in STAGES]
    )


def cycle_panel(products: Sequence[Any], found: Found) -> CyclePanel:
    """The panel over ``products`` (with id, slug, name and type); those with something stuck are shown first to be cut last."""
    held = [(one, found.stages[one.id]) for one in products if one.id in found.stages]
    stuck = [sum([standing.stuck for standing in stages.values()]) for _, stages in held]
    kept = sorted(range(len(held)), key=lambda place: (-stuck[place], place))[:MOST_ROWS]
    by_stage = {stage: sum([stages[stage].stuck for _, stages in held if stage in stages]) for stage in STAGES}
    waiting = [stages[stage] for _, stages in held for stage in WAITS if stage in stages]
    number, known = sum([one.n for one in waiting]), any(one.usual_days is not None for one in waiting)
    shown = [held[place] for place in sorted(kept)]
    return CyclePanel(
        title=cycle_title(by_stage, number, known=known),
        open=number,
        stuck=sum(stuck),
        products=len(held),
        rows=tuple(CycleRow(one.slug, one.name, one.type, cycle_cells(stages)) for one, stages in shown),
    )


@dataclass(frozen=True, slots=True)
class ProductCycle:
    """One product's stages under a finding."""

    title: str
    cells: tuple[StageCell, ...]


def product_cycle(product: Any, found: Found) -> ProductCycle:
    """The stages of ``product``, the only one that was asked for."""
    return ProductCycle(cycle_panel([product], found).title, cycle_cells(found.stages.get(product.id, {})))


def cycle_title(by_stage: Mapping[str, int], waiting: int, *, known: bool) -> str:
    """The panel's finding: how much is stuck and where most of it; without a usual that nobody can tell."""
    stuck = sum(by_stage.values())
    if not waiting:
        return "Nothing waits in the cycle"
    if not stuck:
        return f"{sentence(in_words(waiting, 'item'))} in the cycle, {'nothing is stuck' if known else 'no usual yet'}"
    stage = max(BETWEEN, key=lambda one: by_stage.get(one, 0))
    first = f"{sentence(in_words(stuck, 'item'))} {'is' if stuck == 1 else 'are'} stuck"
    if by_stage[stage] == stuck:
        where = f", {'' if stuck == 1 else 'all '}{BETWEEN[stage]}"
        return first + (where.replace("they are", "it is") if stuck == 1 else where)
    return f"{first}, {number_word(by_stage[stage])} of them {BETWEEN[stage]}"
