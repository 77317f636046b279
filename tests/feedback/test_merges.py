"""Merging and taking it back: no chains, nothing copied, and undoing restores exactly."""

import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.models import Feedback, Merge, NotDuplicate
from feedback.services.adding import log_among_similar
from feedback.services.feedback import NewFeedback
from feedback.services.merges import (
    CannotMerge,
    CannotUndo,
    merge_feedback,
    note_not_duplicate,
    unmerge_feedback,
)
from feedback.services.withdrawals import CannotWithdraw, withdraw_feedback
from tests.conftest import Cast
from tests.factories import NOW, make_diagnosis, make_entry, speak

STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 4)), max_size=14)


def roots() -> dict[int, int | None]:
    """Where each entry is merged into."""
    return dict(Feedback.objects.order_by("pk").values_list("pk", "merged_into"))


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_any_merges_taken_back_in_reverse_restore_every_state_in_between(cast: Cast, steps: list[tuple]) -> None:
    """Steps merge or undo at random; then all are taken back, and each state on the way is the one that was."""
    entries = [make_entry(cast.emil, cast.checkout) for _ in range(5)]
    states: list[tuple[Feedback, dict[int, int | None]]] = []
    for undo, one, other in steps:
        if undo:
            if states and states[-1][0].pk == entries[one].pk:
                entry, before = states.pop()
                unmerge_feedback(entry=entry, by=cast.emil, now=NOW)
                assert roots() == before
            continue
        before = roots()
        try:
            merge_feedback(entry=entries[one], into=entries[other], by=cast.emil, now=NOW)
        except CannotMerge:
            assert roots() == before
        else:
            states.append((entries[one], before))
        where = roots()
        assert all(where[root] is None for root in where.values() if root is not None)
    for entry, before in reversed(states):
        unmerge_feedback(entry=entry, by=cast.emil, now=NOW)
        assert roots() == before


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_merges_taken_back_in_any_order_end_with_every_entry_standing(cast: Cast, steps: list[tuple]) -> None:
    entries = [make_entry(cast.emil, cast.checkout) for _ in range(5)]
    for undo, one, other in steps:
        with suppress(CannotMerge, CannotUndo):
            if undo:
                unmerge_feedback(entry=entries[one], by=cast.emil, now=NOW)
            else:
                merge_feedback(entry=entries[one], into=entries[other], by=cast.emil, now=NOW)
        where = roots()
        merged = {entry for entry, root in where.items() if root is not None}
        assert not merged & {root for root in where.values() if root is not None}
        assert merged == set(Merge.objects.filter(undone_at=None).values_list("merged", flat=True))
    for entry in entries:
        with suppress(CannotUndo):
            unmerge_feedback(entry=entry, by=cast.emil, now=NOW)
    assert {roots()[entry.pk] for entry in entries} == {None}


@pytest.mark.django_db
def test_what_was_merged_moves_along_and_comes_back(cast: Cast) -> None:
    first, second, third = (make_entry(cast.emil, cast.checkout) for _ in range(3))
    merge_feedback(entry=first, into=second, by=cast.emil, now=NOW)
    merge_feedback(entry=second, into=third, by=cast.emil, now=NOW)
    assert roots() == {first.pk: third.pk, second.pk: third.pk, third.pk: None}
    unmerge_feedback(entry=second, by=cast.lena, now=NOW)
    assert roots() == {first.pk: second.pk, second.pk: None, third.pk: None}
    assert Merge.objects.get(merged=second).undone_by == cast.lena


@pytest.mark.django_db
def test_an_entry_taken_out_and_merged_again_stays_where_it_was_put(cast: Cast) -> None:
    first, second, third = (make_entry(cast.emil, cast.checkout) for _ in range(3))
    merge_feedback(entry=first, into=second, by=cast.emil, now=NOW)
    merge_feedback(entry=second, into=third, by=cast.emil, now=NOW)
    unmerge_feedback(entry=first, by=cast.emil, now=NOW)
    merge_feedback(entry=first, into=third, by=cast.emil, now=NOW)
    unmerge_feedback(entry=second, by=cast.emil, now=NOW)
    assert roots() == {first.pk: third.pk, second.pk: None, third.pk: None}


@pytest.mark.django_db
def test_a_link_without_a_record_is_taken_back_too_and_recorded(cast: Cast) -> None:
    root = make_entry(cast.emil, cast.checkout)
    merged = make_entry(cast.emil, cast.checkout, merged_into=root)
    assert unmerge_feedback(entry=merged, by=cast.emil, now=NOW).root == root
    assert roots() == {root.pk: None, merged.pk: None}


@pytest.mark.django_db
def test_merging_says_what_is_wrong(cast: Cast) -> None:
    one, other, third = (make_entry(cast.emil, cast.checkout) for _ in range(3))
    with pytest.raises(CannotMerge, match="into itself"):
        merge_feedback(entry=one, into=one, by=cast.emil, now=NOW)
    merge_feedback(entry=one, into=other, by=cast.emil, now=NOW)
    with pytest.raises(CannotMerge, match=f"{one.key} was merged into {other.key} already"):
        merge_feedback(entry=one, into=third, by=cast.emil, now=NOW)
    with pytest.raises(CannotMerge, match="merged into"):
        merge_feedback(entry=third, into=one, by=cast.emil, now=NOW)
    make_diagnosis(cast.emil, cast.checkout, other)
    make_diagnosis(cast.emil, cast.checkout, third)
    with pytest.raises(CannotMerge, match="Take one of them out of its diagnosis first"):
        merge_feedback(entry=other, into=third, by=cast.emil, now=NOW)
    with pytest.raises(CannotUndo, match="stands for itself"):
        unmerge_feedback(entry=third, by=cast.emil, now=NOW)


@pytest.mark.django_db
def test_what_is_no_duplicate_is_remembered_once_whichever_way_round(cast: Cast) -> None:
    one, other = (make_entry(cast.emil, cast.checkout) for _ in range(2))
    for first, second in ((one, other), (other, one)):
        note_not_duplicate(one=first, other=second, by=cast.emil, now=NOW)
    assert NotDuplicate.objects.count() == 1


@pytest.mark.django_db
def test_adding_to_an_entry_logs_and_merges_and_sent_again_changes_nothing(cast: Cast) -> None:
    root, merged, other = (make_entry(cast.emil, cast.checkout) for _ in range(3))
    merge_feedback(entry=merged, into=root, by=cast.emil, now=NOW)
    sent = NewFeedback("Same here", cast.checkout, "chat", cast.otto, NOW, "pmtrack", "draft-1")
    for _ in range(2):
        added = log_among_similar(entry=sent, add_to=merged, not_these=[other], now=NOW)
        assert (added.root, added.logged.feedback.text) == (root, "Same here")
    assert Feedback.objects.filter(merged_into=root).count() == 2
    assert NotDuplicate.objects.count() == 1


@pytest.mark.django_db
def test_an_entry_is_withdrawn_by_its_logger_while_nothing_is_built_on_it(cast: Cast) -> None:
    entry, root, diagnosed = (make_entry(cast.emil, cast.checkout) for _ in range(3))
    speak(entry, colleague=cast.otto)
    with pytest.raises(CannotWithdraw, match="somebody else"):
        withdraw_feedback(entry=entry, by=cast.otto, now=NOW)
    make_diagnosis(cast.emil, cast.checkout, diagnosed)
    with pytest.raises(CannotWithdraw, match="belongs to diagnosis"):
        withdraw_feedback(entry=diagnosed, by=cast.emil, now=NOW)
    merge_feedback(entry=entry, into=root, by=cast.emil, now=NOW)
    with pytest.raises(CannotWithdraw, match="Others were merged"):
        withdraw_feedback(entry=root, by=cast.emil, now=NOW)
    for _ in range(2):
        assert withdraw_feedback(entry=entry, by=cast.emil, now=NOW).withdrawn_at == NOW
    assert root in Feedback.objects.standing()
    assert entry not in Feedback.objects.standing()


@pytest.fixture
def closing() -> Iterator[None]:
    """Close what the threads of a test opened."""
    yield
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_two_people_who_merge_a_pair_both_ways_at_once_make_no_circle(cast: Cast, closing: None) -> None:
    for _ in range(10):
        one, other = (make_entry(cast.emil, cast.checkout) for _ in range(2))
        together, outcomes = threading.Barrier(2), []

        def join(entry: Feedback, into: Feedback, barrier: threading.Barrier, found: list[str]) -> None:
            barrier.wait()
            try:
                merge_feedback(entry=entry, into=into, by=cast.emil, now=NOW)
                found.append("merged")
            except CannotMerge:
                found.append("refused")
            finally:
                connection.close()

        pairs = ((one, other), (other, one))
        threads = [threading.Thread(target=join, args=(*pair, together, outcomes)) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["merged", "refused"]
