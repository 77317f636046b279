"""Prove and mend the estimates: compare each with a reading of the facts as they are now, or make all of them anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from metrics.models import Estimate
from metrics.services.buckets import EFFECTS
from metrics.services.effect_drain import mark_effects
from metrics.services.estimate_rows import Batch
from metrics.services.rollups import Refreshed, refresh
from metrics.sources.effects import read_facts

# What two readings of the same facts may differ in.
TIMES = {"id", "computed_at"}
COMPARED = [field.attname for field in Estimate._meta.concrete_fields if field.attname not in TIMES]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that does not equal its facts: what is stored and what the facts say, None where there is no such row."""

    release: int
    kpi: int
    basis: str
    stored: str | None
    recomputed: str | None


def check_effects(*, now: datetime, share: int | None = None, shares: int = 7) -> list[Difference]:
    """Every estimate that differs from its facts; with ``share`` those of one in ``shares`` products.

    Products with a mark waiting are left out: they are known to be behind.
    """
    found: list[Difference] = []
    for product in _quiet_products(now):
        if share is None or product % shares == share:
            found += _differences(product, now)
    return found


def rebuild_effects(*, now: datetime) -> Refreshed:
    """Make every estimate anew from the facts; pages show the old ones until then."""
    Estimate.objects.update(digest="")
    mark_effects(_products(), now=now)
    return refresh(now=now)


def _products() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT product_id FROM metrics_kpi UNION SELECT product_id FROM metrics_estimate ORDER BY 1")
        return [product for (product,) in cursor.fetchall()]


def _quiet_products(now: datetime) -> list[int]:
    """Products of whose effects nothing is known to have changed, also not with time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT mark.product_id FROM metrics_mark AS mark WHERE mark.day = %(effects)s
            UNION SELECT due.product_id FROM metrics_estimate AS due
            JOIN products_product AS product ON product.id = due.product_id
            WHERE due.look_again_on <= (%(now)s::timestamptz AT TIME ZONE product.time_zone)::date""",
            {"effects": EFFECTS, "now": now},
        )
        behind = {product for (product,) in cursor.fetchall()}
    return [product for product in _products() if product not in behind]


def _differences(product: int, now: datetime) -> Iterator[Difference]:
    stored = {_key(row): row for row in Estimate.objects.filter(product=product)}
    batch = Batch(read_facts([product]), now)
    told = {_key(row): row for asked in batch.asked() for row in batch.rows(asked)}
    for key in sorted({*stored, *told}):
        held, again = stored.get(key), told.get(key)
        if _values(held) != _values(again):
            yield Difference(*key, _words(held, again), _words(again, held))


def _key(row: Estimate) -> tuple[int, int, str]:
    return (row.release_id, row.kpi_id, row.basis)


def _values(row: Estimate | None) -> dict[str, Any] | None:
    return {name: getattr(row, name) for name in COMPARED} if row else None


def _words(row: Estimate | None, other: Estimate | None) -> str | None:
    """What a row says, and each of its columns that the other row does not say."""
    if row is None:
        return None
    differs = [name for name in COMPARED if other and getattr(row, name) != getattr(other, name) and name != "picture"]
    return "; ".join([row.words, *[f"{name} {getattr(row, name)}" for name in differs]])
