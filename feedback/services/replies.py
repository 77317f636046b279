"""Replies to announcements become feedback: of whoever wrote back, once."""

from datetime import datetime

from django.db import transaction

from feedback.catalog.origins import ANNOUNCEMENT_REPLIES
from feedback.models import Channel, Feedback
from feedback.services.feedback import NewVoice, log_feedback
from products.models import AnnouncementCopy, User


class NothingWritten(Exception):
    """Nobody wrote back, so there is nothing to take in."""


@transaction.atomic
def take_reply_in(*, copy: AnnouncementCopy, by: User, now: datetime) -> Feedback:
    """The entry that says what was written back, in the words and with the voice of its writer.

    Taken in before, the same entry is given back. Raises ``NothingWritten``.
    """
    held = AnnouncementCopy.objects.select_for_update(of=("self",)).get(pk=copy.pk)
    if held.replied_at is None or held.person is None:
        raise NothingWritten("Nobody wrote back here, so there is nothing to take in.")
    stored = Feedback.objects.filter(source=ANNOUNCEMENT_REPLIES, source_id=str(held.pk)).first()
    return stored or log_feedback(
        text=held.reply, product=held.announcement.release.product, channel=Channel.MAIL, logged_by=by,
        received_at=held.replied_at, source=ANNOUNCEMENT_REPLIES, source_id=str(held.pk), voice=NewVoice(colleague=held.person), now=now,
    ).feedback  # fmt: skip
