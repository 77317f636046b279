"""Decisions: build, watch, decline, with a reason; replaced and opened again, with the history kept; and who was told."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from feedback.models import DecisionChange, Diagnosis, DiagnosisEvent, LoopClosure
from feedback.queries.diagnosis import diagnosis_page
from feedback.queries.telling import Telling
from feedback.services.closures import NotBehind, NothingToTell, NotToBeTold, mark_told
from feedback.services.decisions import NotDiagnosed, ReasonMissing, decide
from products.models import User
from products.services.edits import ChangedMeanwhile
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_diagnosis, make_entry, speak

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


def telling_of(user: User, diagnosis: Diagnosis) -> Telling:
    """Whom to tell, as ``user`` sees it."""
    page = diagnosis_page(user, diagnosis.pk, now=LATER)
    assert page is not None
    assert page.telling is not None
    return page.telling


@pytest.mark.parametrize("decision", ["watch", "decline"])
def test_watching_and_declining_need_a_reason(cast: Cast, decision: str) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout, done=False)
    with pytest.raises(ReasonMissing):
        decide(diagnosis=diagnosis, decision=decision, reason=" ", by=cast.emil, now=NOW)
    assert (
        decide(diagnosis=diagnosis, decision=decision, reason="Too rare", by=cast.emil, now=NOW).decided_by == cast.emil
    )


def test_a_draft_is_not_built(cast: Cast) -> None:
    draft = make_diagnosis(cast.emil, cast.checkout, done=False)
    with pytest.raises(NotDiagnosed, match="first three questions"):
        decide(diagnosis=draft, decision="build", reason="", by=cast.emil, now=NOW)
    assert not DecisionChange.objects.exists()


def test_a_later_decision_replaces_the_first_and_both_are_kept(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    decide(diagnosis=diagnosis, decision="decline", reason="Too rare", by=cast.emil, now=NOW)
    decide(diagnosis=diagnosis, decision="build", reason="", by=cast.lena, now=LATER)
    decide(diagnosis=diagnosis, decision="", reason="", by=cast.lena, now=LATER)
    changes = DecisionChange.objects.order_by("pk").values_list("from_decision", "to_decision", "reason", "by__name")
    assert list(changes) == [
        ("", "decline", "Too rare", "Emil"), ("decline", "build", "", "Lena"), ("build", "", "", "Lena")
    ]  # fmt: skip
    page = diagnosis_page(cast.otto, diagnosis.pk, now=LATER)
    assert page is not None
    assert page.decision == ""
    assert [deed.words for deed in page.history][-1] == "Decided to decline it"


def test_the_same_decision_sent_twice_is_one(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    for _ in range(2):
        decide(diagnosis=diagnosis, decision="watch", reason="Rare", by=cast.emil, now=NOW, revision=1)
    assert DecisionChange.objects.count() == 1


def test_two_who_decide_differently_are_told_of_each_other(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    decide(diagnosis=diagnosis, decision="build", reason="", by=cast.lena, now=NOW, revision=1)
    with pytest.raises(ChangedMeanwhile, match=r"Lena decided on D-\d+ just now"):
        decide(diagnosis=diagnosis, decision="decline", reason="No", by=cast.emil, now=NOW, revision=1)
    assert Diagnosis.objects.get().decision == "build"


def test_the_history_of_a_diagnosis_only_grows(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    decide(diagnosis=diagnosis, decision="build", reason="", by=cast.emil, now=NOW)
    DiagnosisEvent.objects.create(diagnosis=diagnosis, deed="answered", by=cast.emil, at=NOW)
    for history in (DecisionChange, DiagnosisEvent):
        for harm in (lambda rows: rows.update(at=LATER), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
                harm(history.objects.all())


def test_everybody_who_spoke_is_told_once_over_what_was_merged(cast: Cast) -> None:
    root = make_entry(cast.emil, cast.checkout)
    merged = make_entry(cast.emil, cast.checkout, merged_into=root)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, root)
    first, second = speak(root, colleague=cast.otto), speak(merged, colleague=cast.otto)
    speak(merged, account=make_account("brenner", cast.emil), via=cast.emil)
    decide(diagnosis=diagnosis, decision="decline", reason="Too rare", by=cast.emil, now=NOW)
    assert telling_of(cast.emil, diagnosis).text == "0 of 2 told"
    mark_told(diagnosis=diagnosis, voice=second, channel="chat", by=cast.emil, now=LATER)
    tell = telling_of(cast.emil, diagnosis)
    assert (tell.rows[0].voice, tell.rows[0].told_text) == (first.pk, "told by Emil on 18 Jun 2026")
    assert (tell.told, tell.total) == (1, 2)
    assert "Too rare" in tell.rows[0].message


def test_being_told_of_an_earlier_decision_is_not_being_told(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    voice = speak(entry, colleague=cast.otto)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, entry)
    decide(diagnosis=diagnosis, decision="watch", reason="Rare", by=cast.emil, now=NOW)
    mark_told(diagnosis=diagnosis, voice=voice, channel="chat", by=cast.emil, now=NOW)
    decide(diagnosis=diagnosis, decision="decline", reason="Gone", by=cast.emil, now=LATER)
    tell = telling_of(cast.emil, diagnosis)
    assert tell.told == 0
    assert tell.rows[0].told_text.endswith("of an earlier decision")
    mark_told(diagnosis=diagnosis, voice=voice, channel="mail", by=cast.emil, now=LATER)
    assert telling_of(cast.emil, diagnosis).told == 1
    assert LoopClosure.objects.count() == 1


def test_a_customer_who_wants_no_contact_is_left_to_his_manager(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, entry)
    managed = speak(entry, account=make_account("brenner", cast.lena, consent="no"), via=cast.emil)
    alone = speak(entry, account=make_account("nordfrakt", consent="no"), via=cast.emil)
    decide(diagnosis=diagnosis, decision="decline", reason="Too rare", by=cast.emil, now=NOW)
    assert mark_told(diagnosis=diagnosis, voice=managed, channel="chat", by=cast.emil, now=NOW).via == cast.lena
    with pytest.raises(NotToBeTold, match="does not want to be contacted"):
        mark_told(diagnosis=diagnosis, voice=alone, channel="chat", by=cast.emil, now=NOW)
    rows = {row.name: row for row in telling_of(cast.emil, diagnosis).rows}
    assert (rows["Brenner"].to, rows["Nordfrakt"].to) == ("Lena", "")


def test_nobody_is_told_before_there_is_something_to_tell(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    voice = speak(entry, colleague=cast.otto)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, entry)
    with pytest.raises(NothingToTell):
        mark_told(diagnosis=diagnosis, voice=voice, channel="chat", by=cast.emil, now=NOW)
    other = make_diagnosis(cast.emil, cast.checkout)
    decide(diagnosis=other, decision="decline", reason="Too rare", by=cast.emil, now=NOW)
    with pytest.raises(NotBehind):
        mark_told(diagnosis=other, voice=voice, channel="chat", by=cast.emil, now=NOW)


def test_outsiders_read_the_decision_and_nobody_to_tell(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    speak(entry, account=make_account("brenner", cast.emil), via=cast.emil)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, entry)
    decide(diagnosis=diagnosis, decision="decline", reason="Too rare", by=cast.emil, now=NOW)
    page = diagnosis_page(cast.otto, diagnosis.pk, now=NOW)
    assert page is not None
    assert (page.telling, page.may_work, page.who.known, page.who.hidden) == (None, False, (), 1)
    assert page.reason == "Too rare"


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_takes_the_same_statements_for_one_entry_and_fifty(
    cast: Cast, django_assert_max_num_queries: object, count: int
) -> None:
    entries = [make_entry(cast.emil, cast.checkout) for _ in range(count)]
    diagnosis = make_diagnosis(cast.emil, cast.checkout, *entries)
    for number, entry in enumerate(entries):
        speak(entry, account=make_account(f"account-{number}", cast.emil), via=cast.emil)
        make_entry(cast.emil, cast.checkout, "Pick a saved address and it offers the wrong depot")
    decide(diagnosis=diagnosis, decision="watch", reason="Rare", by=cast.emil, now=NOW)
    diagnosis_page(cast.emil, diagnosis.pk, now=NOW)
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        page = diagnosis_page(cast.emil, diagnosis.pk, now=NOW)
    assert page is not None
    assert (len(page.entries), page.who.total, len(page.similar)) == (count, count, min(6, count))
