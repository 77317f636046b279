"""Close the loop: whoever spoke was told what became of it."""

from datetime import datetime

from django.db import transaction

from feedback.models import Consent, Decision, Diagnosis, LoopClosure, Voice
from feedback.queries.speakers import behind
from products.models import User

TOLD = {Decision.WATCH, Decision.DECLINE}


class NothingToTell(Exception):
    """Only a decision to watch or to decline is told from here; a release tells the rest."""


class NotToBeTold(Exception):
    """The customer does not want to be contacted, and nobody of ours manages him."""


class NotBehind(Exception):
    """The voice is not behind this diagnosis."""


@transaction.atomic
def mark_told(*, diagnosis: Diagnosis, voice: Voice, channel: str, by: User, now: datetime) -> LoopClosure:
    """Note that whoever spoke was told of the decision that stands; told again it says when last.

    A customer hears it from a colleague; one who does not want to be contacted is left to his manager alone. Raises
    ``NothingToTell``, ``NotToBeTold`` and ``NotBehind``.
    """
    row = Diagnosis.objects.select_for_update().get(pk=diagnosis.pk)
    if row.decision not in TOLD:
        raise NothingToTell(f"{row.key} is neither watched nor declined, so there is nothing to tell yet.")
    if not behind(row).filter(pk=voice.feedback_id).exists():
        raise NotBehind(f"This voice is not behind {row.key} any more.")
    spoken = Voice.objects.select_related("via", "account__manager", "account__consent_via").get(pk=voice.pk)
    told = {"channel": channel, "told_by": by, "told_at": now, "via": between(spoken)}
    return LoopClosure.objects.update_or_create(voice=spoken, diagnosis=row, defaults=told)[0]


def between(voice: Voice) -> User | None:
    """Through whom a customer hears it; None for a colleague. Raises ``NotToBeTold``."""
    account = voice.account
    if account is None:
        return None
    if account.consent == Consent.NO:
        if account.manager is None:
            raise NotToBeTold(f"{account.name} does not want to be contacted, and nobody here manages them. Leave it.")
        return account.manager
    through = voice.via or account.consent_via or account.manager
    if through is None:
        raise NotToBeTold(f"Nobody here speaks to {account.name}. Name who manages them first.")
    return through
