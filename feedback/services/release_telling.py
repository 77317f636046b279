"""Close the loop after a release: whoever spoke is told that it is there, and asked whether it solves it."""

from datetime import datetime

from django.db import transaction

from feedback.models import ReleaseTelling, Solved, Voice
from feedback.queries.release_telling import behind_release
from feedback.services.closures import between
from products.models import Release, ReleaseState, User


class NotToldYet(Exception):
    """Nobody has the release, the voice is not behind it, or there is no such answer; the message says which."""


@transaction.atomic
def tell_of_release(*, release: Release, voice: Voice, channel: str, by: User, now: datetime) -> ReleaseTelling:
    """Note that whoever spoke was told; told again it says when last, and what they answered stays.

    A customer hears it from a colleague, with respect to consent. Raises ``NotToldYet`` and ``NotToBeTold``.
    """
    held = Release.objects.select_for_update().get(pk=release.pk)
    if held.state != ReleaseState.LIVE:
        raise NotToldYet(f"Nobody has {held.key} now, so there is nothing to tell.")
    spoken = Voice.objects.select_related("via", "colleague", "account__manager", "account__consent_via").get(
        pk=voice.pk
    )
    if not behind_release(held).filter(pk=spoken.feedback_id).exists():
        raise NotToldYet(f"This voice is not behind {held.key}.")
    told = {"channel": channel, "told_by": by, "via": between(spoken)}
    row, is_new = ReleaseTelling.objects.get_or_create(
        release=held, colleague=spoken.colleague, account=spoken.account, defaults={**told, "told_at": now}
    )
    if not is_new and row.solved == Solved.UNKNOWN:
        ReleaseTelling.objects.filter(pk=row.pk).update(**told, told_at=now)
        row.refresh_from_db()
    return row


@transaction.atomic
def note_solved(*, telling: ReleaseTelling, solved: str, words: str, by: User, now: datetime) -> ReleaseTelling:
    """Note what they say: solved, partly or not; said again it stands as last said. Raises ``NotToldYet``."""
    row = ReleaseTelling.objects.select_for_update().get(pk=telling.pk)
    if solved not in {Solved.YES, Solved.PARTLY, Solved.NO}:
        raise NotToldYet("Choose whether it is solved, partly, or not.")
    row.solved, row.words, row.noted_by, row.solved_at = solved, words, by, max(now, row.told_at)
    row.save(update_fields=["solved", "words", "noted_by", "solved_at"])
    return row
