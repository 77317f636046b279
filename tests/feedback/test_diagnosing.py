"""Diagnoses: started once, answered by several, four questions of which three count, entries taken in and out."""

from datetime import timedelta

import pytest

from feedback.models import Diagnosis, Feedback
from feedback.queries.diagnosing import Answers, diagnose_panel
from feedback.services.diagnoses import (
    AlreadyDiagnosed,
    AnswersMissing,
    NoProduct,
    NotStanding,
    OtherProduct,
    answer_diagnosis,
    diagnose,
    take_in,
    take_out,
)
from products.services.edits import ChangedMeanwhile
from tests.conftest import Cast
from tests.factories import NOW, join, make_account, make_diagnosis, make_entry, make_feature, make_user, speak

pytestmark = pytest.mark.django_db
SAID = Answers("Pick a saved address", "It offers the wrong depot", "Watched two planners")


def test_a_draft_is_saved_with_any_answer_and_can_be_gone_on_with(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    draft = diagnose(feedback=entry, answers=Answers("Book"), is_done=False, by=cast.emil, now=NOW, version="new")
    assert (draft.diagnosed_at, draft.revision, draft.product) == (None, 1, cast.checkout)
    version = f"{draft.key}.1"
    done = diagnose(feedback=entry, answers=SAID, is_done=True, by=cast.lena, now=NOW, version=version)
    assert (done.pk, done.diagnosed_by, done.diagnosed_at, done.revision) == (draft.pk, cast.lena, NOW, 2)
    assert Feedback.objects.get().diagnosis == draft


@pytest.mark.parametrize("column", ["trying_to", "in_the_way", "known_from"])
def test_each_of_the_first_three_questions_is_needed(cast: Cast, column: str) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    given = {"trying_to": "a", "in_the_way": "b", "known_from": "c", "solved_when": "d", column: " "}
    with pytest.raises(AnswersMissing, match="needs an answer to the first three"):
        diagnose(feedback=entry, answers=Answers(**given), is_done=True, by=cast.emil, now=NOW)
    assert not Diagnosis.objects.exists()


def test_what_is_diagnosed_keeps_its_first_three_answers(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    with pytest.raises(AnswersMissing) as refused:
        answer_diagnosis(diagnosis=diagnosis, answers=Answers("x"), is_done=False, by=cast.emil, now=NOW)
    assert refused.value.missing == ["in_the_way", "known_from"]


def test_the_second_to_save_is_told_who_was_first(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    diagnose(feedback=entry, answers=SAID, is_done=False, by=cast.lena, now=NOW, version="new")
    later = NOW + timedelta(minutes=2)
    with pytest.raises(ChangedMeanwhile, match=r"Lena changed D-.* 2 minutes ago"):
        diagnose(feedback=entry, answers=Answers("Mine"), is_done=False, by=cast.emil, now=later, version="new")
    assert Diagnosis.objects.get().trying_to == SAID.trying_to


def test_the_same_form_sent_twice_is_one_diagnosis_and_no_conflict(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    rows = [
        diagnose(feedback=entry, answers=SAID, is_done=True, by=cast.emil, now=NOW, version="new") for _ in range(2)
    ]
    assert rows[0].pk == rows[1].pk
    assert Diagnosis.objects.get().revision == 1


def test_merged_withdrawn_and_unsorted_entries_are_refused_in_words(cast: Cast) -> None:
    root = make_entry(cast.emil, cast.checkout)
    merged = make_entry(cast.emil, cast.checkout, merged_into=root)
    gone = make_entry(cast.emil, cast.checkout, withdrawn_at=NOW, withdrawn_by=cast.emil)
    unsorted = make_entry(cast.emil, None)
    cases = [
        (merged, NotStanding, f"merged into {root.key}"),
        (gone, NotStanding, "withdrawn"),
        (unsorted, NoProduct, "product"),
    ]
    for entry, refusal, words in cases:
        with pytest.raises(refusal, match=words):
            diagnose(feedback=entry, answers=SAID, is_done=True, by=cast.emil, now=NOW)


def test_many_entries_belong_to_one_diagnosis_and_can_be_taken_out_again(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout, make_entry(cast.emil, cast.checkout))
    more = [make_entry(cast.emil, cast.checkout) for _ in range(3)]
    assert len(take_in(diagnosis=diagnosis, entries=more, by=cast.emil, now=NOW)) == 3
    assert [event.feedback for event in diagnosis.events.filter(deed="took_in").order_by("pk")] == more
    assert take_in(diagnosis=diagnosis, entries=more, by=cast.emil, now=NOW) == []
    assert diagnosis.feedback.count() == 4
    assert take_out(feedback=more[0], diagnosis=diagnosis, by=cast.emil, now=NOW)
    assert not take_out(feedback=more[0], diagnosis=diagnosis, by=cast.emil, now=NOW)
    assert diagnosis.feedback.count() == 3


def test_nothing_is_taken_in_where_one_entry_belongs_elsewhere(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    fresh = make_entry(cast.emil, cast.checkout)
    taken, foreign = make_entry(cast.emil, cast.checkout), make_entry(cast.paula, cast.switchyard)
    other = make_diagnosis(cast.emil, cast.checkout, taken)
    for stranger, refusal, words in ((taken, AlreadyDiagnosed, other.key), (foreign, OtherProduct, "another product")):
        with pytest.raises(refusal, match=words):
            take_in(diagnosis=diagnosis, entries=[fresh, stranger], by=cast.emil, now=NOW)
        assert not diagnosis.feedback.exists()


def test_entries_of_a_diagnosis_that_is_built_may_be_taken_out(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, entry)
    make_feature(cast.emil, cast.checkout, diagnosis, stage="building")
    assert take_out(feedback=entry, diagnosis=diagnosis, by=cast.emil, now=NOW)


def test_the_panel_names_each_voice_once_over_what_was_merged(cast: Cast) -> None:
    join(cast.otto, cast.booking, "member")
    root = make_entry(cast.emil, cast.checkout, "We need an export button on the quote page.")
    merged = make_entry(cast.emil, cast.checkout, merged_into=root)
    brenner = make_account("brenner", cast.emil)
    for entry in (root, merged):
        speak(entry, colleague=cast.otto)
        speak(entry, account=brenner, via=cast.emil)
    panel = diagnose_panel(cast.emil, root.pk, day=NOW.date())
    assert panel is not None
    assert [one.text for one in panel.who.known] == ["Otto, colleague in Booking", "Brenner via Emil"]
    assert panel.others_text == "also heard from 1 other"
    assert panel.ask_text == "Ask Otto"
    assert panel.hint.startswith("This asks for a fix. Ask Otto")


def test_accounts_are_named_to_people_near_the_product_only(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    speak(entry, account=make_account("brenner", cast.emil), via=cast.emil)
    seen = {user.name: diagnose_panel(user, entry.pk, day=NOW.date()) for user in (cast.emil, cast.otto, cast.admin)}
    assert [len(panel.who.known) for panel in seen.values() if panel] == [1, 0, 0]
    assert [panel.who.hidden for panel in seen.values() if panel] == [0, 1, 1]
    assert [panel.may_work for panel in seen.values() if panel] == [True, False, False]


@pytest.mark.parametrize("count", [1, 50])
def test_the_panel_takes_the_same_statements_for_one_voice_and_fifty(
    cast: Cast, django_assert_max_num_queries: object, count: int
) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    for number in range(count):
        speak(entry, colleague=make_user(f"Colleague {number}"))
        make_diagnosis(cast.emil, cast.checkout)
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        panel = diagnose_panel(cast.emil, entry.pk, day=NOW.date())
    assert panel is not None
    assert (panel.who.total, len(panel.candidates)) == (count, count)
