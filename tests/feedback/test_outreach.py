"""Asking people: colleagues directly, customers through one of ours with consent; asked, booked, held, measured."""

from datetime import timedelta

import pytest

from feedback.models import ConsentChange, Outreach
from feedback.queries.outreach import asked_of, question, time_to_talk
from feedback.services.outreach import (
    AlreadyHeld,
    AskingOneself,
    BadTime,
    CalledOff,
    ConsentMissing,
    ConsentRefused,
    NobodyBetween,
    OutcomeMissing,
    Subject,
    ask_account,
    ask_colleague,
    book,
    call_off,
    hold,
    learn_consent,
)
from products.models import Product
from products.queries.edits import version_of
from products.services.edits import ChangedMeanwhile
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_entry, make_user

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=2)


def asked_otto(cast: Cast) -> Outreach:
    """Paula asks Otto about Switchyard."""
    entry = make_entry(cast.paula, cast.switchyard)
    about = Subject(cast.switchyard, feedback=entry)
    return ask_colleague(subject=about, colleague=cast.otto, purpose="Why?", by=cast.paula, now=NOW)


def asked_brenner(cast: Cast, consent: str = "yes") -> Outreach:
    """Emil asks Brenner, whom Petra manages, about Checkout."""
    petra = make_user("Petra")
    account = make_account("brenner", petra, consent=consent)
    about = Subject(cast.checkout, feedback=make_entry(cast.emil, cast.checkout))
    return ask_account(subject=about, account=account, via=None, purpose="Why?", by=cast.emil, now=NOW)


def test_a_colleague_is_asked_answers_and_it_is_known_how_long_it_took(cast: Cast) -> None:
    row = asked_otto(cast)
    assert [one.purpose for one in asked_of(cast.otto, now=LATER)] == ["Why?"]
    hold(outreach=row, outcome="Because of the letter.", at=None, by=cast.emil, now=LATER)
    assert asked_of(cast.otto, now=LATER) == ()
    internal, external = time_to_talk(Product.objects.all(), NOW, LATER + timedelta(days=1))
    assert (internal.n, internal.median, external.n, external.median) == (1, 2.0, 0, None)
    assert (internal.text, external.text) == ("2.0 days", "no talk yet")


def test_the_same_question_waits_only_once(cast: Cast) -> None:
    entry = make_entry(cast.paula, cast.switchyard)
    about = Subject(cast.switchyard, feedback=entry)
    rows = [ask_colleague(subject=about, colleague=cast.otto, purpose="Why?", by=cast.paula, now=NOW) for _ in range(2)]
    assert rows[0] == rows[1]
    with pytest.raises(AskingOneself):
        ask_colleague(subject=about, colleague=cast.paula, purpose="Why?", by=cast.paula, now=NOW)


def test_a_customer_is_asked_through_his_manager(cast: Cast) -> None:
    row = asked_brenner(cast)
    assert row.via is not None
    assert row.via.name == "Petra"
    assert [one.to for one in asked_of(row.via, now=NOW)] == ["Brenner"]
    book(outreach=row, at=LATER, now=NOW)
    assert hold(outreach=row, outcome="They retype it.", at=None, by=cast.emil, now=LATER).held_at == LATER


def test_a_customer_without_a_manager_needs_somebody_between(cast: Cast) -> None:
    about = Subject(cast.checkout)
    account = make_account("nordfrakt")
    with pytest.raises(NobodyBetween, match="Nobody manages Nordfrakt"):
        ask_account(subject=about, account=account, via=None, purpose="Why?", by=cast.emil, now=NOW)
    assert ask_account(subject=about, account=account, via=cast.lena, purpose="Why?", by=cast.emil, now=NOW).pk


def test_a_customer_who_said_no_is_not_asked(cast: Cast) -> None:
    with pytest.raises(ConsentRefused, match="Brenner does not want to be asked"):
        asked_brenner(cast, consent="no")
    assert not Outreach.objects.exists()


def test_consent_comes_before_the_talk(cast: Cast) -> None:
    row = asked_brenner(cast, consent="not_asked")
    assert row.via is not None
    with pytest.raises(ConsentMissing, match="Ask Brenner first"):
        hold(outreach=row, outcome="x", at=None, by=cast.emil, now=LATER)
    with pytest.raises(ConsentMissing):
        book(outreach=row, at=LATER, now=NOW)
    learn_consent(outreach=row, consent="yes", by=row.via, now=NOW)
    assert ConsentChange.objects.get().via == row.via
    assert hold(outreach=row, outcome="x", at=None, by=cast.emil, now=LATER).outcome == "x"


def test_a_no_calls_the_question_off(cast: Cast) -> None:
    row = asked_brenner(cast, consent="not_asked")
    assert learn_consent(outreach=row, consent="no", by=cast.emil, now=LATER).called_off_at == LATER
    row.refresh_from_db()
    assert row.account is not None
    assert row.account.consent == "no"
    with pytest.raises(CalledOff, match="called off"):
        hold(outreach=row, outcome="x", at=None, by=cast.emil, now=LATER)


def test_a_talk_lies_between_the_question_and_now(cast: Cast) -> None:
    row = asked_otto(cast)
    for at in (NOW - timedelta(hours=1), LATER + timedelta(hours=1)):
        with pytest.raises(BadTime):
            hold(outreach=row, outcome="x", at=at, by=cast.emil, now=LATER)
    with pytest.raises(OutcomeMissing):
        hold(outreach=row, outcome=" ", at=None, by=cast.emil, now=LATER)
    with pytest.raises(BadTime):
        book(outreach=row, at=NOW, now=LATER)


def test_what_was_said_may_be_mended_and_keeps_its_time(cast: Cast) -> None:
    row = asked_otto(cast)
    hold(outreach=row, outcome="First", at=None, by=cast.emil, now=LATER)
    mended = hold(outreach=row, outcome="Second", at=None, by=cast.emil, now=LATER + timedelta(days=5))
    assert (mended.outcome, mended.held_at) == ("Second", LATER)
    with pytest.raises(AlreadyHeld):
        call_off(outreach=row, now=LATER)


def test_two_who_note_it_at_once_are_told_of_each_other(cast: Cast) -> None:
    row = asked_otto(cast)
    version = version_of(Outreach.objects.get(), ("booked_for", "held_at", "outcome", "called_off_at"))
    hold(outreach=row, outcome="His", at=None, by=cast.emil, now=LATER, version=version)
    with pytest.raises(ChangedMeanwhile, match="What was said was noted meanwhile by somebody else"):
        hold(outreach=row, outcome="Hers", at=None, by=cast.emil, now=LATER, version=version)


def test_a_question_to_a_customer_is_known_to_those_near_and_the_one_between(cast: Cast) -> None:
    row = asked_brenner(cast)
    assert row.via is not None
    seen = {user.name: question(user, row.pk, now=NOW) for user in (cast.emil, row.via, cast.otto, cast.paula)}
    assert [name for name, one in seen.items() if one] == ["Emil", "Petra"]
    assert [one.may_answer for one in seen.values() if one] == [True, True]


def test_a_question_to_a_colleague_is_open_and_answered_by_those_it_concerns(cast: Cast) -> None:
    row = asked_otto(cast)
    seen = {user.name: question(user, row.pk, now=NOW) for user in (cast.otto, cast.paula, cast.emil)}
    assert {name: one.may_answer for name, one in seen.items() if one} == {"Otto": True, "Paula": True, "Emil": False}


def test_time_to_talk_is_told_by_type_with_its_middle_half(cast: Cast) -> None:
    for days in (1, 2, 3, 4, 5):
        about = Subject(cast.switchyard, feedback=make_entry(cast.paula, cast.switchyard))
        row = ask_colleague(subject=about, colleague=cast.otto, purpose=f"Why {days}?", by=cast.paula, now=NOW)
        hold(outreach=row, outcome="x", at=None, by=cast.emil, now=NOW + timedelta(days=days))
    asked_brenner(cast)
    internal, external = time_to_talk(Product.objects.all(), NOW, NOW + timedelta(days=30))
    assert (internal.median, internal.low, internal.high, internal.n) == (3.0, 2.0, 4.0, 5)
    assert internal.more == "middle half 2.0 to 4.0, 5 talks"
    assert (external.text, external.more) == ("no talk yet", "1 question waiting")
    only = time_to_talk(Product.objects.filter(slug="checkout"), NOW, NOW + timedelta(days=30))
    assert [one.n for one in only] == [0, 0]


@pytest.mark.parametrize("count", [1, 20])
def test_what_is_asked_of_one_takes_two_statements(cast: Cast, django_assert_num_queries: object, count: int) -> None:
    for _ in range(count):
        asked_otto(cast)
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(asked_of(cast.otto, now=NOW)) == count
