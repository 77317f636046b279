"""Logging feedback: once for ever by its key, with its voice, in a constant number of statements."""

import dataclasses
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import Account, Feedback, Voice
from feedback.services.feedback import (
    FeedbackConflict,
    Logged,
    NewFeedback,
    NewVoice,
    log_feedback,
    log_feedback_entries,
)
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def entry(cast: Cast, now: datetime, number: int = 1, voice: NewVoice | None = None) -> NewFeedback:
    """One entry about Checkout, heard an hour ago."""
    heard = now - timedelta(hours=1)
    text = "The saved address offers the wrong depot."
    return NewFeedback(text, cast.checkout, "ticket", cast.emil, heard, "desk", f"T-{number}", voice)


def test_an_entry_sent_again_a_day_later_by_somebody_else_is_the_same_entry(cast: Cast, now: datetime) -> None:
    sent = entry(cast, now, voice=NewVoice(colleague=cast.otto))
    (first,) = log_feedback_entries(entries=[sent], now=now)
    (again,) = log_feedback_entries(entries=[replace(sent, logged_by=cast.lena)], now=now + timedelta(days=1))
    assert isinstance(first, Logged)
    assert isinstance(again, Logged)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.feedback.pk == first.feedback.pk
    assert Feedback.objects.get().logged_by == cast.emil
    assert (Feedback.objects.get().recorded_at, Voice.objects.count()) == (now, 1)


def test_a_replay_in_the_same_microsecond_is_a_replay(cast: Cast, now: datetime) -> None:
    sent = entry(cast, now)
    outcomes = [log_feedback_entries(entries=[sent], now=now)[0] for _ in range(2)]
    assert [outcome.replayed for outcome in outcomes if isinstance(outcome, Logged)] == [False, True]


def test_an_entry_means_the_same_after_its_product_account_and_colleague_were_renamed(
    cast: Cast, now: datetime
) -> None:
    account = Account.objects.create(reference="brenner", name="Brenner")
    sent = entry(cast, now, voice=NewVoice(account=account, via=cast.emil))
    log_feedback_entries(entries=[sent], now=now)
    cast.checkout.slug, account.reference, cast.emil.email = "till", "brenner-logistik", "emil.berg@example.com"
    (again,) = log_feedback_entries(entries=[sent], now=now)
    assert isinstance(again, Logged)
    assert again.replayed


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Something else."},
        {"product": None},
        {"channel": "mail"},
        {"severity": 2},
        {"sentiment": "negative"},
        {"voice": None},
        {"voice": "another person"},
        {"voice": "more people"},
        {"voice": "more hours"},
    ],
)
def test_the_same_key_with_another_meaning_is_a_conflict_and_changes_nothing(
    cast: Cast, now: datetime, change: dict[str, object]
) -> None:
    held = NewVoice(colleague=cast.otto, people_affected=3, hours_lost_monthly=Decimal("1.5"))
    voices = {
        "another person": replace(held, colleague=cast.lena),
        "more people": replace(held, people_affected=4),
        "more hours": replace(held, hours_lost_monthly=Decimal("1.6")),
    }
    sent = entry(cast, now, voice=held)
    log_feedback_entries(entries=[sent], now=now)
    said = {name: voices.get(str(value), value) if name == "voice" else value for name, value in change.items()}
    other = replace(sent, **said)
    fields = {field.name: getattr(other, field.name) for field in dataclasses.fields(other)}
    with pytest.raises(FeedbackConflict) as refused:
        log_feedback(**fields, now=now)
    assert refused.value.stored == sent.fingerprint() != refused.value.sent
    assert (Feedback.objects.get().text, Voice.objects.get().colleague) == (sent.text, cast.otto)


def test_the_same_hours_written_otherwise_are_the_same(cast: Cast, now: datetime) -> None:
    voice = NewVoice(colleague=cast.otto, hours_lost_monthly=Decimal("1.5"))
    same = replace(voice, hours_lost_monthly=Decimal("1.50"))
    assert entry(cast, now, voice=voice).fingerprint() == entry(cast, now, voice=same).fingerprint()


def test_all_or_nothing_stores_nothing_where_one_entry_conflicts(cast: Cast, now: datetime) -> None:
    log_feedback_entries(entries=[entry(cast, now)], now=now)
    other = replace(entry(cast, now), text="Something else.")
    outcomes = log_feedback_entries(entries=[entry(cast, now, 2), other], now=now, all_or_nothing=True)
    assert isinstance(outcomes[1], FeedbackConflict)
    assert Feedback.objects.count() == 1


def test_the_number_of_statements_does_not_grow_with_the_entries(cast: Cast, now: datetime) -> None:
    counts = []
    for numbers in (range(1), range(1, 51), range(51, 551)):
        entries = [entry(cast, now, number, NewVoice(colleague=cast.otto)) for number in numbers]
        with CaptureQueriesContext(connection) as statements:
            log_feedback_entries(entries=entries, now=now)
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2]
    assert Feedback.objects.count() == Voice.objects.count() == 551


def test_outcomes_stand_at_the_place_of_their_entries(cast: Cast, now: datetime) -> None:
    numbers = [3, 1, 2, 1]
    outcomes = log_feedback_entries(entries=[entry(cast, now, number) for number in numbers], now=now)
    assert [(outcome.feedback.source_id, outcome.replayed) for outcome in outcomes if isinstance(outcome, Logged)] == [
        ("T-3", False),
        ("T-1", False),
        ("T-2", False),
        ("T-1", True),
    ]


def test_nothing_to_log_is_nothing_done(now: datetime) -> None:
    assert log_feedback_entries(entries=[], now=now) == []
