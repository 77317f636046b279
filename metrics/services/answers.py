"""The answer of whoever was asked, handing the question on, and opening again what was answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from metrics.models import ANSWERED, Enablement, EnablementDeed, EnablementKind, EnablementState, LetterKind
from metrics.queries.answerers import who_answers
from metrics.services.enablement_steps import (
    HelpFigures,
    ask,
    checked,
    locked,
    nobody_is_asked,
    refuse_fifth_unblocker,
    refuse_who_may_not,
    send,
    step,
    work_of,
)
from metrics.services.enabling_refusals import MayNotAnswer, NobodyToAsk, NotAsked, NotOpen, ReasonMissing
from products.models import User
from products.services.edits import ChangedMeanwhile
from products.services.refusals import refusing


class Verdict(StrEnum):
    """What somebody who was asked says."""

    ENABLED = "enabled"
    UNBLOCKED = "unblocked"
    ACCELERATED = "accelerated"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes and how, with the days where anybody counted them; no; or "I do not know". ``words`` are never needed.

    A "no" costs no more than a "yes": whoever had to give reasons for one of them would say the other.
    """

    verdict: Verdict
    figures: HelpFigures
    words: str = ""


@transaction.atomic
def give_answer(
    *, enablement: Enablement, answer: Answer, by: User, now: datetime, revision: int | None = None
) -> Enablement:
    """Answer what one was asked, once. Of two answers at the same moment one is refused.

    Raises ``NotOpen``, ``NotAsked``, ``MayNotAnswer``, ``BadDays``, and ``ChangedMeanwhile`` where ``revision`` is another.
    """
    row = _asked(enablement, by, now)
    if revision not in (None, row.revision):
        raise ChangedMeanwhile(f"{row.key} was changed since you opened it. Look at the figures again.")
    if answer.verdict == Verdict.UNKNOWN:
        nobody_is_asked(row)
        step(row, EnablementDeed.DID_NOT_KNOW, by=by, now=now, words=answer.words)
    else:
        refuse_who_may_not(by, row, now=now)
        state, deed = _judged(row, answer)
        if state != EnablementState.DISPUTED:
            refuse_fifth_unblocker(row)
        nobody_is_asked(row)
        row.answered_by, row.answered_at = by, now
        with refusing(_guards(by)):
            step(row, deed, by=by, now=now, state=state, words=answer.words)
    if row.claimed_by is not None and row.claimed_by.is_active:
        send(row, row.claimed_by, LetterKind.ANSWER, now=now)
    return row


@transaction.atomic
def hand_on(*, enablement: Enablement, to: User, by: User, now: datetime, words: str = "") -> Enablement:
    """Hand the question on to whoever can answer it; he has the whole time again. Raises as ``give_answer``."""
    row = _asked(enablement, by, now)
    if to.pk == by.pk:
        raise MayNotAnswer("That is you. Name the colleague who did this work.")
    refuse_who_may_not(to, row, now=now)
    ask(row, to, now=now)
    step(row, EnablementDeed.HANDED_ON, by=by, now=now, words=words, to=to)
    return row


@transaction.atomic
def reopen(*, enablement: Enablement, words: str, by: User, now: datetime) -> Enablement:
    """Ask again about what was answered, with a reason; what was said stays in the chain.

    Whoever answered is asked, or another where he has left or may not any more. Raises ``NotOpen``, ``ReasonMissing``, ``NobodyToAsk``.
    """
    row = locked(enablement)
    if row.state not in ANSWERED:
        raise NotOpen(f"{row.key} is {row.get_state_display().lower()}: only what was answered can be opened again.")
    if not words.strip():
        raise ReasonMissing("Say why it is opened again. Both sides read it.")
    to = _able(row, now)
    row.answered_by = row.answered_at = None
    ask(row, to, now=now)
    step(row, EnablementDeed.REOPENED, by=by, now=now, state=EnablementState.CLAIMED, words=words, to=to)
    return row


def _able(row: Enablement, now: datetime) -> User:
    """Whoever answered before, else somebody else behind the work. Raises ``NobodyToAsk``."""
    if row.answered_by is not None:
        try:
            refuse_who_may_not(row.answered_by, row, now=now)
        except MayNotAnswer:
            pass
        else:
            return row.answered_by
    found = who_answers(
        work_of(row), product=row.upstream_product, release=row.upstream_release,
        claimant=row.claimed_by, made=row.made_at, now=now,
    )  # fmt: skip
    if found is None:
        raise NobodyToAsk("Whoever answered is not here any more, and nobody else is known who did this work.")
    return found


def _asked(enablement: Enablement, by: User, now: datetime) -> Enablement:
    """The row, locked, where ``by`` is asked and in time. Raises ``NotOpen`` and ``NotAsked``."""
    row = locked(enablement)
    if row.state in ANSWERED:
        raise NotOpen(f"{row.key} was answered meanwhile. Open it again with a reason if that was wrong.")
    if row.asked is None or row.expires_at is None:
        raise NotOpen(f"{row.key} is {row.get_state_display().lower()}, and nobody is asked about it now.")
    if row.asked_id != by.pk:
        raise NotAsked(f"{row.asked.name} is asked, nobody else. They can hand the question on to you.")
    if now >= row.expires_at:
        raise NotOpen(f"The two weeks for {row.key} are over. Whoever claimed it can ask again.")
    return row


def _judged(row: Enablement, answer: Answer) -> tuple[EnablementState, EnablementDeed]:
    """The state that the answer leads to; the figures are put into the row. Raises ``BadDays``."""
    if answer.verdict == Verdict.NO:
        return EnablementState.DISPUTED, EnablementDeed.DISPUTED
    kind = EnablementKind(answer.verdict.value)
    said = checked(HelpFigures(kind, answer.figures.low, answer.figures.high))
    same = (row.kind, row.days_low, row.days_high) == (said.kind, said.low, said.high)
    row.kind, row.days_low, row.days_high = said.kind, said.low, said.high
    if same:
        return EnablementState.CONFIRMED, EnablementDeed.CONFIRMED
    return EnablementState.ADJUSTED, EnablementDeed.ADJUSTED


def _guards(by: User) -> dict[str, Exception]:
    own = MayNotAnswer(f"{by.name} answered for what helped, then or since, and nobody confirms their own work.")
    return {
        "metrics_enablement_nobody_confirms_own_work": own,
        "metrics_enablement_claimant_never_answers": own,
        "metrics_enablement_asked_person_answers": NotAsked("Only whoever was asked answers, and in time."),
    }
