"""Log what was heard: once for ever by its source's key, with the voice behind it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.db import connection, transaction

from feedback.models import Account, Feedback, Voice
from products.models import Product, User

Key = tuple[str, str]
INSERT = """
    INSERT INTO feedback_feedback (product_id, text, received_at, recorded_at, channel, logged_by_id, severity,
        sentiment, source, source_id, fingerprint)
    SELECT product_id, text, received_at, recorded_at, channel, logged_by_id, severity,
        sentiment, source, source_id, fingerprint
    FROM json_populate_recordset(NULL::feedback_feedback, %s)
    ORDER BY source, source_id
    ON CONFLICT (source, source_id) DO NOTHING
    RETURNING id, source, source_id
"""


@dataclass(frozen=True, slots=True)
class NewVoice:
    """Whose feedback it is: a colleague, or an account via one of ours."""

    colleague: User | None = None
    account: Account | None = None
    via: User | None = None
    people_affected: int | None = None
    hours_lost_monthly: Decimal | None = None

    def meaning(self) -> list[int | str | None]:
        """Who spoke through whom, and its weight: ids, since addresses and references may change."""
        people = [None if named is None else named.pk for named in (self.colleague, self.account, self.via)]
        hours = self.hours_lost_monthly
        return [*people, self.people_affected, None if hours is None else f"{hours:.2f}"]


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
    def key(self) -> Key:
        """What makes the entry unique for ever."""
        return self.source, self.source_id

    def fingerprint(self) -> str:
        """SHA-256 over the entry's meaning; who typed it is no part of that."""
        meaning = {
            "text": self.text,
            "product": None if self.product is None else self.product.pk,
            "channel": self.channel,
            "received_at": self.received_at.astimezone(UTC).isoformat(),
            "severity": self.severity,
            "sentiment": self.sentiment,
            "voice": self.voice and self.voice.meaning(),
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
def log_feedback_entries(
    *, entries: Sequence[NewFeedback], now: datetime, all_or_nothing: bool = False
) -> list[Logged | FeedbackConflict]:
    """Log many entries in a constant number of statements; the outcome of each stands at its place, conflicts not raised.

    New ones are inserted in the order of their keys, so that batches in opposite orders never wait in a circle. With
    ``all_or_nothing`` nothing is stored where any outcome is a conflict.
    """
    first: dict[Key, NewFeedback] = {}
    for entry in entries:
        first.setdefault(entry.key, entry)
    stored = _stored(first)
    new = [entry for key, entry in sorted(first.items()) if key not in stored]
    inserted = _append(new, now)
    if len(inserted) < len(new):
        stored.update(_stored(entry.key for entry in new))  # somebody else was faster
    stored.update(inserted)
    _add_voices([(inserted[entry.key], entry.voice) for entry in new if entry.voice and entry.key in inserted])
    fresh = set(inserted)
    outcomes = [_outcome(entry, stored[entry.key], fresh) for entry in entries]
    if all_or_nothing and any(isinstance(outcome, FeedbackConflict) for outcome in outcomes):
        transaction.set_rollback(True)
    return outcomes


def _append(entries: Sequence[NewFeedback], now: datetime) -> dict[Key, Feedback]:
    """Insert ``entries``; give back by key those that nobody else had inserted meanwhile."""
    if not entries:
        return {}
    rows = {
        entry.key: Feedback(
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
        for entry in entries
    }
    columns = [field.attname for field in Feedback._meta.concrete_fields]
    sent = [{column: getattr(row, column) for column in columns} for row in rows.values()]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [json.dumps(sent, default=datetime.isoformat)])
        found = cursor.fetchall()
    for pk, *key in found:
        rows[key[0], key[1]].pk = pk
    return {(source, source_id): rows[source, source_id] for _, source, source_id in found}


def _stored(keys: Iterable[Key]) -> dict[Key, Feedback]:
    """The entries with these keys."""
    wanted = set(keys)
    if not wanted:
        return {}
    sources, ids = zip(*wanted, strict=True)
    found = Feedback.objects.select_related("product").filter(source__in=set(sources), source_id__in=set(ids))
    return {(row.source, row.source_id): row for row in found if (row.source, row.source_id) in wanted}


def _add_voices(voices: Sequence[tuple[Feedback, NewVoice]]) -> None:
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
        ]
    )


def _outcome(entry: NewFeedback, row: Feedback, fresh: set[Key]) -> Logged | FeedbackConflict:
    """What became of one entry; the second of two equal ones in a batch is a replay."""
    if row.fingerprint != (sent := entry.fingerprint()):
        return FeedbackConflict(sent, row.fingerprint)
    replayed = entry.key not in fresh
    fresh.discard(entry.key)
    return Logged(row, replayed)
