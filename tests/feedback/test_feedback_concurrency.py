"""Feedback from many connections at once: one entry for one key, no circle of waiting."""

from collections.abc import Sequence

import pytest

from feedback.models import Feedback, Voice
from feedback.services.feedback import FeedbackConflict, Logged, NewFeedback, NewVoice, log_feedback_entries
from products.models import Product, User
from tests.factories import NOW, make_product, make_user
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def otto(transactional_db: None) -> User:
    return make_user("Otto")


@pytest.fixture
def checkout(transactional_db: None) -> Product:
    return make_product("checkout", "E")


def entry(product: Product, user: User, number: int = 1, text: str = "The wrong depot is offered.") -> NewFeedback:
    """One entry of Otto's."""
    return NewFeedback(text, product, "ticket", user, NOW, "desk", f"T-{number:03d}", NewVoice(colleague=user))


def log_all(batches: Sequence[Sequence[NewFeedback]]) -> list[list[Logged | FeedbackConflict]]:
    """Log each batch on its own connection, all starting together, all in the same microsecond."""
    return at_once(lambda batch: log_feedback_entries(entries=batch, now=NOW), batches)


def test_forty_parallel_posts_of_one_key_are_one_entry_with_one_voice(checkout: Product, otto: User) -> None:
    outcomes = [outcome for (outcome,) in log_all([[entry(checkout, otto)]] * 40)]
    assert sorted(outcome.replayed for outcome in outcomes if isinstance(outcome, Logged)) == [False] + [True] * 39
    assert Feedback.objects.count() == Voice.objects.count() == 1


def test_one_key_with_two_meanings_at_once_keeps_one_whole(checkout: Product, otto: User) -> None:
    outcomes = log_all([[entry(checkout, otto, text=f"Version {number % 2}")] for number in range(20)])
    conflicts = [outcome for (outcome,) in outcomes if isinstance(outcome, FeedbackConflict)]
    assert len(conflicts) == 10
    assert {conflict.stored for conflict in conflicts} == {Feedback.objects.get().fingerprint}
    assert Voice.objects.count() == 1


def test_batches_in_opposite_orders_do_not_wait_in_a_circle(checkout: Product, otto: User) -> None:
    for offset in (0, 1000, 2000):
        entries = [entry(checkout, otto, offset + number) for number in range(150)]
        outcomes = log_all([entries, entries[::-1], entries[75:] + entries[:75], entries[::-1]])
        told = [outcome.replayed for batch in outcomes for outcome in batch if isinstance(outcome, Logged)]
        assert (len(told), told.count(False)) == (600, 150)
    assert Feedback.objects.count() == Voice.objects.count() == 450
