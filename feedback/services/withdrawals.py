"""Take an entry back right after logging it: it leaves lists and figures; its page and its key stay."""

from datetime import datetime

from django.db import transaction

from feedback.models import Feedback, Outreach
from products.models import User


class CannotWithdraw(Exception):
    """Something was built on the entry, or it is not this person's; the message says which."""


@transaction.atomic
def withdraw_feedback(*, entry: Feedback, by: User, now: datetime) -> Feedback:
    """Withdraw ``entry``; doing it again changes nothing. Raises ``CannotWithdraw``."""
    entry = Feedback.objects.select_for_update().get(pk=entry.pk)
    if entry.withdrawn_at is not None:
        return entry
    if problem := _why_not(entry, by):
        raise CannotWithdraw(problem)
    entry.withdrawn_by, entry.withdrawn_at = by, now
    entry.save(update_fields=["withdrawn_by", "withdrawn_at"])
    return entry


def _why_not(entry: Feedback, by: User) -> str:
    """Why ``by`` cannot withdraw ``entry``, "" if he can. One that was merged may go; its root stays."""
    if entry.logged_by_id != by.pk:
        return f"{entry.key} was logged by somebody else. Merge it or decline its diagnosis instead."
    if entry.diagnosis_id is not None:
        return f"{entry.key} belongs to diagnosis D-{entry.diagnosis_id} by now. Take it out there first."
    if Feedback.objects.filter(merged_into=entry).exists():
        return f"Others were merged into {entry.key} by now. Take them out first."
    if Outreach.objects.filter(feedback=entry).exists():
        return f"Somebody was asked about {entry.key} by now, so it stays."
    return ""
