"""Drain the marks of credit: lock → delete the marks → read the facts → settle what changed → write. The bucket is the company."""

import logging
from datetime import date, datetime

from django.db import connection, transaction

from metrics.models import Credit, CreditMark, CreditPart, CreditSplit
from metrics.services.credit_rows import Group, answer, ask
from metrics.sources.credits import read_credit_facts

log = logging.getLogger(__name__)
LOCK = (20, 0)  # one drain of credit at a time; products' buckets are numbered otherwise (hash, week)


@transaction.atomic
def drain_credit(*, now: datetime) -> bool:
    """Make credit equal to its facts if something is marked; gives back whether it was. Another drain at work: left to that one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM metrics_creditmark)")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK)
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("DELETE FROM metrics_creditmark")
        if not cursor.rowcount:
            return False
    written = write_credit(now=now)
    log.debug("credit of %d KPIs and quarters was written", written)
    return True


def write_credit(*, now: datetime) -> int:
    """Make all credit rows equal to what the facts say; gives back how many KPIs and quarters were written."""
    rows_held = Credit.objects.values_list("kpi_id", "period", "digest").distinct()
    stored = {(kpi, period): digest for kpi, period, digest in rows_held}
    wanted = {asked.group: asked for asked in ask(read_credit_facts())}
    changed = [asked for group, asked in wanted.items() if stored.get(group) != asked.digest]
    gone = [group for group in stored if group not in wanted]
    _forget(gone + [asked.group for asked in changed])
    for asked in changed:
        rows = answer(asked, now=now)
        Credit.objects.bulk_create(rows.credits)
        CreditSplit.objects.bulk_create(rows.splits)
        CreditPart.objects.bulk_create(rows.parts)
    return len(changed)


def mark_credit(*, now: datetime) -> None:
    """Let the next refresh look at credit again."""
    CreditMark.objects.create(source="rebuild", marked_at=now)


def _forget(groups: list[Group]) -> None:
    if not groups:
        return
    given: tuple[list[int], list[date]] = ([kpi for kpi, _ in groups], [period for _, period in groups])
    gone = "(kpi_id, period) IN (SELECT * FROM unnest(%s::bigint[], %s::date[]))"
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM metrics_creditpart WHERE split_id IN (SELECT id FROM metrics_creditsplit WHERE {gone})", given
        )
        cursor.execute(f"DELETE FROM metrics_creditsplit WHERE {gone}", given)
        cursor.execute(f"DELETE FROM metrics_credit WHERE {gone}", given)
