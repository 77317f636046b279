"""What credit is split from: effects that were read to the end, the enablements that somebody confirmed, and who carried what."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any, cast

from django.db import connection

from metrics.models import Estimate
from metrics.stats.natural import Expected, share_of
from metrics.stats.network import Effect
from metrics.stats.series import Form
from metrics.stats.split import Days, Help, Kind, State

READ_WORDS = (
    Estimate.Word.CLEARLY,
    Estimate.Word.PROBABLY,
    Estimate.Word.NO_REAL_CHANGE,
    Estimate.Word.CANNOT_TELL,
)
# The team is the one that owned the product when the help was said; each team counts once, whatever products it owns. A release that
# was rolled back helps nobody as long as nobody has it.
HELPS = """
SELECT said.id, said.upstream_product_id, held.team_id, said.kind, said.state, said.days_low::float8, said.days_high::float8,
    said.upstream_release_id, said.feature_id
FROM metrics_enablement AS said
LEFT JOIN products_release AS helping ON helping.id = said.upstream_release_id
LEFT JOIN LATERAL (
    SELECT team_id FROM products_productteam AS owned WHERE owned.product_id = said.upstream_product_id
        AND owned.period @> (said.made_at AT TIME ZONE 'UTC')::date ORDER BY team_id LIMIT 1
) AS held ON true
WHERE said.state IN ('confirmed', 'adjusted', 'measured') AND said.feature_id IS NOT NULL
    AND helping.state IS DISTINCT FROM 'rolled_back'
ORDER BY said.id
"""
CARRIED = """
SELECT release.id, release.product_id, (release.live_at AT TIME ZONE product.time_zone)::date,
    array_agg(DISTINCT substr(carried.key, 3)::bigint)
FROM products_release AS release
JOIN products_product AS product ON product.id = release.product_id
CROSS JOIN LATERAL unnest(release.feature_keys) AS carried (key)
JOIN metrics_enablement AS said ON said.feature_id = substr(carried.key, 3)::bigint
    AND said.downstream_product_id = release.product_id AND said.state IN ('confirmed', 'adjusted', 'measured')
WHERE release.live_at IS NOT NULL AND carried.key ~* '^W-[1-9][0-9]{0,17}$'
GROUP BY release.id, release.product_id, product.time_zone ORDER BY release.id
"""
OWNERS = "SELECT id, product_id FROM products_release WHERE id IN (SELECT upstream_release_id FROM metrics_enablement)"
CONTINUED = "SELECT id, continues_id FROM products_product WHERE continues_id IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Said:
    """A backed enablement of the feature; ``release`` is the one that helped, None where the whole product did."""

    help: Help
    product: int
    release: int | None
    feature: int


@dataclass(frozen=True, slots=True)
class Carrier:
    """A live release that carries helped features; ``live_on`` is its day on its product's clock."""

    product: int
    live_on: date
    features: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What a release of a product did to a KPI, in the KPI's unit."""

    release: int
    product: int
    kpi: int
    period: date
    effect: Effect


@dataclass(frozen=True, slots=True)
class CreditFacts:
    """Everything that credit hangs on. ``owners`` says whose each release is, ``earliest`` what product each product goes back to."""

    read: tuple[Read, ...]
    said: Mapping[int, tuple[Said, ...]]
    carriers: Mapping[int, Carrier]
    owners: Mapping[int, int]
    earliest: Mapping[int, int]

    def is_same(self, one: int, other: int) -> bool:
        """Whether two products are one, or one continues the other: a product does not help itself under another name."""
        return self.earliest.get(one, one) == self.earliest.get(other, other)


def read_credit_facts() -> CreditFacts:
    """The facts of the whole company. Five statements."""
    said: dict[int, list[Said]] = defaultdict(list)
    for row in _rows(HELPS):
        said[row[8]].append(_said(row))
    carriers = {row[0]: Carrier(row[1], row[2], tuple(row[3])) for row in _rows(CARRIED)}
    owners = {**dict(_rows(OWNERS)), **{release: one.product for release, one in carriers.items()}}
    features = {feature: tuple(found) for feature, found in said.items()}
    return CreditFacts(tuple(_read()), features, carriers, owners, _earliest(dict(_rows(CONTINUED))))


def quarter_of(day: date) -> date:
    """The first day of the calendar quarter that holds ``day``."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _read() -> Iterable[Read]:
    """Full windows that were not withdrawn, "cannot tell" included; effects whose size in the KPI's unit is not known stay out."""
    rows = Estimate.objects.filter(is_preferred=True, is_early=False, word__in=READ_WORDS)
    for row in rows.defer("picture").select_related("release").order_by("release", "kpi"):
        amount, error = _amount(row), _error(row)
        if amount is None or error is None or not (isfinite(amount) and isfinite(error)):
            continue
        first = row.window_start if row.members > 1 and row.window_start else row.live_on
        # Members of a bundle share its one effect equally, and with it one error.
        bundle = f"{row.kpi_id} from {first}" if row.members > 1 else ""
        effect = Effect(amount / row.members, error / row.members, bundle)
        yield Read(row.release_id, row.release.product_id, row.kpi_id, quarter_of(first), effect)


def _amount(row: Estimate) -> float | None:
    """The effect in the KPI's unit, where what was expected is known; a score's effect is that by itself."""
    form = Form(row.form)
    if row.effect is None or (row.level is None and form is not Form.SCORE):
        return None
    return Expected(form, row.level or 0.0, row.steps).natural(row.effect)


def _error(row: Estimate) -> float | None:
    """The standard error in the KPI's unit: that on the scale of z, times how fast the unit moves with z there."""
    if row.se is None or row.effect is None:
        return None
    form = Form(row.form)
    if form is Form.SCORE:
        return row.se
    if row.level is None:
        return None
    if form is Form.RATE:
        share = share_of(row.level + row.effect)
        return 100 * share * (1 - share) * row.se
    amount = _amount(row)
    return None if amount is None else (row.level + amount) * row.se


def _said(row: tuple[Any, ...]) -> Said:
    key, product, team, kind, state, low, high, release, feature = row
    days = Days(low, high) if low is not None else None
    # A product without a team counts as a team of its own.
    named = str(team) if team is not None else f"product {product}"
    help = Help(f"E-{key}", str(product), named, cast(Kind, kind), cast(State, state), days)
    return Said(help, product, release, feature)


def _earliest(continues: Mapping[int, int]) -> dict[int, int]:
    found = {}
    for product in continues:
        first, seen = product, {product}
        while first in continues and continues[first] not in seen:
            first = continues[first]
            seen.add(first)
        found[product] = first
    return {**found, **{first: first for first in found.values()}}


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
