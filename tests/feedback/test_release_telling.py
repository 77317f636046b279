"""After a release each voice behind it is told once, through the right person, and says whether it solves it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from feedback.models import Account, Feedback, ReleaseTelling, Voice
from feedback.queries.release_telling import loops_by_type, people_to_tell
from feedback.services.closures import NotToBeTold
from feedback.services.release_telling import NotToldYet, note_solved, tell_of_release
from products.models import Release
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_diagnosis, make_entry, make_feature, make_release, speak

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Heard:
    """Checkout 2.0 brings what Otto said twice, once merged, and what Nordfrakt said through Emil."""

    cast: Cast
    release: Release
    otto: Voice
    account: Account
    customer: Voice

    def tell(self, voice: Voice, days: float = 0) -> ReleaseTelling:
        """Emil notes that whoever spoke was told."""
        return tell_of_release(
            release=self.release, voice=voice, channel="chat", by=self.cast.emil, now=NOW + days * DAY
        )


@pytest.fixture
def heard(cast: Cast) -> Heard:
    """Two entries of one diagnosis, one more merged into the first."""
    first, second, merged, gone = (make_entry(cast.emil, cast.checkout) for _ in range(4))
    Feedback.objects.filter(pk=merged.pk).update(merged_into=first)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, first, second, gone)
    Feedback.objects.filter(pk=gone.pk).update(withdrawn_at=NOW, withdrawn_by=cast.emil)
    otto = speak(first, colleague=cast.otto)
    speak(merged, colleague=cast.otto)
    speak(gone, colleague=cast.paula)
    account = make_account("nordfrakt", cast.emil, consent="yes", consent_via=cast.emil)
    customer = speak(second, account=account, via=cast.emil)
    feature = make_feature(cast.emil, cast.checkout, diagnosis)
    release = make_release(cast.checkout, "2.0", live_at=NOW - DAY, feature_keys=[feature.key])
    return Heard(cast, release, otto, account, customer)


def test_each_voice_is_to_be_told_once_with_merged_entries_and_without_withdrawn_ones(heard: Heard) -> None:
    people = people_to_tell(heard.cast.emil, heard.release, day=NOW.date())
    assert [(row.name, row.to) for row in people.rows] == [("Otto", "Otto"), ("Nordfrakt", "Emil")]
    assert (people.title, people.hidden) == ("0 of 2 told", 0)
    assert "Does it solve it" in people.rows[1].message


def test_customers_are_counted_and_not_named_to_those_who_may_not_know_them(heard: Heard) -> None:
    people = people_to_tell(heard.cast.paula, heard.release, day=NOW.date())
    assert ([row.name for row in people.rows], people.total, people.may_tell) == (["Otto"], 2, False)
    client = Client()
    client.force_login(heard.cast.paula)
    assert client.get(f"/releases/{heard.release.key}/people/", secure=True).status_code == 403
    assert "Nordfrakt" not in client.get(f"/releases/{heard.release.key}/", secure=True).content.decode()


def test_a_customer_is_told_through_a_colleague_and_never_against_consent(heard: Heard) -> None:
    assert heard.tell(heard.customer).via == heard.cast.emil
    Account.objects.update(consent="no", consent_via=None, manager=None)
    with pytest.raises(NotToBeTold):
        heard.tell(heard.customer)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReleaseTelling.objects.filter(account=heard.account).update(via=None)


def test_told_and_asked_the_page_shows_what_they_say(heard: Heard) -> None:
    client = Client()
    client.force_login(heard.cast.emil)
    here = f"/releases/{heard.release.key}/people/"
    assert client.post(here, {"voice": heard.otto.pk, "channel": "chat"}, secure=True).status_code == 303
    row = ReleaseTelling.objects.get()
    assert (
        client.post(f"{here}{row.pk}/", {"solved": "partly", "words": "Not on phones."}, secure=True).status_code == 303
    )
    page = client.get(here, secure=True).content.decode()
    assert "1 of 2 told, 1 partly" in page
    assert "Partly: Not on phones." in page
    assert client.post(here, {"voice": "99999", "channel": "chat"}, secure=True).status_code == 422
    assert "1 of 2 told, 1 partly" in client.get(f"/releases/{heard.release.key}/", secure=True).content.decode()


def test_telling_again_is_once_and_an_answer_may_change(heard: Heard) -> None:
    first = heard.tell(heard.otto)
    assert heard.tell(heard.otto, days=1).pk == first.pk
    for said in ("solved", "not"):
        note_solved(telling=first, solved=said, words="", by=heard.cast.emil, now=NOW + 2 * DAY)
    assert (ReleaseTelling.objects.get().solved, ReleaseTelling.objects.get().told_at) == ("not", NOW + DAY)
    with pytest.raises(NotToldYet, match="Choose"):
        note_solved(telling=first, solved="yes", words="", by=heard.cast.emil, now=NOW)
    assert loops_by_type(since=NOW - DAY) == {"E": "1 told: 0 solved, 0 partly, 1 not"}


def test_nobody_is_told_of_what_nobody_has_nor_of_what_they_did_not_speak_of(heard: Heard) -> None:
    planned = make_release(heard.cast.checkout, "3.0")
    with pytest.raises(NotToldYet, match="Nobody has"):
        tell_of_release(release=planned, voice=heard.otto, channel="chat", by=heard.cast.emil, now=NOW)
    other = make_release(heard.cast.checkout, "1.0", live_at=NOW - DAY)
    with pytest.raises(NotToldYet, match="not behind"):
        tell_of_release(release=other, voice=heard.otto, channel="chat", by=heard.cast.emil, now=NOW)
    assert people_to_tell(heard.cast.emil, other, day=NOW.date()).title == "Nobody to tell"
