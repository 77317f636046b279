"""What releases did for the work of others, on the impact pages: the best backed first, on one axis of working days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metrics.access import visible_enablements
from metrics.models import BACKED, EnablementState
from metrics.queries.enablement_rows import GRADES, EnablementTable, named, row_of
from metrics.queries.periods import Period
from metrics.queries.prepared import rows_of
from products.access import Actor
from products.catalog.words import counted

# Measured before confirmed before claimed; who adjusted the days confirmed them.
PLACES = {"measured": 0, "confirmed": 1, "claimed": 2}
# Every help that stands, of the products' live releases of a span; help of a product without a release counts by the day on which
# it was said. Without what only its row shows.
EVERY = """
SELECT said.id, said.state, said.days_high::float8, said.upstream_release_id
FROM metrics_enablement AS said
LEFT JOIN products_release AS helping ON helping.id = said.upstream_release_id
WHERE said.upstream_product_id = ANY(%(ids)s) AND said.state = ANY(%(graded)s) AND CASE WHEN helping.id IS NULL
    THEN said.made_at >= %(start)s AND said.made_at < %(end)s
    ELSE helping.state = 'live' AND helping.live_at >= %(start)s AND helping.live_at < %(end)s END
"""


@dataclass(frozen=True, slots=True)
class BenefitList:
    """Benefits for the work of others. ``total`` and ``backed`` count all of them, ``table`` has those that are shown.

    ``releases`` counts the helping live releases among all of them. Days are never added up.
    """

    table: EnablementTable
    total: int
    backed: int
    releases: int

    @property
    def title(self) -> str:
        """The finding: how many are confirmed or measured."""
        return f"{self.backed} of {counted(self.total, 'benefit')} {'is' if self.backed == 1 else 'are'} backed"

    @property
    def note(self) -> str:
        """What the grades mean."""
        return (
            f"{counted(self.total, 'benefit')} for the work of others, {self.backed} confirmed by those who did it or measured. "
            "Claimed: said by the PM only. Bars: working days saved, as said; they are never added up."
        )


def benefit_list(user: Actor, products: Sequence[int], *, period: Period, most: int) -> BenefitList | None:
    """What releases of ``products`` that went live in the period did for others: the ``most`` telling, by grade, then by size.

    None where nobody said anything. Two statements at most, none without products.
    """
    if not products or not most:
        return None
    start, end = period.instants
    graded = [state.value for state in GRADES]
    return benefits_among(
        user, rows_of(EVERY, {"ids": list(products), "graded": graded, "start": start, "end": end}), most=most
    )


def benefits_among(user: Actor, every: Sequence[tuple[Any, ...]], *, most: int) -> BenefitList | None:
    """The list of ``every`` help that stands, given as rows of ``EVERY``; None without any. One statement at most."""
    if not every:
        return None
    every = sorted(every, key=lambda one: (PLACES[GRADES[EnablementState(one[1])]], -(one[2] or 0.0), -one[0]))
    wanted = [pk for pk, *_ in every[:most]]
    rows = {row.pk: row for row in named(visible_enablements(user).filter(pk__in=wanted))}
    shown = tuple(row_of(rows[pk]) for pk in wanted if pk in rows)
    return BenefitList(
        table=EnablementTable(shown, "", len(every) - len(shown)),
        total=len(every),
        backed=sum(state in BACKED for _, state, *_ in every),
        releases=len({release for *_, release in every if release}),
    )
