"""What a product is credited with, KPI by KPI and quarter by quarter: what reached it, what it keeps and what it passes on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import hypot, isclose
from typing import Any

from metrics.access import visible_parts, visible_splits
from metrics.catalog.quarters import Quarter, quarter_of
from metrics.models import CreditPart
from metrics.queries.credits_facts import quarter_credits
from metrics.queries.effect_words import Unit, amount_text, amounts_text
from metrics.queries.effects import unit_of
from metrics.queries.periods import Period
from metrics.stats.credit import NORMAL_95
from products.access import Actor
from products.catalog.words import counted

Group = tuple[int, date]
MOST_OPEN = 12  # KPIs


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What goes on to one helper of the product, in the KPI's unit."""

    name: str
    slug: str
    type: str
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class CreditedQuarter:
    """One KPI and quarter. Amounts are in the KPI's unit; ``reached`` is the product's own effect and what others' brought.

    ``releases`` are its own with an effect; ``helped`` are those of others that its ``enablements`` helped.
    """

    quarter: Quarter
    unit: Unit
    own: float | None
    reached: float
    credited: float
    error: float
    passed: tuple[PassedOn, ...]
    releases: int
    helped: int
    enablements: int
    is_exact: bool

    @property
    def text(self) -> str:
        """``+46.7 pts``: what it keeps."""
        return amount_text(self.credited, self.unit)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval, taking the error as normal."""
        return self.credited - NORMAL_95 * self.error, self.credited + NORMAL_95 * self.error

    @property
    def interval_text(self) -> str:
        """``+30.1 to +63.2``."""
        return amounts_text(*self.interval, self.unit)

    @property
    def reached_text(self) -> str:
        """What reached it."""
        return amount_text(self.reached, self.unit)

    @property
    def own_text(self) -> str:
        """How much of that its own releases moved."""
        if self.own is None:
            return "all from others"
        own = amount_text(self.own, self.unit)
        return "all its own" if isclose(self.own, self.reached) else f"{own} its own"

    @property
    def passed_text(self) -> str:
        """What goes on, all helpers together; "nothing" where all is kept."""
        total = sum(one.value for one in self.passed)
        return amount_text(total, self.unit) if self.passed else "nothing"

    @property
    def n_text(self) -> str:
        """What it rests on: ``2 own releases; 3 enablements for 2 releases``."""
        own = counted(self.releases, "own release") if self.releases else ""
        given = f"{counted(self.enablements, 'enablement')} for {counted(self.helped, 'release')}"
        return "; ".join(part for part in (own, given if self.enablements else "") if part)


@dataclass(frozen=True, slots=True)
class CreditedKpi:
    """A KPI with its quarters, the newest first. Only within it is credit added up."""

    kpi: str
    name: str
    owner: str
    owner_slug: str
    owner_type: str
    unit: Unit
    quarters: tuple[CreditedQuarter, ...]

    @property
    def total_text(self) -> str:
        """The sum over its quarters; "" where there is only one."""
        if len(self.quarters) < 2:
            return ""
        return amount_text(sum(one.credited for one in self.quarters), self.unit)

    @property
    def total_interval_text(self) -> str:
        """Its 95 % interval: quarters share no release, so that their errors are independent."""
        middle = sum(one.credited for one in self.quarters)
        reach = NORMAL_95 * hypot(*(one.error for one in self.quarters))
        return amounts_text(middle - reach, middle + reach, self.unit)


@dataclass(frozen=True, slots=True)
class CreditedTable:
    """A product's credit, one entry a KPI and never one over KPIs."""

    kpis: tuple[CreditedKpi, ...]
    period: str

    @property
    def shown(self) -> tuple[CreditedKpi, ...]:
        """What stands open."""
        return self.kpis[:MOST_OPEN]

    @property
    def folded(self) -> tuple[CreditedKpi, ...]:
        """What is folded where a product helps many."""
        return self.kpis[MOST_OPEN:]

    @property
    def title(self) -> str:
        """How many KPIs there is credit for."""
        return f"for {counted(len(self.kpis), 'KPI')}" if self.kpis else "nothing yet"

    @property
    def is_drawn(self) -> bool:
        """Whether an error comes from draws, as days are known from low to high only."""
        return any(not quarter.is_exact for kpi in self.kpis for quarter in kpi.quarters)


def credited_table(user: Actor, slug: str, *, period: Period) -> CreditedTable:
    """A product's credit of the quarters that the period touches. Three statements."""
    start, end = quarter_of(period.start).start, period.end
    rows = quarter_credits(user, slug, start, end).order_by("kpi__product__name", "kpi__name", "kpi", "-period")
    passed = _passed(user, slug, start, end)
    rests_on = _rests_on(user, slug, start, end)
    kpis: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        kpis[row.kpi_id].append(row)
    return CreditedTable(tuple(_kpi(held, passed, rests_on) for held in kpis.values()), period.text)


def _kpi(
    rows: Sequence[Any], passed: Mapping[Group, Sequence[CreditPart]], rests_on: Mapping[Group, Sequence[CreditPart]]
) -> CreditedKpi:
    kpi = rows[0].kpi
    unit, owner = unit_of(kpi), kpi.product
    quarters = []
    for row in rows:
        group = (row.kpi_id, row.period)
        given = rests_on.get(group, ())
        quarters.append(
            CreditedQuarter(
                quarter=Quarter(row.period),
                unit=unit,
                own=row.own_effect,
                reached=row.throughput,
                credited=row.credited,
                error=row.error,
                passed=_helpers(row, passed.get(group, ()), unit),
                releases=row.releases,
                helped=len({part.split.release_id for part in given}),
                enablements=len({one for part in given for one in part.enablements}),
                is_exact=row.is_exact,
            )
        )
    return CreditedKpi(kpi.slug, kpi.name, owner.name, owner.slug, owner.type, unit, tuple(quarters))


def _helpers(row: Any, parts: Iterable[CreditPart], unit: Unit) -> tuple[PassedOn, ...]:
    """Each helper's part of the product's own effects, release by release, and of what arrived, by the mean of its releases."""
    arrived = (row.throughput - (row.own_effect or 0.0)) / max(row.given, 1)
    found: dict[int, float] = defaultdict(float)
    products = {}
    for part in parts:
        products[part.product_id] = part.product
        found[part.product_id] += part.share * ((part.split.effect or 0.0) + arrived)
    held = [(products[pk], value) for pk, value in found.items() if value]
    held.sort(key=lambda one: (-abs(one[1]), one[0].name))
    return tuple(PassedOn(one.name, one.slug, one.type, value, amount_text(value, unit)) for one, value in held)


def _passed(user: Actor, slug: str, start: date, end: date) -> Mapping[Group, Sequence[CreditPart]]:
    """By KPI and quarter, the players of the product's own releases."""
    own = visible_splits(user).filter(product__slug=slug, period__gte=start, period__lt=end)
    parts = visible_parts(user).filter(split__in=own).select_related("split", "product")
    return _by_group(parts)


def _rests_on(user: Actor, slug: str, start: date, end: date) -> Mapping[Group, Sequence[CreditPart]]:
    """By KPI and quarter, the product's parts in releases of others."""
    parts = visible_parts(user).filter(product__slug=slug, split__period__gte=start, split__period__lt=end)
    return _by_group(parts.select_related("split"))


def _by_group(parts: Iterable[CreditPart]) -> Mapping[Group, Sequence[CreditPart]]:
    found: dict[Group, list[CreditPart]] = defaultdict(list)
    for part in parts:
        found[part.split.kpi_id, part.split.period].append(part)
    return found
