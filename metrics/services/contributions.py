"""Tell what one did outside the products, ask those who had something of it, and answer."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from metrics.models import Contribution, ContributionAnswer, ContributionAsk, Letter, LetterKind
from products.models import User

MOST_ASKED = 10


@dataclass(frozen=True, slots=True)
class Told:
    """What it was and when: ``[start, end)``, ``end`` None while it goes on."""

    kind: str
    what: str
    start: date
    end: date | None = None


class NotYours(Exception):
    """Somebody else's contribution."""


class Withdrawn(Exception):
    """It was withdrawn meanwhile."""


class MayNotConfirm(Exception):
    """Oneself, or somebody who left."""


class AskedEnough(Exception):
    """As many colleagues as may be asked were."""


class NotAsked(Exception):
    """Somebody else is asked, or nobody."""


class AnsweredAlready(Exception):
    """It was answered otherwise before."""


class NotBegun(Exception):
    """It lies in the future."""


@transaction.atomic
def add_contribution(*, told: Told, by: User, now: datetime, asked: User | None = None) -> Contribution:
    """Add one's own contribution, and ask a colleague to confirm it. Raises ``NotBegun`` and ``MayNotConfirm``.

    The same words about the same days again are the contribution that is there.
    """
    if told.start > now.date():
        raise NotBegun("It has not begun. Add it when there is something to tell.")
    period = DateRange(told.start, told.end)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # a form sent twice takes turns
    same = Contribution.objects.filter(
        person=by, kind=told.kind, what=told.what, period=period, withdrawn_at__isnull=True
    ).first()
    row = same or Contribution.objects.create(person=by, kind=told.kind, what=told.what, period=period, added_at=now)
    if asked is not None:
        ask_to_confirm(contribution=row, asked=asked, by=by, now=now)
    return row


@transaction.atomic
def ask_to_confirm(*, contribution: Contribution, asked: User, by: User, now: datetime) -> ContributionAsk:
    """Ask a colleague who had something of it; asking again changes nothing.

    Raises ``NotYours``, ``Withdrawn``, ``MayNotConfirm``, ``AskedEnough``.
    """
    row = _standing(contribution)
    _only_own(row, by)
    if asked.pk == row.person_id:
        raise MayNotConfirm("Nobody confirms their own work. Name a colleague who had something of it.")
    if not asked.is_active:
        raise MayNotConfirm(f"{asked.name} has left. Name somebody who is here.")
    held = row.asks.filter(asked=asked).first()
    if held is not None:
        return held
    if row.asks.count() >= MOST_ASKED:
        raise AskedEnough(f"{MOST_ASKED} colleagues are asked already. Wait for their answers.")
    ask = ContributionAsk.objects.create(contribution=row, asked=asked, asked_at=now)
    Letter.objects.create(ask=ask, to=asked, kind=LetterKind.CONFIRM, queued_at=now, due_at=now)
    return ask


@transaction.atomic
def answer_contribution(
    *, contribution: Contribution, answer: str, words: str, by: User, now: datetime
) -> ContributionAsk:
    """Confirm what a colleague did, or say that one cannot. Raises ``Withdrawn``, ``NotAsked``, ``AnsweredAlready``."""
    row = _standing(contribution)
    ask = row.asks.select_for_update().filter(asked=by).first()
    if ask is None:
        raise NotAsked("You are not asked about this.")
    if ask.answer:
        if (ask.answer, ask.words) == (answer, words):
            return ask
        raise AnsweredAlready(f"You answered before: {ContributionAnswer(ask.answer).label.lower()}. That stays.")
    ask.answer, ask.words, ask.answered_at = ContributionAnswer(answer).value, words, max(now, ask.asked_at)
    ask.save(update_fields=["answer", "words", "answered_at"])
    return ask


@transaction.atomic
def withdraw_contribution(*, contribution: Contribution, by: User, now: datetime) -> Contribution:
    """Take one's own contribution back; twice is once. Raises ``NotYours``."""
    row = Contribution.objects.select_for_update().get(pk=contribution.pk)
    _only_own(row, by)
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
    return row


def _standing(contribution: Contribution) -> Contribution:
    row = Contribution.objects.select_for_update().get(pk=contribution.pk)
    if row.withdrawn_at is not None:
        raise Withdrawn("This was withdrawn meanwhile. Nothing waits for an answer.")
    return row


def _only_own(row: Contribution, by: User) -> None:
    if row.person_id != by.pk:
        raise NotYours("Only whoever did it asks about it or takes it back.")
