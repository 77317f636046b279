"""Two people at the same entry or diagnosis at the same moment: one wins, the other is told, nothing is lost."""

import pytest

from feedback.models import DecisionChange, Diagnosis, Feedback
from feedback.queries.diagnosing import Answers
from feedback.services.decisions import decide
from feedback.services.diagnoses import AlreadyDiagnosed, diagnose, take_in
from products.models import Product, User
from products.services.edits import ChangedMeanwhile
from tests.factories import NOW, make_diagnosis, make_entry, make_product, make_user
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> list[User]:
    return [make_user(f"Person {number}") for number in range(6)]


@pytest.fixture
def checkout(transactional_db: None) -> Product:
    return make_product("checkout", "E")


def test_two_who_diagnose_the_same_entry_at_once_start_one_diagnosis(people: list[User], checkout: Product) -> None:
    entry = make_entry(people[0], checkout)

    def work(user: User) -> str:
        try:
            said = Answers(f"What {user.name} says", "b", "c")
            return diagnose(feedback=entry, answers=said, is_done=True, by=user, now=NOW, version="new").trying_to
        except ChangedMeanwhile as told:
            return str(told)

    said = at_once(work, people)
    winner = Diagnosis.objects.get()
    assert Feedback.objects.get().diagnosis == winner
    assert said.count(winner.trying_to) == 1
    told = [one for one in said if one != winner.trying_to]
    assert len(told) == 5
    assert all(f"{winner.started_by.name} changed {winner.key}" in one for one in told)


def test_an_entry_is_taken_in_by_one_of_two_diagnoses(people: list[User], checkout: Product) -> None:
    entries = [make_entry(people[0], checkout) for _ in range(5)]
    rivals = [make_diagnosis(people[0], checkout) for _ in range(2)]

    def work(diagnosis: Diagnosis) -> int:
        ordered = entries if diagnosis == rivals[0] else entries[::-1]
        try:
            return len(take_in(diagnosis=diagnosis, entries=ordered, by=people[0], now=NOW))
        except AlreadyDiagnosed:
            return 0

    assert sorted(at_once(work, rivals)) == [0, 5]
    assert Feedback.objects.values("diagnosis").distinct().count() == 1


def test_decisions_at_once_leave_one_standing_and_no_gap_in_the_history(people: list[User], checkout: Product) -> None:
    diagnosis = make_diagnosis(people[0], checkout)

    def work(user: User) -> bool:
        try:
            decide(diagnosis=diagnosis, decision="watch", reason=user.name, by=user, now=NOW, revision=1)
        except ChangedMeanwhile:
            return False
        return True

    assert at_once(work, people).count(True) == 1
    assert DecisionChange.objects.get().reason == Diagnosis.objects.get().reason
