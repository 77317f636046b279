"""What happens to questions by itself: reminders, an end after two weeks, another person where one left, records that back answers."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from metrics.models import Enablement, EnablementDeed, EnablementState, EnablementStep, LetterKind
from metrics.queries.answerers import who_answers
from metrics.queries.records import Record, records_of_use
from metrics.services.enablement_steps import ask, locked, nobody_is_asked, send, step, work_of, write_down
from products.models import User

REMINDED_AFTER = (timedelta(days=5), timedelta(days=11))
MOST_AT_ONCE = 500


def tend_questions(*, now: datetime) -> None:
    """End what is over, pass on what waits for people who left, remind those who are asked."""
    over = Enablement.objects.filter(asked__isnull=False).filter(
        Q(expires_at__lte=now) | Q(asked__is_active=False) | Q(asked_at__lte=now - REMINDED_AFTER[0])
    )
    for number in list(over.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        _tend(Enablement(pk=number), now)


def back_by_records(*, now: datetime) -> int:
    """Mark what was confirmed and is on record as measured; returns how many became so."""
    return sum(_measure(found, now) for found in records_of_use())


@transaction.atomic
def _tend(enablement: Enablement, now: datetime) -> None:
    row = locked(enablement)
    if row.asked is None or row.asked_at is None or row.expires_at is None:
        return  # answered a moment ago
    if row.expires_at <= now:
        _expire(row, f"{row.asked.name} did not answer in two weeks.", now)
    elif not row.asked.is_active:
        _pass_on(row, now)
    else:
        _remind(row, row.asked, row.asked_at, now)


def _expire(row: Enablement, words: str, now: datetime) -> None:
    nobody_is_asked(row)
    step(row, EnablementDeed.EXPIRED, by=None, now=now, state=EnablementState.EXPIRED, words=words)
    if row.claimed_by is not None and row.claimed_by.is_active:
        send(row, row.claimed_by, LetterKind.ANSWER, now=now)


def _pass_on(row: Enablement, now: datetime) -> None:
    """Whoever was asked has left: somebody else behind the work is asked."""
    to = who_answers(
        work_of(row), product=row.upstream_product, release=row.upstream_release,
        claimant=row.claimed_by, made=row.made_at, now=now,
    )  # fmt: skip
    if to is None:
        _expire(row, f"{row.asked} has left, and nobody else is known who did this work.", now)
        return
    words = f"{row.asked} has left."
    ask(row, to, now=now)
    step(row, EnablementDeed.HANDED_ON, by=None, now=now, words=words, to=to)


def _remind(row: Enablement, asked: User, asked_at: datetime, now: datetime) -> None:
    """One letter after five days and one after eleven; the row stays as it is, so open forms still fit."""
    told = EnablementStep.objects.filter(enablement=row, deed=EnablementDeed.REMINDED, at__gte=asked_at).count()
    if told < len(REMINDED_AFTER) and now >= asked_at + REMINDED_AFTER[told]:
        write_down(row, EnablementDeed.REMINDED, before=row.state, by=None, now=now, to=asked)
        send(row, asked, LetterKind.REMINDER, now=now)


@transaction.atomic
def _measure(found: Record, now: datetime) -> bool:
    row = locked(Enablement(pk=found.enablement))
    if row.state not in (EnablementState.CONFIRMED, EnablementState.ADJUSTED):
        return False
    step(row, EnablementDeed.MEASURED, by=None, now=now, state=EnablementState.MEASURED, words=found.text)
    return True
