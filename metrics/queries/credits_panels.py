"""What stands about credit on a product's page: the graph and its links, what was assisted, and beside it what is credited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metrics.charts.downstream import DownstreamPicture
from metrics.queries.credits_graph import BACKED, downstream
from metrics.queries.credits_kept import CreditedTable, credited_table
from metrics.queries.credits_shares import Came, came_of
from metrics.queries.effects import Effect, axis_labels, axis_of, in_order
from metrics.queries.enablement_panels import ProductEnablements
from metrics.queries.enablement_rows import EnablementRow
from metrics.queries.periods import Period
from products.access import Actor
from products.catalog.words import counted

MOST_ASSISTED = 60


@dataclass(frozen=True, slots=True)
class HelpLink:
    """One enablement and what it came to."""

    row: EnablementRow
    came: Came


@dataclass(frozen=True, slots=True)
class AssistedRow:
    """The whole effect of a release that confirmed help names, and that help."""

    row: EnablementRow
    effect: Effect


@dataclass(frozen=True, slots=True)
class AssistedTable:
    """One row for each help and effect; nothing in it is ever added up. ``more`` counts those not shown."""

    rows: tuple[AssistedRow, ...]
    more: int

    @property
    def domain(self) -> tuple[float, float]:
        """The axis of all rows."""
        return axis_of(one.effect for one in self.rows)

    @property
    def labels(self) -> tuple[tuple[float, str], ...]:
        """Its words."""
        return axis_labels(self.domain)

    @property
    def title(self) -> str:
        """How many effects of others there are; each counts once however many helps it had."""
        effects = {(one.effect.release, one.effect.kpi) for one in self.rows}
        if not self.rows:
            return "no effect of others yet"
        return f"{counted(len(effects), 'effect')} of others{' and more' if self.more else ''}"


@dataclass(frozen=True, slots=True)
class ProductCredit:
    """Both sides of a product: what its help came to, and what it keeps and passes on."""

    graph: DownstreamPicture
    given: tuple[HelpLink, ...]
    had: tuple[HelpLink, ...]
    assisted: AssistedTable
    credited: CreditedTable


def product_credit(user: Actor, name: str, slug: str, helped: ProductEnablements, *, period: Period) -> ProductCredit:
    """Credit as the product's page shows it. Eight statements at most, however much there is."""
    given, had = helped.given.rows, helped.had.rows
    came = came_of(user, (*given, *had))
    return ProductCredit(
        graph=downstream(name, helped.given, came),
        given=tuple(HelpLink(row, came[row.number]) for row in given),
        had=tuple(HelpLink(row, came[row.number]) for row in had),
        assisted=assisted_table(given, came),
        credited=credited_table(user, slug, period=period),
    )


def assisted_table(rows: Sequence[EnablementRow], came: Mapping[int, Came]) -> AssistedTable:
    """The effects that backed help names, findings first; only full readings that stand."""
    held = [
        AssistedRow(row, one.effect)
        for row in rows
        if row.grade in BACKED and not row.is_gone
        for one in came[row.number].outcomes
        if one.is_read
    ]
    order = {effect: place for place, effect in enumerate(_keys(in_order([one.effect for one in held])))}
    held.sort(key=lambda one: (order[one.effect.release, one.effect.kpi], one.row.number))
    return AssistedTable(tuple(held[:MOST_ASSISTED]), max(0, len(held) - MOST_ASSISTED))


def _keys(effects: Sequence[Effect]) -> Sequence[tuple[str, str]]:
    return list(dict.fromkeys((one.release, one.kpi) for one in effects))
