"""Add what was just heard to an entry that says the same: logged as always, and merged in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from feedback.models import Feedback
from feedback.services.feedback import FeedbackConflict, Logged, NewFeedback, log_feedback_entries
from feedback.services.merges import CannotMerge, merge_feedback, note_not_duplicate


@dataclass(frozen=True, slots=True)
class Added:
    """The new entry, and the one that it was merged into (None where it stands for itself)."""

    logged: Logged
    root: Feedback | None


@transaction.atomic
def log_among_similar(
    *, entry: NewFeedback, add_to: Feedback | None, not_these: Sequence[Feedback], now: datetime
) -> Added:
    """Log ``entry``; merge it into the group of ``add_to``, or remember that it is none of ``not_these``.

    Sent again it changes nothing. Raises ``FeedbackConflict`` and ``CannotMerge``; then nothing is stored.
    """
    (outcome,) = log_feedback_entries(entries=[entry], now=now)
    if isinstance(outcome, FeedbackConflict):
        raise outcome
    if outcome.replayed:
        return Added(outcome, outcome.feedback.merged_into)
    for other in not_these:
        note_not_duplicate(one=outcome.feedback, other=other, by=entry.logged_by, now=now)
    if add_to is None:
        return Added(outcome, None)
    there = Feedback.objects.select_related("merged_into").get(pk=add_to.pk)
    root = there.merged_into or there
    if root.withdrawn_at is not None:
        raise CannotMerge(f"{root.key} was withdrawn meanwhile. Log this as a new entry.")
    merge_feedback(entry=outcome.feedback, into=root, by=entry.logged_by, now=now)
    return Added(outcome, root)
