"""Send the letters that wait: each in a transaction of its own, with a fresh link in it that is stored as a digest only."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from metrics.catalog.enabling_words import Told, contribution_letter, letter_of, says_words, subject_of
from metrics.models import ContributionAsk, Enablement, EnablementState, Letter, LetterKind
from metrics.queries.enabling_names import helper_name, work_name
from metrics.queries.words import day_text
from metrics.services.answer_links import make_answer_link
from metrics.services.digests import digest_for
from metrics.services.enablement_steps import ANSWER_WITHIN
from products.services.sending import MOST_AT_ONCE, Posted, mailed, send_waiting

RELATED = (
    "to", "enablement__upstream_product", "enablement__upstream_release", "enablement__feature",
    "ask__contribution__person", "enablement__claimed_by", "enablement__thanked_by", "enablement__answered_by",
)  # fmt: skip


def post_letters(*, now: datetime, most: int = MOST_AT_ONCE) -> Posted:
    """Send what is due. Several workers at once never send the same letter; a failed one is tried again later."""
    return send_waiting(Letter, _deliver, now=now, most=most)


def _deliver(waiting: Letter, now: datetime) -> bool:
    letter = Letter.objects.select_related(*RELATED).get(pk=waiting.pk)
    words = _words(letter, now)
    return words is not None and mailed(waiting, letter.to.email, *words)


def _words(letter: Letter, now: datetime) -> tuple[str, str] | None:
    """Subject and text, None for a letter that nobody needs any more."""
    if not letter.to.is_active:
        return None
    if letter.ask is not None:
        return _about_contribution(letter.to.name, letter.ask)
    if letter.enablement is None:
        digest = digest_for(letter, now=now)
        return (digest.subject, digest.body) if digest else None
    if not _is_needed(letter, letter.enablement, now):
        return None
    told = _told(letter, letter.enablement, now)
    return subject_of(letter.kind, told), letter_of(letter.kind, told)


def _about_contribution(to: str, ask: ContributionAsk) -> tuple[str, str] | None:
    """The question about a contribution, None once it is answered or taken back. It is answered signed in: it is about a person."""
    row = ask.contribution
    if ask.answer or row.withdrawn_at is not None:
        return None
    address = f"{settings.PUBLIC_URL}{reverse('confirm_contribution', args=[row.pk])}"
    return contribution_letter(to=to, person=row.person.name, what=row.what, address=address)


def _is_needed(letter: Letter, row: Enablement, now: datetime) -> bool:
    """Whether a question still waits for its reader."""
    if letter.kind == LetterKind.ANSWER:
        return now < letter.queued_at + ANSWER_WITHIN  # older news is on the page
    return row.asked_id == letter.to_id and row.expires_at is not None and row.expires_at > now


def _told(letter: Letter, row: Enablement, now: datetime) -> Told:
    return Told(
        to=letter.to.name,
        by=str(row.claimed_by or row.thanked_by),
        helper=helper_name(row),
        work=work_name(row),
        says=_says(letter, row),
        statement=row.statement,
        until=day_text(row.expires_at.date()) if row.expires_at else "",
        address=_address(letter, row, now),
        outcome=_outcome(row)[0],
        words=_last_words(row) if letter.kind == LetterKind.ANSWER else "",
    )


def _says(letter: Letter, row: Enablement) -> str:
    if letter.kind == LetterKind.ANSWER:
        return _outcome(row)[1]
    return says_words(row.kind, row.days_low, row.days_high)


def _address(letter: Letter, row: Enablement, now: datetime) -> str:
    if letter.kind == LetterKind.ANSWER:
        return f"{settings.PUBLIC_URL}{reverse('enablement', args=[row.pk])}"
    secret = make_answer_link(enablement=row, person=letter.to, now=now)
    return f"{settings.PUBLIC_URL}{reverse('answer_link', args=[secret])}"


def _outcome(row: Enablement) -> tuple[str, str]:
    """How it stands in a word or two, and what is said of the help."""
    says = says_words(row.kind, row.days_low, row.days_high)
    match row.state:
        case EnablementState.CONFIRMED | EnablementState.MEASURED:
            return "Confirmed", f"it {says}, {row.answered_by} says"
        case EnablementState.ADJUSTED:
            return "Confirmed with other figures", f"it {says}, {row.answered_by} says"
        case EnablementState.DISPUTED:
            return "Disputed", f"{row.answered_by} says that it did not help"
        case EnablementState.EXPIRED:
            return "Not answered in time", "you can ask again, or ask somebody else"
        case EnablementState.CLAIMED if row.asked_id is None:
            return "Could not tell", "whoever was asked does not know; ask somebody else who did the work"
    return str(row.get_state_display()), says


def _last_words(row: Enablement) -> str:
    return row.steps.order_by("-pk").values_list("words", flat=True).first() or ""
