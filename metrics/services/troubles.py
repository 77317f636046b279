"""Buckets whose refresh failed: counted before the work, tried again after growing pauses, quarantined after three attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from metrics.models import Trouble

FIRST_PAUSE = timedelta(seconds=5)
QUARANTINE_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The unit of draining: one product's ISO week, by its Monday; ``attempts`` failed before."""

    product_id: int
    week: date
    since: datetime
    attempts: int = 0


def count_attempts(buckets: Sequence[Bucket], *, now: datetime) -> None:
    """Committed before the work: one more attempt, and when the next may be."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO metrics_trouble AS held (product_id, week, attempts, stale_since, next_try_at, error)
            SELECT product_id, week, 1, since, %(now)s + %(first)s * INTERVAL '1 second', ''
            FROM unnest(%(products)s::bigint[], %(weeks)s::date[], %(since)s::timestamptz[]) AS bucket
                (product_id, week, since)
            ON CONFLICT (product_id, week) DO UPDATE SET
                attempts = held.attempts + 1,
                next_try_at = %(now)s + INTERVAL '1 second' * CASE
                    WHEN held.attempts + 1 >= %(most)s THEN %(long)s
                    ELSE %(first)s * power(4, held.attempts) END
            """,
            {
                "now": now,
                "first": FIRST_PAUSE.total_seconds(),
                "long": QUARANTINE_PAUSE.total_seconds(),
                "most": Trouble.QUARANTINED_AFTER,
                "products": [bucket.product_id for bucket in buckets],
                "weeks": [bucket.week for bucket in buckets],
                "since": [bucket.since for bucket in buckets],
            },
        )


def take_attempts_back(buckets: Sequence[Bucket], *, now: datetime) -> None:
    """Uncount those of ``buckets`` that are still in the books: they were not drained because another worker holds them.

    Whoever holds a bucket is at work on it (or frozen at it); the bucket itself did nothing wrong.
    """
    products, weeks = [bucket.product_id for bucket in buckets], [bucket.week for bucket in buckets]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH busy AS (
                UPDATE metrics_trouble AS held SET attempts = held.attempts - 1, next_try_at = %s
                FROM unnest(%s::bigint[], %s::date[]) AS bucket (product_id, week)
                WHERE held.product_id = bucket.product_id AND held.week = bucket.week AND held.attempts > 1
            )
            DELETE FROM metrics_trouble AS held USING unnest(%s::bigint[], %s::date[]) AS bucket (product_id, week)
            WHERE held.product_id = bucket.product_id AND held.week = bucket.week AND held.attempts <= 1
            """,
            [now, products, weeks, products, weeks],
        )


def note_error(bucket: Bucket, error: str) -> None:
    """Keep what the database said about a failed bucket."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE metrics_trouble SET error = %s WHERE product_id = %s AND week = %s",
            [error[:500], bucket.product_id, bucket.week],
        )


def allow_retry(*, now: datetime) -> int:
    """Let the next refresh try every bucket in trouble, whatever its pause; gives back how many."""
    return Trouble.objects.update(next_try_at=now)
