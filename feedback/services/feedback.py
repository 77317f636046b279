"""Log what was heard: once for ever by its source's key, with the voice behind it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.db import transaction

from feedback.models import Account, Feedback, Voice
from products.models import Product, User


@dataclass(frozen=True, slots=True)
class NewVoice:
    """Whose feedback it is: a colleague, or an account via one of ours."""

    colleague: User | None = None
    account: Account | None = None
    via: User | None = None
    people_affected: int | None = None
    hours_lost_monthly: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NewFeedback:
    """One thing somebody told us; ``received_at`` is an aware instant."""

    text: str
    product: Product | None
    channel: str
    logged_by: User
    received_at: datetime
    source: str
    source_id: str
    voice: NewVoice | None = None
    severity: int | None = None
    sentiment: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes the entry unique for ever."""
        return self.source, self.source_id

    def fingerprint(self) -> str:
        """SHA-256 over the entry's meaning; who typed it is no part of that."""
        voice = self.voice
        meaning = {
            "text": self.text,
            "product": self.product.slug if self.product else None,
            "channel": self.channel,
            "received_at": self.received_at.astimezone(UTC).isoformat(),
            "severity": self.severity,
            "sentiment": self.sentiment,
            "colleague": voice.colleague.email if voice and voice.colleague else None,
            "account": voice.account.reference if voice and voice.account else None,
            "via": voice.via.email if voice and voice.via else None,
        }
        return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


class FeedbackConflict(Exception):
    """The key is taken by an entry with another meaning."""

    def __init__(self, sent: str, stored: str) -> None:
        super().__init__("This source and source_id already belong to another entry.")
        self.sent = sent
        self.stored = stored


@dataclass(frozen=True, slots=True)
class Logged:
    """The stored entry; ``replayed`` when it was there before."""

    feedback: Feedback
    replayed: bool


def log_feedback(
    *,
    text: str,
    product: Product | None,
    channel: str,
    logged_by: User,
    received_at: datetime,
    source: str,
    source_id: str,
    voice: NewVoice | None = None,
    severity: int | None = None,
    sentiment: str = "",
    now: datetime,
) -> Logged:
    """Log one entry. Raises ``FeedbackConflict``; then nothing is stored."""
    entry = NewFeedback(text, product, channel, logged_by, received_at, source, source_id, voice, severity, sentiment)
    outcome = log_feedback_entries(entries=[entry], now=now)[0]
    if isinstance(outcome, FeedbackConflict):
        raise outcome
    return outcome


@transaction.atomic
def log_feedback_entries(*, entries: Sequence[NewFeedback], now: datetime) -> list[Logged | FeedbackConflict]:
    """Log many entries in a constant number of statements; the outcome of each stands at its place."""
    first: dict[tuple[str, str], NewFeedback] = {}
    for entry in entries:
        first.setdefault(entry.key, entry)
    before = _stored(first)
    new = [entry for key, entry in sorted(first.items()) if key not in before]
    Feedback.objects.bulk_create([_row(entry, now) for entry in new], ignore_conflicts=True)
    stored = {**before, **(_stored({entry.key: entry for entry in new}) if new else {})}
    inserted = {entry.key for entry in new if stored[entry.key].recorded_at == now}
    _add_voices([(stored[entry.key], entry.voice) for entry in new if entry.voice and entry.key in inserted])
    return [_outcome(entry, stored[entry.key], inserted) for entry in entries]


def _row(entry: NewFeedback, now: datetime) -> Feedback:
    return Feedback(
        product=entry.product,
        text=entry.text,
        received_at=entry.received_at,
        recorded_at=now,
        channel=entry.channel,
        logged_by=entry.logged_by,
        severity=entry.severity,
        sentiment=entry.sentiment,
        source=entry.source,
        source_id=entry.source_id,
        fingerprint=entry.fingerprint(),
    )


def _stored(keys: dict[tuple[str, str], NewFeedback]) -> dict[tuple[str, str], Feedback]:
    if not keys:
        return {}
    found = Feedback.objects.select_related("product").filter(
        source__in={source for source, _ in keys}, source_id__in={source_id for _, source_id in keys}
    )
    return {(row.source, row.source_id): row for row in found if (row.source, row.source_id) in keys}


def _add_voices(voices: Sequence[tuple[Feedback, NewVoice | None]]) -> None:
    Voice.objects.bulk_create(
        [
            Voice(
                feedback=feedback,
                colleague=voice.colleague,
                account=voice.account,
                via=voice.via,
                people_affected=voice.people_affected,
                hours_lost_monthly=voice.hours_lost_monthly,
            )
            for feedback, voice in voices
            if voice is not None
        ],
        ignore_conflicts=True,
    )


def _outcome(entry: NewFeedback, row: Feedback, inserted: set[tuple[str, str]]) -> Logged | FeedbackConflict:
    if row.fingerprint != entry.fingerprint():
        return FeedbackConflict(entry.fingerprint(), row.fingerprint)
    fresh = entry.key in inserted
    inserted.discard(entry.key)  # the second of two equal entries in one batch is a replay
    return Logged(row, replayed=not fresh)
