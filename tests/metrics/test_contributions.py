"""Work outside the products: told by whoever did it, confirmed by who had something of it, and never by oneself."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from metrics.models import Contribution, ContributionAsk, Letter
from metrics.queries.contributions import contributions_of, waiting_for
from metrics.queries.periods import read_period
from metrics.services.contributions import (
    AnsweredAlready,
    AskedEnough,
    MayNotConfirm,
    NotAsked,
    NotBegun,
    NotYours,
    Told,
    Withdrawn,
    add_contribution,
    answer_contribution,
    ask_to_confirm,
    withdraw_contribution,
)
from metrics.services.letters import post_letters
from tests.conftest import Cast
from tests.factories import NOW, make_user
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
VISION = Told("vision", "Wrote the vision of Booking", date(2026, 2, 1), date(2026, 3, 1))


def told(cast: Cast, **changed: Any) -> Contribution:
    """Emil's vision, which Otto is asked about."""
    return add_contribution(**{"told": VISION, "by": cast.emil, "now": NOW, "asked": cast.otto, **changed})


def shown(cast: Cast, **given: Any) -> Any:
    """The one contribution of Emil as his record shows it."""
    (row,) = contributions_of(cast.lena, cast.emil, period=read_period("", "", today=NOW.date()), day=NOW.date())
    return row


def test_a_contribution_is_claimed_until_somebody_who_had_something_of_it_confirms_it(
    cast: Cast, now: datetime
) -> None:
    row = told(cast)
    assert (shown(cast).grade, shown(cast).who, shown(cast).when) == ("claimed", "Otto is asked", "Feb 2026")
    answer_contribution(contribution=row, answer="confirmed", words="It was so.", by=cast.otto, now=now)
    assert (shown(cast).grade, shown(cast).who) == ("confirmed", "by Otto")


def test_who_cannot_confirm_it_leaves_it_claimed(cast: Cast, now: datetime) -> None:
    answer_contribution(contribution=told(cast), answer="declined", words="", by=cast.otto, now=now)
    assert (shown(cast).grade, shown(cast).who) == ("claimed", "nobody could confirm it yet")


def test_the_same_words_twice_are_one_contribution_and_one_question(cast: Cast) -> None:
    assert told(cast) == told(cast)
    assert (Contribution.objects.count(), ContributionAsk.objects.count(), Letter.objects.count()) == (1, 1, 1)


def test_nobody_confirms_their_own_work_in_the_service_and_in_the_database(cast: Cast, now: datetime) -> None:
    row = told(cast)
    with pytest.raises(MayNotConfirm, match="Nobody confirms their own work"):
        ask_to_confirm(contribution=row, asked=cast.emil, by=cast.emil, now=now)
    with pytest.raises(IntegrityError, match="Nobody confirms his own"), transaction.atomic():
        ContributionAsk.objects.create(contribution=row, asked=cast.emil, asked_at=now)
    with pytest.raises(IntegrityError, match="answered after it is asked"), transaction.atomic():
        ContributionAsk.objects.create(
            contribution=row, asked=cast.paula, asked_at=now, answer="confirmed", answered_at=now
        )


def test_whoever_left_nobody_and_others_cannot_be_asked_or_answer(cast: Cast, now: datetime) -> None:
    row, leo = told(cast), make_user("Leo", is_active=False)
    with pytest.raises(MayNotConfirm, match="Leo has left"):
        ask_to_confirm(contribution=row, asked=leo, by=cast.emil, now=now)
    with pytest.raises(NotYours, match="whoever did it"):
        ask_to_confirm(contribution=row, asked=cast.paula, by=cast.lena, now=now)
    with pytest.raises(NotAsked, match="not asked"):
        answer_contribution(contribution=row, answer="confirmed", words="", by=cast.paula, now=now)


def test_an_answer_stays_and_the_same_again_is_the_same(cast: Cast, now: datetime) -> None:
    row = told(cast)
    first = answer_contribution(contribution=row, answer="confirmed", words="", by=cast.otto, now=now)
    assert answer_contribution(contribution=row, answer="confirmed", words="", by=cast.otto, now=now) == first
    with pytest.raises(AnsweredAlready, match="You answered before: confirmed"):
        answer_contribution(contribution=row, answer="declined", words="", by=cast.otto, now=now)
    with pytest.raises(IntegrityError, match="answered once"), transaction.atomic():
        ContributionAsk.objects.update(answer="declined")


def test_what_was_told_stays_as_it_was_and_can_be_taken_back_once(cast: Cast, now: datetime) -> None:
    row = told(cast)
    with pytest.raises(IntegrityError, match="stays as it was told"), transaction.atomic():
        Contribution.objects.update(what="Saved the company")
    with pytest.raises(NotYours, match="Only whoever did it"):
        withdraw_contribution(contribution=row, by=cast.lena, now=now)
    assert withdraw_contribution(contribution=row, by=cast.emil, now=now).withdrawn_at == now
    assert withdraw_contribution(contribution=row, by=cast.emil, now=now + timedelta(days=1)).withdrawn_at == now
    with pytest.raises(Withdrawn, match="withdrawn meanwhile"):
        answer_contribution(contribution=row, answer="confirmed", words="", by=cast.otto, now=now)
    assert waiting_for(cast.otto) == ()


def test_the_future_and_an_eleventh_question_are_refused(cast: Cast, now: datetime) -> None:
    with pytest.raises(NotBegun, match="has not begun"):
        told(cast, told=Told("hiring", "Will hire", now.date() + timedelta(days=1)))
    row = told(cast)
    for number in range(9):
        ask_to_confirm(contribution=row, asked=make_user(f"C{number}"), by=cast.emil, now=now)
    with pytest.raises(AskedEnough, match="10 colleagues are asked already"):
        ask_to_confirm(contribution=row, asked=cast.paula, by=cast.emil, now=now)


def test_whoever_is_asked_gets_one_letter_unless_it_is_answered_or_taken_back(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row = told(cast)
    post_letters(now=NOW)
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([cast.otto.email], "Was it so? Emil: Wrote the vision of Booking")
    assert f"/contributions/C-{row.pk}/confirm/" in letter.body
    ask_to_confirm(contribution=row, asked=cast.paula, by=cast.emil, now=NOW)
    withdraw_contribution(contribution=row, by=cast.emil, now=NOW)
    post_letters(now=NOW)
    assert len(mail.outbox) == 1
    assert "Was it so? Emil: Wrote the vision of Booking" in text(browser_of(cast.otto).get("/letters/", secure=True))


def test_it_is_told_asked_and_confirmed_in_the_browser(cast: Cast) -> None:
    emil, otto = browser_of(cast.emil), browser_of(cast.otto)
    form = {"what": "Started the hour", "kind": "culture", "since": "2026-01-05", "until": "", "asked": "Otto"}
    assert emil.post("/contributions/new/", form, secure=True).status_code == 303
    row = Contribution.objects.get()
    assert "Started the hour" in text(otto.get(f"/people/{cast.otto.pk}/", secure=True)), (
        "he is asked on his own record"
    )
    page = f"/contributions/C-{row.pk}/"
    assert (
        otto.post(f"{page}confirm/", {"answer": "confirmed", "words": "I was there."}, secure=True).status_code == 303
    )
    assert "I was there." in text(emil.get(page, secure=True))
    assert "Confirmed by Otto" in text(browser_of(cast.lena).get(page, secure=True))
    assert emil.post(f"{page}withdraw/", secure=True).status_code == 303
    assert otto.get(page, secure=True).status_code == 404


def test_one_who_is_asked_sees_his_question_and_nothing_of_others(cast: Cast, now: datetime) -> None:
    row = told(cast)
    ask_to_confirm(contribution=row, asked=cast.paula, by=cast.emil, now=now)
    answer_contribution(contribution=row, answer="confirmed", words="Secret praise", by=cast.paula, now=now)
    page = text(browser_of(cast.otto).get(f"/contributions/C-{row.pk}/", secure=True))
    assert ("Paula" in page, "Secret praise" in page, "Wrote the vision" in page) == (False, False, True)
    for who in (cast.admin, make_user("Olga")):
        assert browser_of(who).get(f"/contributions/C-{row.pk}/", secure=True).status_code == 404


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"what": " "}, "Say what you did, in a sentence."),
        ({"what": "x" * 401}, "Shorten it to 400 characters."),
        ({"kind": "heroism"}, "Choose the kind that fits best."),
        ({"since": "2026-05-02", "until": "2026-05-01"}, "The last day is before the first."),
        ({"since": ""}, "Say when it began."),
        ({"since": "2098-01-01"}, "It has not begun."),
        ({"asked": "Emil"}, "Nobody confirms their own work."),
        ({"asked": "Nobody at all"}, "Nobody here is called “Nobody at all”."),
    ],
)
def test_a_bad_form_says_what_to_mend_and_stores_nothing(cast: Cast, changed: dict[str, str], said: str) -> None:
    form = {"what": "Started the hour", "kind": "culture", "since": "2026-01-05", "until": "", "asked": "", **changed}
    answer = browser_of(cast.emil).post("/contributions/new/", form, secure=True)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not Contribution.objects.exists()
