"""Many hands at the same moment: one answer counts, and a link is used once."""

from datetime import timedelta

import pytest

from metrics.models import AnswerLink, Enablement
from metrics.services.answer_links import answer_by_link, make_answer_link
from metrics.services.answers import give_answer
from metrics.services.enablements import claim
from metrics.services.enabling_refusals import LinkUnusable, NotOpen, SaidAlready
from metrics.services.waiting_questions import tend_questions
from tests.enablement.scene import Scene, answer, figures
from tests.factories import NOW
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=1)


def test_of_six_answers_at_once_one_counts(scene: Scene) -> None:
    row = scene.claim()

    def say(days: int) -> bool:
        try:
            give_answer(enablement=row, answer=answer("accelerated", days, days), by=scene.cast.emil, now=LATER)
        except NotOpen:
            return False
        return True

    outcomes = at_once(say, range(1, 7))
    row.refresh_from_db()
    assert outcomes.count(True) == 1
    assert row.days_low == outcomes.index(True) + 1
    assert row.steps.count() == 2


def test_of_six_who_use_one_link_at_once_one_answers(scene: Scene) -> None:
    row = scene.claim()
    secret = make_answer_link(enablement=row, person=scene.cast.emil, now=NOW)

    def say(days: int) -> bool:
        try:
            answer_by_link(secret=secret, answer=answer("accelerated", days, days), now=LATER)
        except LinkUnusable:
            return False
        return True

    assert at_once(say, range(1, 7)).count(True) == 1
    assert (AnswerLink.objects.get().used_at, row.steps.count()) == (LATER, 2)


def test_of_six_who_claim_the_same_at_once_one_is_new(scene: Scene) -> None:
    def say(days: int) -> bool:
        try:
            told = scene.help(figures=figures("accelerated", days, days))
            return claim(help=told, asked=None, by=scene.cast.paula, now=NOW).is_new
        except SaidAlready:
            return False

    assert at_once(say, range(1, 7)).count(True) == 1
    assert Enablement.objects.count() == 1


def test_an_answer_and_the_end_of_the_question_at_once_leave_one_of_both(scene: Scene) -> None:
    row, end = scene.claim(), NOW + timedelta(days=14)

    def act(number: int) -> bool:
        if number:
            tend_questions(now=end)
            return False
        try:
            give_answer(enablement=row, answer=answer("no"), by=scene.cast.emil, now=end - timedelta(seconds=1))
        except NotOpen:
            return False
        return True

    answered, _ = at_once(act, range(2))
    row.refresh_from_db()
    assert row.state == ("disputed" if answered else "expired")
    assert row.steps.count() == 2
