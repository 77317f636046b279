"""Credit as clients read it: rows, splits with who had which share on whose word, sums with their joint errors, and what was assisted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet

from metrics.access import visible_credits, visible_enablements, visible_estimates, visible_parts, visible_splits
from metrics.models import Credit, CreditSplit, Enablement, Estimate
from metrics.queries.effects import effects_of
from products.access import Actor

Place = tuple[int, int, int]  # release, KPI and enablement
SUMMED = """
WITH wanted AS (
    SELECT kpi_id, period, count(*) AS products, sum(releases) AS releases, sum(credited) AS credited, bool_and(is_exact) AS is_exact,
        min(horizon_days) AS days, min(horizon_version) AS version
    FROM metrics_credit AS credit
    WHERE {where}
    GROUP BY kpi_id, period ORDER BY period DESC, kpi_id DESC LIMIT %(most)s
), columns AS (
    SELECT credit.kpi_id, credit.period, sum(part.value) AS value
    FROM metrics_credit AS credit JOIN wanted USING (kpi_id, period)
    CROSS JOIN LATERAL unnest(credit.spread) WITH ORDINALITY AS part (value, place)
    WHERE {where}
    GROUP BY credit.kpi_id, credit.period, part.place
)
SELECT kpi.slug, kpi.unit, kpi.currency, wanted.kpi_id, wanted.period, products, releases, credited,
    coalesce((SELECT sqrt(sum(value ^ 2)) FROM columns WHERE (columns.kpi_id, columns.period) = (wanted.kpi_id, wanted.period)), 0),
    is_exact, days, version
FROM wanted JOIN metrics_kpi AS kpi ON kpi.id = wanted.kpi_id
ORDER BY wanted.period DESC, wanted.kpi_id DESC
"""
# Helps that counted, and those that saved days nobody counted: they have no share, but their effects are assisted all the same.
ASSISTED = """
SELECT split.release_id, split.kpi_id, said.id, estimate.id
FROM metrics_creditsplit AS split
CROSS JOIN LATERAL (
    SELECT unnest(part.enablements) FROM metrics_creditpart AS part WHERE part.split_id = split.id
    UNION SELECT unnest(split.unsized)
) AS help (id)
JOIN metrics_enablement AS said ON said.id = help.id
JOIN metrics_estimate AS estimate USING (release_id, kpi_id)
WHERE split.effect IS NOT NULL AND estimate.is_preferred {where}
ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT %(most)s
"""
# The first two conditions follow from the last one; they spare the splits of all other products.
OF_PRODUCT = """
AND (split.id IN (SELECT split_id FROM metrics_creditpart WHERE product_id = %(product)s)
    OR split.unsized && ARRAY(SELECT id FROM metrics_enablement WHERE upstream_product_id = %(product)s))
AND said.upstream_product_id = %(product)s
"""
BEHIND = "AND (split.release_id, split.kpi_id, said.id) < (%(release)s, %(kpi)s, %(enablement)s)"


@dataclass(frozen=True, slots=True)
class CreditSum:
    """Credit of several products added up within one KPI and quarter, in the KPI's unit; ``error`` is the standard error of the sum."""

    kpi: str
    unit: str
    currency: str
    kpi_id: int
    period: date
    products: int
    releases: int
    credited: float
    error: float
    is_exact: bool
    horizon_days: int
    horizon_version: int


@dataclass(frozen=True, slots=True)
class AssistedRow:
    """One confirmed or measured help and the whole effect of the release that it helped. Such effects are never added up."""

    enablement: Enablement
    estimate: Estimate


def credit_rows(user: Actor) -> QuerySet[Credit]:
    """Credit with the names it is shown with, the newest quarter first; without the columns of its error. One statement."""
    rows = visible_credits(user).select_related("kpi", "product").defer("spread")
    return rows.order_by("-period", "-kpi", "-product")


def split_rows(user: Actor) -> QuerySet[CreditSplit]:
    """Splits with their parts, the newest release first. Two statements, however many there are."""
    parts = visible_parts(user).select_related("product", "team").order_by("-share", "product__slug", "team")
    rows = visible_splits(user).select_related("kpi", "product", "release")
    return rows.order_by("-release", "-kpi", "-period").prefetch_related(Prefetch("parts", parts, to_attr="players"))


def involving(user: Actor, rows: QuerySet[CreditSplit], slug: str) -> QuerySet[CreditSplit]:
    """The splits in which a product built the release or has a share."""
    shared = visible_parts(user).filter(product__slug=slug).values("split")
    return rows.filter(Q(product__slug=slug) | Q(pk__in=shared))


def credit_sums(
    user: Actor,
    *,
    most: int,
    products: Sequence[int] | None = None,
    kpi: str = "",
    period: date | None = None,
    behind: tuple[date, int] | None = None,
) -> tuple[CreditSum, ...]:
    """Sums for each KPI and quarter, the newest quarter first: of ``products``, or of the whole company. One statement.

    ``behind`` is the (quarter, KPI) after which the sums go on. The errors of a quarter's credits hang together; the sum's error says so.
    """
    if not visible_credits(user).exists():
        return ()
    conditions, given = ["TRUE"], dict[str, Any](most=most)
    if products is not None:
        conditions.append("credit.product_id = ANY (%(products)s)")
        given["products"] = list(products)
    if kpi:
        conditions.append("credit.kpi_id = (SELECT id FROM metrics_kpi WHERE slug = %(kpi)s)")
        given["kpi"] = kpi
    if period is not None:
        conditions.append("credit.period = %(period)s")
        given["period"] = period
    if behind is not None:
        conditions.append("(credit.period, credit.kpi_id) < (%(behind_period)s::date, %(behind_kpi)s)")
        given["behind_period"], given["behind_kpi"] = behind
    return tuple(CreditSum(*row) for row in _rows(SUMMED.format(where=" AND ".join(conditions)), given))


def assisted_rows(
    user: Actor, *, size: int, product: int | None = None, behind: Place | None = None
) -> tuple[tuple[AssistedRow, ...], Place | None]:
    """What ``product`` assisted, or anybody: ``size`` rows after ``behind``, the newest release first, and where they go on.

    Three statements. A row whose effect is made anew between them is left out, and the page after begins where it would have.
    """
    given: dict[str, Any] = {"most": size + 1, "product": product}
    if behind is not None:
        given |= {"release": behind[0], "kpi": behind[1], "enablement": behind[2]}
    where = OF_PRODUCT * (product is not None) + BEHIND * (behind is not None)
    found = _rows(ASSISTED.format(where=where), given)
    shown, following = found[:size], found[size - 1][:3] if len(found) > size else None
    effects = effects_of(user, visible_estimates(user)).in_bulk([row[3] for row in shown])
    helps = visible_enablements(user).select_related("upstream_product").in_bulk([row[2] for row in shown])
    rows = [AssistedRow(helps[row[2]], effects[row[3]]) for row in shown if row[2] in helps and row[3] in effects]
    return tuple(rows), cast(Place | None, following)


def _rows(sql: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
