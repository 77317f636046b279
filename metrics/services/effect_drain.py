"""Drain the marks of effects: the bucket is a product, everything else is as for any other mark (services.rollups).

Lock → delete the marks → read the facts → answer what changed → write. What is asked as before is neither computed nor written.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from metrics.models import Estimate, Mark
from metrics.services.buckets import EFFECTS, forget_troubles, take_buckets, take_marks
from metrics.services.estimate_rows import Asked, Batch, Key, changed
from metrics.services.troubles import Bucket
from metrics.sources.effects import read_facts

UNIQUE = ["release", "kpi", "basis"]
UPDATED = [
    name
    for name in (field.attname for field in Estimate._meta.concrete_fields)
    if name not in {"id", "release_id", "kpi_id", "basis"}
]
ROWS = 500
PLAIN = Estimate.Basis.PLAIN


@transaction.atomic
def drain_effects(buckets: Sequence[Bucket], *, now: datetime, clear: bool = False) -> int:
    """Drain the effects of the buckets' products in one transaction; gives back how many were not busy."""
    with connection.cursor() as cursor:
        taken = take_buckets(cursor, buckets)
        marked = sorted({product for product, _ in take_marks(cursor, taken)})
        if marked:
            write_estimates(marked, now=now)
        if clear and taken:
            forget_troubles(cursor, taken)
    return len(taken)


def write_estimates(products: Sequence[int], *, now: datetime) -> int:
    """Make the estimates of KPIs of ``products`` equal to what their facts say; gives back how many rows were written."""
    batch = Batch(read_facts(products), now)
    stored = _stored(products)
    digests = {key: digest for key, (digest, _) in stored.items()}
    every = list(batch.asked())
    # Rows of questions that nobody asks any more go first: only one row of a release and KPI may be preferred.
    wanted = {key for asked in every for key in asked.keys}
    _forget({key for key in stored if key not in wanted and (key[2] != PLAIN or _past(key) not in wanted)})
    _put_off([asked for asked in every if _is_due_later(asked, stored)])
    rows: list[Estimate] = []
    gone: set[Key] = set()
    written = 0
    for asked in every:
        if not changed(asked, digests):
            continue
        found = batch.rows(asked)
        rows += found
        gone |= {key for row in found if (key := (row.release_id, row.kpi_id, PLAIN)) in stored}
        gone -= {(row.release_id, row.kpi_id, row.basis) for row in found}
        if len(rows) >= ROWS:
            written += _write(rows)
            rows = []
    _forget(gone)
    return written + _write(rows)


def _stored(products: Sequence[int]) -> dict[Key, tuple[str, date | None]]:
    """What every stored row of the products answers, and when to look at it again. One statement."""
    columns = ("release_id", "kpi_id", "basis", "digest", "look_again_on")
    rows = Estimate.objects.filter(product__in=products).values_list(*columns)
    return {(release, kpi, basis): (digest, look) for release, kpi, basis, digest, look in rows}


def _past(key: Key) -> Key:
    return (key[0], key[1], Estimate.Basis.PAST)


def _is_due_later(asked: Asked, stored: Mapping[Key, tuple[str, date | None]]) -> bool:
    """Whether a stored answer holds, but is to be looked at on another day."""
    held = stored.get(_past((asked.pair.release, asked.pair.kpi, "")))
    return held is not None and held[0] == asked.digest and held[1] != asked.look_again_on


def _write(rows: list[Estimate]) -> int:
    Estimate.objects.bulk_create(rows, update_conflicts=True, unique_fields=UNIQUE, update_fields=UPDATED)
    return len(rows)


def look_again(*, now: datetime) -> int:
    """Mark the products of which time alone may have changed an effect; gives back how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
            SELECT DISTINCT due.product_id, %(effects)s::date, %(effects)s::date + 1, 'time', %(now)s::timestamptz
            FROM metrics_estimate AS due JOIN products_product AS product ON product.id = due.product_id
            WHERE due.look_again_on <= (%(now)s::timestamptz AT TIME ZONE product.time_zone)::date
                AND NOT EXISTS (SELECT FROM metrics_mark AS mark
                    WHERE mark.product_id = due.product_id AND mark.day = %(effects)s::date)
            """,
            {"effects": EFFECTS, "now": now},
        )
        return int(cursor.rowcount)


def mark_effects(products: Sequence[int], *, now: datetime) -> None:
    """Let the next refresh look at the effects of ``products`` again."""
    Mark.objects.bulk_create(
        Mark(product_id=product, day=EFFECTS, until=EFFECTS.replace(day=2), source="rebuild", marked_at=now)
        for product in products
    )


def _forget(keys: set[Key]) -> None:
    """Take away the rows of ``keys``, before others take their place."""
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM metrics_estimate AS held
            USING unnest(%s::bigint[], %s::bigint[], %s::text[]) AS gone (release_id, kpi_id, basis)
            WHERE held.release_id = gone.release_id AND held.kpi_id = gone.kpi_id AND held.basis = gone.basis""",
            [list(part) for part in zip(*sorted(keys), strict=True)],
        )


def _put_off(asked: Sequence[Asked]) -> None:
    """Say from which day on to look again, where nothing else changed."""
    if not asked:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE metrics_estimate AS held SET look_again_on = due.day
            FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS due (release_id, kpi_id, day)
            WHERE held.release_id = due.release_id AND held.kpi_id = due.kpi_id""",
            [
                [one.pair.release for one in asked],
                [one.pair.kpi for one in asked],
                [one.look_again_on for one in asked],
            ],
        )
