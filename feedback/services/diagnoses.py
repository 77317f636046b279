"""Diagnose what was heard: start and answer a diagnosis, take entries into it and out of it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from feedback.models import Diagnosis, DiagnosisEvent, Feedback
from feedback.queries.diagnosing import NEW, Answers, version_of
from products.models import Product, User
from products.queries.edits import ago
from products.services.edits import ChangedMeanwhile

LONGEST = 2000
Deed = DiagnosisEvent.Deed
REQUIRED = {
    "trying_to": "what they were trying to do",
    "in_the_way": "what gets in the way",
    "known_from": "how you know",
}


class AnswersMissing(Exception):
    """A diagnosis counts only when the first three questions are answered, and keeps them once it counts."""

    def __init__(self, missing: Sequence[str]) -> None:
        words = [REQUIRED[column] for column in missing]
        listed = " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
        super().__init__(f"Say {listed}: a diagnosis needs an answer to the first three questions.")
        self.missing = list(missing)


class AnswersTooLong(Exception):
    """An answer has more than 2,000 characters, as where two texts were put together."""


class NotStanding(Exception):
    """The entry was merged into another or withdrawn, so there is nothing to diagnose."""


class NoProduct(Exception):
    """It is not known which product the entry is about, so nobody answers for it."""


class OtherProduct(Exception):
    """The entry is about another product than the diagnosis."""


class AlreadyDiagnosed(Exception):
    """The entry belongs to another diagnosis."""


@transaction.atomic
def diagnose(
    *, feedback: Feedback, answers: Answers, is_done: bool, by: User, now: datetime, version: str | None = None
) -> Diagnosis:
    """Start the diagnosis of an entry, or answer the one it belongs to; ``is_done`` marks it diagnosed.

    The entry is held until commit, so two people never start two. Raises ``ChangedMeanwhile`` where ``version`` is not
    what stands (the same words sent twice are one), ``NotStanding``, ``NoProduct``, ``AnswersMissing`` and ``AnswersTooLong``.
    """
    held = _held([feedback])[0]
    if held.diagnosis_id is None:
        if version not in (None, NEW):
            raise ChangedMeanwhile(f"{held.key} was taken out of its diagnosis meanwhile.")
        return _start(held, answers, is_done, by, now)
    return answer_diagnosis(
        diagnosis=Diagnosis(pk=held.diagnosis_id), answers=answers, is_done=is_done, by=by, now=now, version=version
    )


@transaction.atomic
def answer_diagnosis(
    *, diagnosis: Diagnosis, answers: Answers, is_done: bool, by: User, now: datetime, version: str | None = None
) -> Diagnosis:
    """Store the answers; ``is_done`` marks it diagnosed, and it stays so. Raises as ``diagnose``."""
    row = Diagnosis.objects.select_for_update().get(pk=diagnosis.pk)
    becomes_done = is_done and row.diagnosed_at is None
    given = asdict(answers)
    if not becomes_done and all(getattr(row, column) == text for column, text in given.items()):
        return row
    if version not in (None, version_of(row)):
        raise ChangedMeanwhile(_told(row, now))
    _refuse_bad(answers, needed=is_done or row.diagnosed_at is not None)
    for column, text in given.items():
        setattr(row, column, text)
    if becomes_done:
        row.diagnosed_by, row.diagnosed_at = by, now
    row.revision += 1
    row.save(update_fields=[*given, "diagnosed_by", "diagnosed_at", "revision"])
    _note(row, Deed.DIAGNOSED if becomes_done else Deed.ANSWERED, by, now)
    return row


@transaction.atomic
def take_in(*, diagnosis: Diagnosis, entries: Sequence[Feedback], by: User, now: datetime) -> list[Feedback]:
    """Say that ``entries`` are about what ``diagnosis`` says; those that already belong to it are left as they are.

    Gives back those that were taken in. Raises ``NotStanding``, ``NoProduct``, ``OtherProduct``, ``AlreadyDiagnosed``;
    then none is taken.
    """
    held = _held(entries)
    new = [entry for entry in held if entry.diagnosis_id != diagnosis.pk]
    for entry in new:
        if entry.product_id != diagnosis.product_id:
            raise OtherProduct(f"{entry.key} is about another product than {diagnosis.key}, so it cannot belong to it.")
        if entry.diagnosis_id is not None:
            raise AlreadyDiagnosed(f"{entry.key} belongs to D-{entry.diagnosis_id} already. Take it out there first.")
    if new:
        Feedback.objects.filter(pk__in=[entry.pk for entry in new]).update(diagnosis=diagnosis)
        _note(diagnosis, Deed.TOOK_IN, by, now, new)
    return new


@transaction.atomic
def take_out(*, feedback: Feedback, diagnosis: Diagnosis, by: User, now: datetime) -> bool:
    """Undo ``take_in`` for one entry, which is open again; False where it did not belong to ``diagnosis`` any more."""
    done = Feedback.objects.filter(pk=feedback.pk, diagnosis=diagnosis).update(diagnosis=None)
    if done:
        _note(diagnosis, Deed.TOOK_OUT, by, now, [feedback])
    return bool(done)


def _held(entries: Sequence[Feedback]) -> list[Feedback]:
    """The entries as they stand, locked in the order of their keys. Raises ``NotStanding`` and ``NoProduct``."""
    keys = [entry.pk for entry in entries]
    held = list(Feedback.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    for entry in held:
        if entry.merged_into_id is not None:
            raise NotStanding(f"{entry.key} was merged into FB-{entry.merged_into_id}. Diagnose that one.")
        if entry.withdrawn_at is not None:
            raise NotStanding(f"{entry.key} was withdrawn, so there is nothing to diagnose.")
        if entry.product_id is None:
            raise NoProduct(f"It is not said which product {entry.key} is about. Edit it and choose the product first.")
    return held


def _start(feedback: Feedback, answers: Answers, is_done: bool, by: User, now: datetime) -> Diagnosis:
    _refuse_bad(answers, needed=is_done)
    row = Diagnosis.objects.create(
        product=Product(pk=feedback.product_id),
        **asdict(answers),
        started_by=by,
        started_at=now,
        diagnosed_by=by if is_done else None,
        diagnosed_at=now if is_done else None,
    )
    Feedback.objects.filter(pk=feedback.pk).update(diagnosis=row)
    _note(row, Deed.STARTED, by, now, [feedback])
    if is_done:
        _note(row, Deed.DIAGNOSED, by, now)
    return row


def _refuse_bad(answers: Answers, *, needed: bool) -> None:
    longest = max(len(text) for text in asdict(answers).values())
    if longest > LONGEST:
        raise AnswersTooLong(f"Shorten what stands in one field to {LONGEST:,} characters; it has {longest:,}.")
    missing = [column for column in REQUIRED if not getattr(answers, column).strip()]
    if needed and missing:
        raise AnswersMissing(missing)


def _told(row: Diagnosis, now: datetime) -> str:
    """Who changed it last and when, for the page that shows both texts."""
    edits = row.events.exclude(deed__in=[Deed.TOOK_IN, Deed.TOOK_OUT]).select_related("by")
    edit = edits.order_by("-at", "-pk").first()
    if edit is None or (row.decided_at is not None and row.decided_at > edit.at):
        return f"{row.key} was decided on meanwhile."
    return f"{edit.by} changed {row.key} {ago(edit.at, now=now)}."


def _note(
    diagnosis: Diagnosis, deed: str, by: User, now: datetime, entries: Sequence[Feedback | None] = (None,)
) -> None:
    """Write into the history of a diagnosis."""
    events = [DiagnosisEvent(diagnosis=diagnosis, deed=deed, feedback=one, by=by, at=now) for one in entries]
    DiagnosisEvent.objects.bulk_create(events)
