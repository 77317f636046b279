"""Buckets and their marks: what every drain does first, whatever it computes. Take the lock, then take the marks; only then read."""

from collections.abc import Sequence
from datetime import date

from django.db.backends.utils import CursorWrapper

from metrics.services.troubles import Bucket

# The week before all weeks: the bucket of what is known of a product's effects, which have no week of their own.
EFFECTS = date.min


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
    """Step 2: delete the buckets' marks; gives back the distinct (product, day) they cover."""
    cursor.execute(
        """
        WITH gone AS (
            DELETE FROM metrics_mark AS mark WHERE id = ANY (ARRAY(
                SELECT waiting.id FROM unnest(%s::bigint[], %s::date[]) AS bucket (product_id, week)
                CROSS JOIN LATERAL (
                    SELECT id FROM metrics_mark WHERE product_id = bucket.product_id AND day >= bucket.week
                        AND day < bucket.week + 7 AND until <= bucket.week + 7 OFFSET 0
                ) AS waiting
            ))
            RETURNING mark.product_id, mark.day, mark.until
        )
        SELECT DISTINCT product_id, day + later FROM gone CROSS JOIN LATERAL generate_series(0, until - day - 1) AS later
        ORDER BY 1, 2
        """,
        columns(buckets),
    )
    return list(cursor.fetchall())


def forget_troubles(cursor: CursorWrapper, buckets: Sequence[tuple[int, date]]) -> None:
    """What was in the books about ``buckets`` is over."""
    cursor.execute(
        """DELETE FROM metrics_trouble USING unnest(%s::bigint[], %s::date[]) AS done (product_id, week)
        WHERE metrics_trouble.product_id = done.product_id AND metrics_trouble.week = done.week""",
        columns(buckets),
    )


def bucket_words(week: date) -> str:
    """What a bucket holds, for people."""
    return "effects" if week == EFFECTS else f"week of {week}"
