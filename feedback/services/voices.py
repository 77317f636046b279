"""Whose voices an entry has: said by more than was known when it was logged, or noted by mistake."""

from django.db import transaction

from feedback.models import Feedback, LoopClosure, Voice
from feedback.services.feedback import NewVoice
from products.models import Product


class CannotAddVoice(Exception):
    """The entry cannot have this voice; the message says why and what to do."""


class CannotRemoveVoice(Exception):
    """Something was built on the voice; the message says what."""


@transaction.atomic
def add_voice(*, entry: Feedback, voice: NewVoice) -> Voice:
    """Note that ``voice`` said it, too; in a merged group it counts once. Raises ``CannotAddVoice``; then nothing changes."""
    held = Feedback.objects.select_for_update(of=("self",)).select_related("product").get(pk=entry.pk)
    if problem := _why_not(held, voice):
        raise CannotAddVoice(problem)
    return Voice.objects.create(
        feedback=held,
        colleague=voice.colleague,
        account=voice.account,
        via=voice.via,
        people_affected=voice.people_affected,
        hours_lost_monthly=voice.hours_lost_monthly,
    )


@transaction.atomic
def remove_voice(*, voice: Voice) -> None:
    """Take a voice off its entry; doing it again changes nothing. Raises ``CannotRemoveVoice``."""
    entry = Feedback.objects.select_for_update().get(pk=voice.feedback_id)
    if LoopClosure.objects.filter(voice=voice.pk).exists():
        raise CannotRemoveVoice(f"They were told already what became of {entry.key}, so the voice stays.")
    Voice.objects.filter(pk=voice.pk).delete()


def _why_not(entry: Feedback, voice: NewVoice) -> str:
    """Why ``voice`` cannot be one of ``entry``, "" if it can."""
    speaker = voice.account or voice.colleague
    if entry.withdrawn_at is not None:
        return f"{entry.key} was withdrawn, so nobody is added to it."
    if voice.account is not None and entry.product is None:
        return f"Choose the product that {speaker} spoke about first: edit {entry.key}."
    if voice.account is not None and entry.product and entry.product.type != Product.Type.EXTERNAL:
        return f"{entry.product} is internal: its voices are colleagues, not customers."
    if voice.account is not None and voice.via is None:
        return f"Choose the colleague through whom {speaker} spoke."
    if Voice.objects.filter(feedback=entry, colleague=voice.colleague, account=voice.account).exists():
        return f"{speaker} is a voice of {entry.key} already."
    return ""
