"""Drain the marks: recompute what changed, exactly once, whoever else is at it.

For each bucket (product, ISO week), in one READ COMMITTED transaction and in exactly this order: try its advisory
lock (busy: leave it) → delete its marks → aggregate the facts → upsert or delete its cells → commit. Deleting before
aggregating is what makes a late commit safe: its mark is either deleted together with facts that are seen, or stays.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from metrics.services.buckets import EFFECTS, bucket_words, columns, forget_troubles, take_buckets, take_marks
from metrics.services.credit_drain import drain_credit
from metrics.services.effect_drain import drain_effects, look_again
from metrics.services.measuring import follow_what_is_known
from metrics.services.troubles import Bucket, count_attempts, note_error, take_attempts_back
from metrics.sources.cells import CELLS, DAYS, SUM_COLUMNS, WEEKLY_CELLS

log = logging.getLogger(__name__)

# Planning the statement of the days costs as much as draining 25 buckets, so it is shared by many.
GROUP, EFFECTS_GROUP = 500, 10
# 0001-01-01 is a Monday: weeks are whole numbers, whatever the time zone of the session.
MONDAY, LAST_MONDAY = (f"(DATE '0001-01-01' + ({day} - DATE '0001-01-01') / 7 * 7)" for day in ("day", "until - 1"))
SUSPICIOUS_AFTER = timedelta(seconds=30)
# What a bucket's facts may do to those who compute with them.
POISON = (DatabaseError, ArithmeticError, AssertionError, LookupError, TypeError, ValueError)
Drain = Callable[..., int]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many buckets were drained, were busy elsewhere, and failed; and of how many products the effects were looked at."""

    drained: int
    busy: int
    failed: int
    effects: int = field(default=0, compare=False)

    def __add__(self, other: "Refreshed") -> "Refreshed":
        return Refreshed(
            self.drained + other.drained,
            self.busy + other.busy,
            self.failed + other.failed,
            self.effects + other.effects,
        )


NOTHING = Refreshed(0, 0, 0)


def refresh(*, now: datetime, limit: int = 20_000) -> Refreshed:
    """Drain what waits, oldest first, up to ``limit`` buckets: cells, then the effects that are read from them, then credit.

    Failures are counted and never stop the others.
    """
    expand_ranges()
    result = _round(_waiting(now=now, limit=limit), drain, GROUP, now=now)
    look_again(now=now)
    effects = _waiting(now=now, limit=limit, effects=True)
    found = _round(effects, partial(drain_effects, now=now), EFFECTS_GROUP, now=now)
    failed = found.failed + _settled("credit", drain_credit, now=now)
    if found.drained:
        products = [bucket.product_id for bucket in effects]
        failed += _settled("what is known of features", partial(follow_what_is_known, products=products), now=now)
    return result + Refreshed(0, found.busy, failed, found.drained)


def _settled(what: str, settle: Callable[..., object], *, now: datetime) -> int:
    """Settle something that follows from what was drained; gives back 1 where that failed: it is tried again."""
    try:
        settle(now=now)
    except POISON:
        if not connection.is_usable():
            raise
        log.exception("%s cannot be settled; it is tried again at the next round", what)
        return 1
    return 0


def _round(waiting: Sequence[Bucket], work: Drain, size: int, *, now: datetime) -> Refreshed:
    """Drain healthy buckets in groups of ``size``, and suspects one by one."""
    fresh = [bucket for bucket in waiting if not bucket.attempts]
    result = NOTHING
    for start in range(0, len(fresh), size):
        result += _drain_group(fresh[start : start + size], work, now=now)
    for bucket in waiting:
        if bucket.attempts:
            result += _drain_alone(bucket, work, now=now)
    return result


WAITING = f"""
SELECT mark.product_id, mark.week, min(mark.marked_at), coalesce(max(trouble.attempts), 0) AS attempts
FROM (SELECT *, {MONDAY} AS week FROM metrics_mark WHERE {MONDAY} = {LAST_MONDAY}) AS mark
LEFT JOIN metrics_trouble AS trouble USING (product_id, week)
WHERE (trouble.next_try_at IS NULL OR trouble.next_try_at <= %s) AND (mark.week = %s) = %s
GROUP BY mark.product_id, mark.week ORDER BY attempts, min(mark.id) LIMIT %s
"""


def _waiting(*, now: datetime, limit: int, effects: bool = False) -> list[Bucket]:
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [now, EFFECTS, effects, limit])
        return [Bucket(*row) for row in cursor.fetchall()]


def _drain_group(buckets: Sequence[Bucket], work: Drain, *, now: datetime) -> Refreshed:
    """Drain healthy buckets together; if one of them fails, each alone, so that neighbours go on."""
    suspects = [bucket for bucket in buckets if now - bucket.since > SUSPICIOUS_AFTER]
    if suspects:
        count_attempts(suspects, now=now)
    try:
        drained = work(buckets, clear=bool(suspects))
    except POISON:
        if not connection.is_usable():
            raise  # without a database no bucket is to blame
        return sum((_drain_alone(bucket, work, now=now) for bucket in buckets), NOTHING)
    if suspects and drained < len(buckets):
        take_attempts_back(suspects, now=now)
    return Refreshed(drained, len(buckets) - drained, 0)


def _drain_alone(bucket: Bucket, work: Drain, *, now: datetime) -> Refreshed:
    """Drain one suspect. It is counted before the work, so that even one that kills its process is found out."""
    count_attempts([bucket], now=now)
    try:
        drained = work([bucket], clear=True)
    except POISON as error:
        if not connection.is_usable():
            raise  # without a database no bucket is to blame
        note_error(bucket, str(error))
        log.error("the %s of product %s cannot be refreshed: %s", bucket_words(bucket.week), bucket.product_id, error)
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
            forget_troubles(cursor, taken)
    return len(taken)


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
    """Turn marks over several weeks into marks of the weeks that have facts or cells; gives back how many there were.

    Each in its own transaction: one that fails stays, is in the log, and stops nobody else.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM metrics_mark WHERE {MONDAY} <> {LAST_MONDAY} ORDER BY id")
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
            SELECT %(product)s, min(day), max(day) + 1, %(source)s, %(marked_at)s
            FROM ({DAYS}) AS found (day) WHERE day >= %(day)s AND day < %(until)s
            GROUP BY {MONDAY}""",
            {"product": product_id, "day": day, "until": until, "source": source, "marked_at": marked_at},
        )
    return 1
