"""Edit an entry; what it said before is kept, and whoever saves second is told."""

from datetime import datetime

from django.db import transaction

from feedback.models import Feedback, FeedbackEdit, Voice
from pmtrack.web.conflicts import Conflict
from products.models import Product, User

EDITED = ("text", "product", "severity", "sentiment", "channel")


class EditedMeanwhile(Conflict):
    """Somebody else saved the entry after this form was opened."""


class NotEditable(Exception):
    """The entry was withdrawn, or cannot be about that product; the message says why and what to do."""


@transaction.atomic
def edit_feedback(
    *,
    entry: Feedback,
    text: str,
    product: Product | None,
    severity: int | None,
    sentiment: str,
    channel: str,
    by: User,
    revision: int,
    now: datetime,
) -> Feedback:
    """Replace what ``entry`` says, seen at ``revision``. The same words again change nothing.

    Raises ``EditedMeanwhile`` and ``NotEditable``; then nothing changes. The key by which clients send it stays theirs.
    """
    held = Feedback.objects.select_for_update().select_related(None).get(pk=entry.pk)
    if held.withdrawn_at is not None:
        raise NotEditable(f"{held.key} was withdrawn, so it is not edited any more.")
    typed = {"text": text, "product": product, "severity": severity, "sentiment": sentiment, "channel": channel}
    if all(getattr(held, name) == value for name, value in typed.items()):
        return held
    if held.revision != revision:
        last = FeedbackEdit.objects.filter(feedback=held).select_related("by").order_by("-revision").first()
        who = last.by.name if last else "Somebody"
        raise EditedMeanwhile(f"{who} changed {held.key} after you opened it.")
    if problem := _why_not_about(product, held):
        raise NotEditable(problem)
    before = {name: getattr(held, name) for name in EDITED}
    FeedbackEdit.objects.create(feedback=held, revision=held.revision, by=by, at=now, **before)
    for name, value in typed.items():
        setattr(held, name, value)
    held.revision, held.edited_at = held.revision + 1, now
    held.save(update_fields=[*EDITED, "revision", "edited_at"])
    return held


def _why_not_about(product: Product | None, entry: Feedback) -> str:
    """Why ``entry`` cannot move to ``product``, "" if it can or stays where it is."""
    if product == entry.product:
        return ""
    if entry.diagnosis_id is not None:
        return (
            f"{entry.key} belongs to diagnosis D-{entry.diagnosis_id}, which is about {entry.product}. "
            "Take it out there first."
        )
    customers = Voice.objects.filter(feedback=entry, account__isnull=False)
    if (product is None or product.type != Product.Type.EXTERNAL) and customers.exists():
        about = f"{product} is internal" if product else "Without a product nobody is near its customers"
        return f"{about}: the voices there are colleagues. Take the customers' voices off {entry.key} first."
    return ""
