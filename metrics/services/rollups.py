"""Drain the marks: recompute what changed, exactly once, whoever else is at it.

For each bucket (product, ISO week), in one READ COMMITTED transaction and in exactly this order: try its advisory
lock (busy: leave it) → delete its marks → aggregate the facts → upsert or delete its cells → commit. Deleting before
aggregating is what makes a late commit safe: its mark is either deleted together with facts that are seen, or stays.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from metrics.services.troubles import Bucket, count_attempts, note_error, take_attempts_back
from metrics.sources.cells import CELLS, DAYS, SUM_COLUMNS, WEEKLY_CELLS

log = logging.getLogger(__name__)

GROUP = 200
SUSPICIOUS_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many buckets were drained, were busy elsewhere, and failed."""

    drained: int
    busy: int
    failed: int

    def __add__(self, other: "Refreshed") -> "Refreshed":
        return Refreshed(self.drained + other.drained, self.busy + other.busy, self.failed + other.failed)


NOTHING = Refreshed(0, 0, 0)


def refresh(*, now: datetime, limit: int = 20_000) -> Refreshed:
    """Drain what waits, oldest first, up to ``limit`` buckets. Failures are counted and never stop the others."""
    expand_ranges()
    waiting = _waiting(now=now, limit=limit)
    fresh = [bucket for bucket in waiting if not bucket.attempts]
    result = NOTHING
    for start in range(0, len(fresh), GROUP):
        result += _drain_group(fresh[start : start + GROUP], now=now)
    for bucket in waiting:
        if bucket.attempts:
            result += _drain_alone(bucket, now=now)
    return result


def _waiting(*, now: datetime, limit: int) -> list[Bucket]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT mark.product_id, mark.week, min(mark.marked_at), coalesce(max(trouble.attempts), 0) AS attempts
            FROM (SELECT *, date_trunc('week', day)::date AS week FROM metrics_mark WHERE until = day + 1) AS mark
            LEFT JOIN metrics_trouble AS trouble USING (product_id, week)
            WHERE trouble.next_try_at IS NULL OR trouble.next_try_at <= %s
            GROUP BY mark.product_id, mark.week ORDER BY attempts, min(mark.id) LIMIT %s
            """,
            [now, limit],
        )
        return [Bucket(*row) for row in cursor.fetchall()]


def _drain_group(buckets: Sequence[Bucket], *, now: datetime) -> Refreshed:
    """Drain healthy buckets together; if one of them fails, each alone, so that neighbours go on."""
    suspects = [bucket for bucket in buckets if now - bucket.since > SUSPICIOUS_AFTER]
    if suspects:
        count_attempts(suspects, now=now)
    try:
        drained = drain(buckets, clear=bool(suspects))
    except DatabaseError:
        if not connection.is_usable():
            raise  # without a database no bucket is to blame
        return sum((_drain_alone(bucket, now=now) for bucket in buckets), NOTHING)
    if suspects and drained < len(buckets):
        take_attempts_back(suspects, now=now)
    return Refreshed(drained, len(buckets) - drained, 0)


def _drain_alone(bucket: Bucket, *, now: datetime) -> Refreshed:
    """Drain one suspect. It is counted before the work, so that even one that kills its process is found out."""
    count_attempts([bucket], now=now)
    try:
        drained = drain([bucket], clear=True)
    except DatabaseError as error:
        if not connection.is_usable():
            raise  # without a database no bucket is to blame
        note_error(bucket, str(error))
        log.error("the week of %s of product %s cannot be refreshed: %s", bucket.week, bucket.product_id, error)
        return Refreshed(0, 0, 1)
    if not drained:
        take_attempts_back([bucket], now=now)
    return Refreshed(drained, 1 - drained, 0)


@transaction.atomic
def drain(buckets: Sequence[Bucket], *, clear: bool = False) -> int:
    """Drain ``buckets`` in one transaction; gives back how many were not busy. ``clear`` forgets their troubles."""
    with connection.cursor() as cursor:
        taken = take_buckets(cursor, buckets)
        days = take_marks(cursor, taken)
        if days:
            write_cells(cursor, days)
            write_weeks(cursor, sorted({(product, day - timedelta(days=day.weekday())) for product, day in days}))
        if clear and taken:
            cursor.execute(
                """DELETE FROM metrics_trouble USING unnest(%s::bigint[], %s::date[]) AS done (product_id, week)
                WHERE metrics_trouble.product_id = done.product_id AND metrics_trouble.week = done.week""",
                columns(taken),
            )
    return len(taken)


def columns(pairs: Sequence[tuple[int, date]]) -> list[list[object]]:
    """Pairs as two arrays, for ``unnest``."""
    return [[first for first, _ in pairs], [second for _, second in pairs]]


def take_buckets(cursor: CursorWrapper, buckets: Sequence[Bucket]) -> list[tuple[int, date]]:
    """Step 1: the buckets whose lock was free; it is held until the transaction ends."""
    cursor.execute(
        """
        SELECT product_id, week FROM unnest(%s::bigint[], %s::date[]) AS bucket (product_id, week)
        WHERE pg_try_advisory_xact_lock(hashint8(product_id), week - DATE '1970-01-05')
        """,
        columns([(bucket.product_id, bucket.week) for bucket in buckets]),
    )
    return list(cursor.fetchall())


def take_marks(cursor: CursorWrapper, buckets: Sequence[tuple[int, date]]) -> list[tuple[int, date]]:
    """Step 2: delete the buckets' marks; gives back the distinct (product, day) they named."""
    cursor.execute(
        """
        WITH gone AS (
            DELETE FROM metrics_mark AS mark WHERE id = ANY (ARRAY(
                SELECT waiting.id FROM unnest(%s::bigint[], %s::date[]) AS bucket (product_id, week)
                CROSS JOIN LATERAL (
                    SELECT id FROM metrics_mark WHERE product_id = bucket.product_id AND day >= bucket.week
                        AND day < bucket.week + 7 AND until = day + 1 OFFSET 0
                ) AS waiting
            ))
            RETURNING mark.product_id, mark.day
        )
        SELECT DISTINCT product_id, day FROM gone ORDER BY product_id, day
        """,
        columns(buckets),
    )
    return list(cursor.fetchall())


def write_cells(cursor: CursorWrapper, days: Sequence[tuple[int, date]]) -> None:
    """Steps 3 and 4: make the daily cells of ``days`` equal to what their facts say; a cell without facts goes."""
    cursor.execute(UPSERT_DAYS, columns(days))


def write_weeks(cursor: CursorWrapper, weeks: Sequence[tuple[int, date]]) -> None:
    """Merge the weekly cells of ``weeks`` from their days."""
    cursor.execute(UPSERT_WEEKS, columns(weeks))


def _upsert(table: str, key: str, given: str, cells: str) -> str:
    """One statement that makes the cells of ``given`` in ``table`` equal to ``cells``.

    OFFSET 0 fences each bucket's look-up in the index off: whatever the planner knows, it never reads a whole table.
    """
    keyed = f"product_id, measure, {key}"
    assigned = ", ".join(f"{name.strip()} = excluded.{name.strip()}" for name in SUM_COLUMNS.split(","))
    held = ", ".join(f"held.{name.strip()}" for name in SUM_COLUMNS.split(","))
    sent = ", ".join(f"excluded.{name.strip()}" for name in SUM_COLUMNS.split(","))
    return f"""
    WITH {given} AS (
        SELECT sent.* FROM unnest(%s::bigint[], %s::date[]) AS sent (product_id, {key})
        JOIN products_product AS product ON product.id = sent.product_id
    ), cells ({keyed}, {SUM_COLUMNS}) AS MATERIALIZED ({cells}),
    kept AS MATERIALIZED (
        SELECT found.* FROM {given} AS here CROSS JOIN LATERAL (
            SELECT {keyed} FROM {table} WHERE product_id = here.product_id AND {key} = here.{key} OFFSET 0
        ) AS found
    ), gone AS (
        DELETE FROM {table} AS held USING (SELECT * FROM kept EXCEPT SELECT {keyed} FROM cells) AS empty
        WHERE held.product_id = empty.product_id AND held.measure = empty.measure AND held.{key} = empty.{key}
    )
    INSERT INTO {table} AS held ({keyed}, {SUM_COLUMNS}) SELECT * FROM cells
    ON CONFLICT ({keyed}) DO UPDATE SET {assigned} WHERE ({held}) IS DISTINCT FROM ({sent})
    """


UPSERT_DAYS = _upsert("metrics_rollup", "day", "wanted", CELLS)
UPSERT_WEEKS = _upsert("metrics_weeklyrollup", "week", "weeks", WEEKLY_CELLS)


def expand_ranges() -> int:
    """Turn marks over a range of days into marks of the days that have facts or cells; gives back how many ranges.

    Each in its own transaction: one that fails stays, is in the log, and stops nobody else.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM metrics_mark WHERE until > day + 1 ORDER BY id")
        waiting = [mark for (mark,) in cursor.fetchall()]
    done = 0
    for mark in waiting:
        try:
            done += _expand_range(mark)
        except DatabaseError:
            if not connection.is_usable():
                raise
            log.exception("the days of mark %s cannot be found; it is tried again at the next round", mark)
    return done


@transaction.atomic
def _expand_range(mark: int) -> int:
    """The new marks become visible together with the loss of the old one, so nothing falls between."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM metrics_mark WHERE id = %s RETURNING product_id, day, until, source, marked_at", [mark]
        )
        found = cursor.fetchone()
        if found is None:
            return 0  # another worker was quicker
        product_id, day, until, source, marked_at = found
        cursor.execute(
            f"""INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
            SELECT %(product)s, found.day, found.day + 1, %(source)s, %(marked_at)s
            FROM ({DAYS}) AS found (day) WHERE found.day >= %(day)s AND found.day < %(until)s""",
            {"product": product_id, "day": day, "until": until, "source": source, "marked_at": marked_at},
        )
    return 1
