"""The inbox as a page: the chosen item beside the list, what each reader may do there, and addresses that make no sense."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feedback.models import Diagnosis, Feedback
from tests.conftest import Cast
from tests.factories import make_account, make_diagnosis, make_entry, speak
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
SAID = {"trying_to": "Pick a saved address", "in_the_way": "The wrong depot", "known_from": "Watched two planners"}


def chosen(page: str) -> list[str]:
    """The keys of the rows that are marked as current."""
    return [
        part.split('"')[0] for part in page.split('id="')[1:] if 'aria-current="true"><span class="q">' in part[:200]
    ]


def test_the_newest_item_is_shown_beside_the_list_unless_another_is_asked_for(cast: Cast) -> None:
    older, newer = (make_entry(cast.emil, cast.checkout, words) for words in ("The older words", "The newer words"))
    emil = browser_of(cast.emil)
    assert chosen(text(emil.get("/feedback/"))) == [newer.key]
    page = text(emil.get(f"/feedback/?item={older.key}"))
    assert chosen(page) == [older.key]
    assert f"Diagnose {older.key}" in page
    assert f"“{older.text}”" in page


def test_the_item_alone_comes_for_a_list_that_is_there_already(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    answer = browser_of(cast.emil).get(f"/feedback/?item={entry.key}", headers={"X-Part": "item"})
    page = text(answer)
    assert f"Diagnose {entry.key}" in page
    assert "<html" not in page
    assert "data-inbox" not in page
    assert "X-Part" in answer["Vary"]


def test_answers_saved_beside_the_list_lead_back_to_it(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    emil = browser_of(cast.emil)
    there = f"/feedback/?scope=all&q=depot&item={entry.key}"
    back = emil.get(there).context["pane"]["next"]
    answer = emil.post(f"/feedback/{entry.key}/diagnose/", {**SAID, "version": "new", "then": "save", "next": back})
    assert (answer.status_code, answer["Location"]) == (303, there)
    assert "3 of 4 answered" in text(emil.get(there))
    assert Diagnosis.objects.get().diagnosed_at is None


@pytest.mark.parametrize(
    ("name", "works"), [("emil", True), ("lena", True), ("paula", False), ("otto", False), ("admin", False)]
)
def test_only_those_who_work_on_the_product_find_a_form_beside_the_list(cast: Cast, name: str, works: bool) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    speak(entry, account=make_account("brenner"), via=cast.emil)
    page = text(browser_of(getattr(cast, name)).get(f"/feedback/?scope=all&item={entry.key}"))
    assert ('id="answers"' in page, f"/feedback/{entry.key}/merge/" in page) == (works, works)
    assert ("Brenner" in page) == works
    assert ("The PMs, leads and allies of Checkout diagnose it." in page) == (not works)


def test_strangers_sign_in_first(client: Client, cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    answer = client.get(f"/feedback/?item={entry.key}", headers={"X-Part": "item"})
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/")


@pytest.mark.parametrize(
    "query",
    [
        "item=FB-99999999",
        "item=999999999999999999999999",
        "item=FB-402%00",
        "item=%F0%9F%8E%88",
        "scope=everything",
        "state=lost",
        "product=nothing",
        "before=-1",
    ],
)
def test_addresses_that_make_no_sense_are_not_found(cast: Cast, query: str) -> None:
    for headers in ({}, {"X-Part": "item"}):
        assert browser_of(cast.emil).get(f"/feedback/?{query}", headers=headers).status_code == 404


def test_a_merged_or_withdrawn_item_beside_the_list_says_so(cast: Cast) -> None:
    root = make_entry(cast.emil, cast.checkout)
    merged = make_entry(cast.emil, cast.checkout, merged_into=root)
    gone = make_entry(cast.emil, cast.checkout)
    Feedback.objects.filter(pk=gone.pk).update(withdrawn_at=gone.received_at, withdrawn_by=cast.emil)
    emil = browser_of(cast.emil)
    assert f"{merged.key} was merged into" in text(emil.get(f"/feedback/?item={merged.key}"))
    assert f"{gone.key} was withdrawn" in text(emil.get(f"/feedback/?item={gone.key}"))


def test_an_empty_inbox_has_words_and_ways_on_and_no_empty_pane(cast: Cast) -> None:
    page = text(browser_of(cast.emil).get("/feedback/"))
    assert "Nothing open about your products." in page
    assert 'href="?scope=all"' in page
    assert "data-pane" not in page
    make_diagnosis(cast.emil, cast.checkout, make_entry(cast.emil, cast.checkout))
    assert "Nothing fits." in text(browser_of(cast.emil).get("/feedback/?q=xylophone"))


def test_one_item_on_the_page_takes_as_many_statements_as_fifty(cast: Cast) -> None:
    emil, taken = browser_of(cast.emil), []
    for count in (1, 49):
        for number in range(count):
            speak(make_entry(cast.emil, cast.checkout), account=make_account(f"a-{count}-{number}"), via=cast.emil)
        with CaptureQueriesContext(connection) as statements:
            emil.get("/feedback/")
        taken.append(len(statements))
    assert taken[0] == taken[1]
