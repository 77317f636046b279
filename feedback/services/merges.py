"""Merge entries that say the same, and take it back: links only, so that undoing restores exactly."""

from datetime import datetime

from django.db import transaction

from feedback.models import Feedback, Merge, NotDuplicate
from products.models import User


class CannotMerge(Exception):
    """The two entries cannot be joined; the message says why and what to do."""


class CannotUndo(Exception):
    """The merge cannot be taken back (any more); the message says why."""


@transaction.atomic
def merge_feedback(*, entry: Feedback, into: Feedback, by: User, now: datetime) -> Merge:
    """Merge ``entry``, with what was merged into it, into ``into``. Raises ``CannotMerge``; then nothing changes.

    Both rows are held in the order of their keys, so that two people who merge the same pair at once never wait in a circle.
    """
    held = {row.pk: row for row in _held([entry.pk, into.pk])}
    entry, into = held[entry.pk], held[into.pk]
    if problem := _why_not(entry, into):
        raise CannotMerge(problem)
    moved = [row.pk for row in Feedback.objects.filter(merged_into=entry).order_by("pk").select_for_update()]
    # First the followers: the entry may go only when nobody is merged into it.
    Feedback.objects.filter(pk__in=moved).update(merged_into=into)
    Feedback.objects.filter(pk=entry.pk).update(merged_into=into)
    return Merge.objects.create(root=into, merged=entry, moved=moved, by=by, at=now)


@transaction.atomic
def unmerge_feedback(*, entry: Feedback, by: User, now: datetime) -> Merge:
    """Take the merge of ``entry`` back: it stands for itself again, and what moved along comes back to it.

    What moved along and was taken out since stays where it is. Raises ``CannotUndo``.
    """
    root = Feedback.objects.values_list("merged_into", flat=True).get(pk=entry.pk)
    if root is None:
        raise CannotUndo(f"{entry.key} stands for itself already.")
    held = {row.pk: row for row in _held([entry.pk, root])}
    if held[entry.pk].merged_into_id != root:
        raise CannotUndo(f"Somebody else moved {entry.key} just now. Look where it is and try again.")
    # A link that was made without this service has no record yet.
    unrecorded = {"root_id": root, "by": by, "at": now}
    merge, _ = Merge.objects.get_or_create(merged=entry, undone_at=None, defaults=unrecorded)
    Feedback.objects.filter(pk=entry.pk).update(merged_into=None)
    Feedback.objects.filter(pk__in=_still_along(merge, root)).update(merged_into=entry)
    merge.undone_by, merge.undone_at = by, now
    merge.save(update_fields=["undone_by", "undone_at"])
    return merge


@transaction.atomic
def note_not_duplicate(*, one: Feedback, other: Feedback, by: User, now: datetime) -> None:
    """Remember that the two say different things, so that they are never suggested for each other again."""
    first, second = sorted((one.pk, other.pk))
    if first == second:
        return
    NotDuplicate.objects.get_or_create(first_id=first, second_id=second, defaults={"by": by, "at": now})


def _held(keys: list[int]) -> list[Feedback]:
    return list(Feedback.objects.filter(pk__in=keys).order_by("pk").select_for_update())


def _why_not(entry: Feedback, into: Feedback) -> str:
    """Why ``entry`` cannot go into ``into``, "" if it can."""
    if entry.pk == into.pk:
        return f"{entry.key} cannot be merged into itself. Choose another entry."
    for one in (entry, into):
        if one.withdrawn_at is not None:
            return f"{one.key} was withdrawn, so it cannot be merged."
        if one.merged_into_id is not None:
            return f"{one.key} was merged into FB-{one.merged_into_id} already. Use that one, or undo the merge first."
    if entry.diagnosis_id and into.diagnosis_id and entry.diagnosis_id != into.diagnosis_id:
        return (
            f"{entry.key} belongs to diagnosis D-{entry.diagnosis_id} and {into.key} to D-{into.diagnosis_id}. "
            "Take one of them out of its diagnosis first."
        )
    return ""


def _still_along(merge: Merge, root: int) -> list[int]:
    """Of the entries that moved along those that nobody took out or moved since then.

    An entry that was taken out and merged again has a younger merge of its own that still holds.
    """
    there = Feedback.objects.filter(pk__in=merge.moved, merged_into=root).values_list("pk", flat=True)
    anew = Merge.objects.filter(merged__in=list(there), undone_at__isnull=True, pk__gt=merge.pk)
    return sorted(set(there) - set(anew.values_list("merged", flat=True)))
