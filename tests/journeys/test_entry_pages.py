"""The pages of one entry: who sees and does what, merging, editing, voices; and words for everything refused."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feedback.models import Feedback, FeedbackEdit, NotDuplicate, Voice
from feedback.services.merges import merge_feedback
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_diagnosis, make_entry, make_feature, speak
from tests.journeys.forms import opened, send
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
WRITERS = [("emil", True), ("lena", True), ("paula", False), ("otto", False), ("admin", False)]
DEPOT = "The wrong depot is offered for a saved address"


def path(entry: Feedback, page: str = "") -> str:
    return f"/feedback/{entry.key}/{page}"


@pytest.mark.parametrize(("name", "works"), WRITERS)
@pytest.mark.parametrize("page", ["edit/", "merge/", "voices/"])
def test_only_those_near_the_product_work_on_an_entry_and_others_are_told_who(
    cast: Cast, name: str, works: bool, page: str
) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    browser = browser_of(getattr(cast, name))
    assert browser.get(path(entry, page)).status_code == (200 if works else 403)
    shown = browser.get(path(entry))
    assert shown.status_code == 200
    assert (path(entry, page) in text(shown)) == works


@pytest.mark.parametrize("page", ["", "edit/", "merge/", "voices/"])
def test_strangers_sign_in_and_an_entry_that_is_not_there_is_not_found(cast: Cast, client: Client, page: str) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    assert client.get(path(entry, page)).status_code == 302
    for number in (entry.pk + 1, 10**30):
        assert browser_of(cast.emil).get(f"/feedback/FB-{number}/{page}").status_code == 404


def test_an_entry_tells_what_was_said_who_said_it_and_what_came_of_it(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout, "<b>Bold</b> \u202eabc", severity=3, sentiment="negative")
    merged = make_entry(cast.otto, cast.checkout, "Said again", merged_into=entry)
    values = {"annual_value": 1000, "currency": "EUR", "valued_on": NOW.date()}
    brenner, nord = make_account("brenner", **values), make_account("nord", **{**values, "currency": "CHF"})
    for voiced, account in ((entry, brenner), (merged, brenner), (merged, nord)):
        speak(voiced, account=account, via=cast.emil)
    Voice.objects.filter(account=nord).update(people_affected=4, hours_lost_monthly=2)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, entry)
    feature = make_feature(cast.emil, cast.checkout, diagnosis)
    page = text(browser_of(cast.emil).get(path(entry)))
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    for words in (
        "2 accounts · heard", "Brenner via Emil", "CHF 1,000 a year over 1 account", "EUR 1,000 a year over 1 account",
        "4 people, 8 hours a month, as 1 voice said", "Said again 1 time", "logged by Otto", diagnosis.key, feature.key,
    ):  # fmt: skip
        assert words in page
    outsider = text(browser_of(cast.otto).get(path(entry)))
    assert "2 customers, named only to the product's team" in outsider
    assert not [words for words in ("Brenner", "1,000 a year", "4 people") if words in outsider]


def test_merging_says_where_it_went_and_undo_brings_it_back(cast: Cast) -> None:
    entry, root = make_entry(cast.emil, cast.checkout, DEPOT), make_entry(cast.emil, cast.checkout, f"{DEPOT} again")
    emil = browser_of(cast.emil)
    assert root.key in text(emil.get(path(entry, "merge/")))
    answer = emil.post(path(entry, "merge/"), {"into": root.key.lower()})
    assert (answer.status_code, answer["Location"]) == (303, path(root))
    page = text(emil.get(path(root)))
    assert f'{entry.key} is merged into {root.key}. <a href="{path(entry)}">Undo</a>' in page
    assert "Said again 1 time" in page
    old = text(emil.get(path(entry)))
    assert "Emil merged this into" in old
    assert path(entry, "edit/") not in old
    assert emil.post(path(entry, "unmerge/")).status_code == 303
    assert f"{entry.key} stands for itself again." in text(emil.get(path(entry)))
    emil.post(path(entry, "unmerge/"))
    assert f"{entry.key} stands for itself already." in text(emil.get(path(entry)))


def test_what_cannot_be_merged_is_refused_at_the_field_and_kept(cast: Cast) -> None:
    entry, other = make_entry(cast.emil, cast.checkout), make_entry(cast.emil, cast.checkout)
    make_diagnosis(cast.emil, cast.checkout, entry)
    make_diagnosis(cast.emil, cast.checkout, other)
    theirs = make_entry(cast.paula, cast.switchyard)
    gone = make_entry(cast.emil, cast.checkout, withdrawn_at=NOW, withdrawn_by=cast.emil)
    below, root = make_entry(cast.emil, cast.checkout), make_entry(cast.emil, cast.checkout)
    merge_feedback(entry=below, into=root, by=cast.emil, now=NOW)
    emil = browser_of(cast.emil)
    for into, words in (
        ("", "Choose an entry, or write its key like FB-398."),
        ("depot", "Write a key like FB-398."),
        ("FB-99999999", "There is no feedback FB-99999999."),
        (entry.key, "cannot be merged into itself"),
        (other.key, "Take one of them out of its diagnosis first."),
        (theirs.key, f"Only the PMs, leads and allies of Switchyard may work on {theirs.key}."),
        (gone.key, "was withdrawn, so it cannot be merged"),
        (below.key, f"was merged into {root.key} already"),
    ):
        answer = emil.post(path(entry, "merge/"), {"into": into})
        page = text(answer)
        assert answer.status_code == 422
        assert words in page
        assert "<title>Error: Merge" in page
        assert f'value="{into}"' in page
    assert Feedback.objects.filter(merged_into__isnull=False).count() == 1


def test_what_is_not_a_duplicate_is_never_suggested_again(cast: Cast) -> None:
    entry, other = make_entry(cast.emil, cast.checkout, DEPOT), make_entry(cast.emil, cast.checkout, f"{DEPOT} again")
    emil = browser_of(cast.emil)
    answer = emil.post(path(entry, "merge/"), {"into": other.key, "differs": "on"})
    assert (answer.status_code, answer["Location"]) == (303, path(entry, "merge/"))
    assert NotDuplicate.objects.get().second == other
    emil.get(path(entry, "merge/"))  # the message
    for one, two in ((entry, other), (other, entry)):
        assert two.key not in text(emil.get(path(one, "merge/")))


def test_an_edit_keeps_what_was_said_before(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout, "Before")
    emil = browser_of(cast.emil)
    answer = send(emil, path(entry, "edit/"), text="After", severity="4")
    assert (answer.status_code, answer["Location"]) == (303, path(entry))
    page = text(emil.get(path(entry)))
    assert "What it said before" in page
    assert "until Emil edited it on" in page
    assert (FeedbackEdit.objects.get().text, Feedback.objects.get().severity) == ("Before", 4)


def test_the_second_to_edit_sees_both_texts_and_may_go_on(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout, "Before")
    emil, lena = browser_of(cast.emil), browser_of(cast.lena)
    held = opened(lena, path(entry, "edit/"))
    send(emil, path(entry, "edit/"), text="Emil's words")
    answer = lena.post(path(entry, "edit/"), {**held, "text": "Lena's words"})
    page = text(answer)
    assert answer.status_code == 409
    assert f"Emil changed {entry.key}" in page
    for words in ("Emil&#x27;s words", "Lena&#x27;s words", "<title>Changed meanwhile: "):
        assert words in page
    again = {bound.name: bound.value() for bound in answer.context["form"]}
    assert lena.post(path(entry, "edit/"), again).status_code == 303
    assert Feedback.objects.get().text == "Lena's words"
    assert [edit.text for edit in FeedbackEdit.objects.order_by("revision")] == ["Before", "Emil's words"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"text": ""}, "Write what was heard"),
        ({"text": "x" * 2001}, "Shorten it to 2,000 characters; it has 2001."),
        ({"text": "nul \x00"}, "Null characters are not allowed."),
        ({"product": "switchyard"}, "Choose one of your products."),
        ({"severity": "9"}, "Select a valid choice."),
        ({"version": "x"}, "Enter a whole number."),
    ],
)
def test_bad_words_in_an_edit_are_refused_and_kept(cast: Cast, typed: dict[str, str], words: str) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    answer = send(browser_of(cast.emil), path(entry, "edit/"), **typed)
    assert answer.status_code == 422
    assert words in text(answer)
    assert "<title>Error: " in text(answer)
    assert not FeedbackEdit.objects.exists()


def test_a_voice_is_named_without_script_chosen_among_several_and_taken_off(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    for reference in ("brenner-nord", "brenner-sued"):
        make_account(reference, cast.emil).products.add(cast.checkout)
    emil, there = browser_of(cast.emil), path(entry, "voices/")
    answer = emil.post(there, {"said_by": "Brenner", "people": "12", "hours": "1.5"})
    page = text(answer)
    assert answer.status_code == 422
    assert "“Brenner” may be 2 people or customers. Choose one of them." in page
    assert 'value="12"' in page
    chosen = answer.context["form"].found.customers[0].value
    answer = emil.post(there, {"said_by": "Brenner", "source": chosen, "people": "12", "hours": "1.5"})
    assert (answer.status_code, answer["Location"]) == (303, path(entry))
    voice = Voice.objects.get()
    assert (voice.account.name, voice.via, voice.people_affected) == ("Brenner nord", cast.emil, 12)
    assert "12 people, 18 hours a month, as 1 voice said" in text(emil.get(path(entry)))
    for words in ("Brenner nord is no voice of", "That is no voice of"):
        assert emil.post(path(entry, f"voices/{voice.pk}/remove/")).status_code == 303
        assert words in text(emil.get(there))
    assert not Voice.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"said_by": ""}, "Write the name of a colleague or of a customer."),
        ({"said_by": "Zebulon"}, "Nobody whom you may name is called “Zebulon”."),
        ({"said_by": "Otto", "people": "many"}, "Write a whole number of people, like 12."),
        ({"said_by": "Otto", "people": "0"}, "Write 1 or more, or leave it empty."),
        ({"said_by": "Otto", "people": "9" * 12}, "Write how many people it is, or leave it empty."),
        ({"said_by": "Otto", "hours": "800"}, "A month has 744 hours."),
        ({"said_by": "Otto", "hours": "nan"}, "Write hours like 1.5."),
        ({"said_by": "Otto", "via": "x"}, "Choose the colleague through whom the customer spoke."),
        (
            {"said_by": "", "source": "a-999999"},
            "Whom you chose cannot be named here. Choose again, or leave it empty.",
        ),
    ],
)
def test_a_voice_that_makes_no_sense_is_refused_at_its_field(cast: Cast, typed: dict[str, str], words: str) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    answer = browser_of(cast.emil).post(path(entry, "voices/"), typed)
    assert answer.status_code == 422
    assert text(answer).count(words) == 2
    assert 'aria-invalid="true"' in text(answer)
    assert not Voice.objects.exists()


def test_nobody_takes_a_voice_off_that_he_may_not_know_or_that_is_of_another_entry(cast: Cast) -> None:
    entry, other = make_entry(cast.emil, cast.checkout), make_entry(cast.emil, cast.checkout)
    voice = speak(other, colleague=cast.otto)
    assert browser_of(cast.emil).post(path(entry, f"voices/{voice.pk}/remove/")).status_code == 303
    assert browser_of(cast.otto).post(path(other, f"voices/{voice.pk}/remove/")).status_code == 403
    assert browser_of(cast.emil).get(path(other, f"voices/{voice.pk}/remove/")).status_code == 405
    assert Voice.objects.count() == 1


@pytest.mark.parametrize("page", ["", "merge/", "voices/"])
def test_a_page_takes_as_many_statements_for_fifty_voices_as_for_one(cast: Cast, page: str) -> None:
    entry, taken = make_entry(cast.emil, cast.checkout), []
    emil = browser_of(cast.emil)
    for count in (1, 49):
        for number in range(count):
            again = make_entry(cast.emil, cast.checkout, merged_into=entry, received_at=NOW - timedelta(days=number))
            account = make_account(f"a-{count}-{number}")
            for voiced in (entry, again):
                speak(voiced, account=account, via=cast.emil)
        with CaptureQueriesContext(connection) as statements:
            emil.get(path(entry, page))
        taken.append(len(statements))
    assert taken[0] == taken[1]
