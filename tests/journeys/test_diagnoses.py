"""Pages around diagnoses as people use them: the four questions, decisions, questions to people, and who may do what."""

import pytest
from django.test import Client

from feedback.models import Diagnosis, Feedback, LoopClosure
from products.models import User
from tests.conftest import Cast
from tests.factories import make_diagnosis, make_entry, speak
from tests.journeys.forms import opened, send

pytestmark = pytest.mark.django_db
SAID = {"trying_to": "Pick a saved address", "in_the_way": "The wrong depot", "known_from": "Watched two planners"}


def signed_in(user: User) -> Client:
    """A client of one person."""
    client = Client()
    client.force_login(user)
    return client


def test_a_draft_is_saved_gone_on_with_and_marked_diagnosed(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    client, path = signed_in(cast.emil), f"/feedback/{entry.key}/diagnose/"
    answer = send(client, path, trying_to="Pick an address", then="save")
    assert (answer.status_code, answer["Location"]) == (303, path)
    page = client.get(path).content.decode()
    assert "Saved: D-" in page
    assert "1 of 4 answered" in page
    answer = send(client, path, **SAID, then="done")
    diagnosis = Diagnosis.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/diagnoses/{diagnosis.key}/")
    assert diagnosis.diagnosed_by == cast.emil
    assert "Diagnosed by Emil" in client.get(f"/diagnoses/{diagnosis.key}/").content.decode()


def test_missing_answers_are_named_at_their_fields_and_what_was_typed_stays(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    client = signed_in(cast.emil)
    answer = send(client, f"/feedback/{entry.key}/diagnose/", trying_to="Kept words", then="done")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Kept words" in page
    assert "<title>Error: Diagnose" in page
    assert page.count("Say what gets in the way: it is needed to mark it diagnosed.") == 2
    assert page.count('aria-invalid="true"') == 2
    assert not Diagnosis.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("x" * 100_000, "Shorten it to 2,000 characters; it has 100000."),
        ("nul \x00 here", "Null characters are not allowed."),
    ],
)
def test_bad_words_are_refused_in_words_and_kept(cast: Cast, typed: str, words: str) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    answer = send(signed_in(cast.emil), f"/feedback/{entry.key}/diagnose/", trying_to=typed, then="save")
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert typed[:2000] in answer.content.decode()


def test_markup_and_scripts_are_shown_as_they_were_typed(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout, "<script>alert(1)</script>")
    client = signed_in(cast.emil)
    send(client, f"/feedback/{entry.key}/diagnose/", **{**SAID, "trying_to": "<b>bold</b>\u202e"}, then="done")
    page = client.get(f"/diagnoses/{Diagnosis.objects.get().key}/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>bold" not in page


def test_the_second_to_save_sees_both_texts_and_keeps_his_with_one_more_press(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    path, lena, emil = f"/feedback/{entry.key}/diagnose/", signed_in(cast.lena), signed_in(cast.emil)
    before = opened(emil, path)
    send(lena, path, trying_to="What Lena says", then="save")
    answer = emil.post(path, {**before, "trying_to": "What Emil says", "then": "save"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Lena changed D-" in page
    assert "What Lena says" in page
    assert "What Emil says" in page
    form = {bound.name: bound.value() or "" for bound in answer.context["form"]}
    assert emil.post(path, {**form, "then": "save"}).status_code == 303
    assert Diagnosis.objects.get().trying_to == "What Emil says"


def test_both_texts_are_kept_together_where_two_people_answered(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    path, lena, emil = f"/feedback/{entry.key}/diagnose/", signed_in(cast.lena), signed_in(cast.emil)
    before = opened(emil, path)
    send(lena, path, trying_to="What Lena says", known_from="Otto", then="save")
    answer = emil.post(path, {**before, "trying_to": "What Emil says", "then": "save"})
    assert 'name="then" value="both"' in answer.content.decode()
    form = {bound.name: bound.value() or "" for bound in answer.context["form"]}
    assert emil.post(path, {**form, "then": "both"}).status_code == 303
    row = Diagnosis.objects.get()
    assert (row.trying_to, row.known_from) == ("What Lena says\n\nWhat Emil says", "Otto")
    version = opened(emil, path)["version"]
    long = emil.post(path, {"trying_to": "x" * 1990, "then": "both", "version": version})
    assert long.status_code == 422
    assert "Shorten what stands in one field to 2,000 characters; it has 2,022." in long.content.decode()


def test_an_entry_is_said_to_be_an_existing_diagnosis_and_taken_out_again(cast: Cast) -> None:
    diagnosis, entry = make_diagnosis(cast.emil, cast.checkout), make_entry(cast.emil, cast.checkout)
    elsewhere = make_diagnosis(cast.paula, cast.switchyard)
    client, path = signed_in(cast.emil), f"/feedback/{entry.key}/this-is/"
    refused = client.post(path, {"to": elsewhere.pk})
    assert refused.status_code == 422
    assert "only diagnoses of the same product fit" in refused.content.decode()
    assert client.post(path, {"to": diagnosis.pk}).status_code == 303
    assert Feedback.objects.get().diagnosis == diagnosis
    assert client.post(f"/diagnoses/{diagnosis.key}/take-out/", {"entry": entry.pk}).status_code == 303
    assert Feedback.objects.get().diagnosis is None


def test_more_entries_are_taken_in_by_tick_and_by_key(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    alike = make_entry(cast.emil, cast.checkout, "Pick a saved address: it offers the wrong depot")
    other = make_entry(cast.emil, cast.checkout, "The invoice is late")
    foreign = make_entry(cast.paula, cast.switchyard)
    client, path = signed_in(cast.emil), f"/diagnoses/{diagnosis.key}/take-in/"
    assert f'value="{alike.pk}"' in client.get(f"/diagnoses/{diagnosis.key}/").content.decode()
    assert client.post(path, {"entries": [alike.pk], "key": f" {other.key.lower()} "}).status_code == 303
    assert diagnosis.feedback.count() == 2
    cases = [
        ({}, "Tick an entry, or write the key of one."),
        ({"key": "W-1"}, "Write the key like FB-402."),
        ({"key": "FB-99999999"}, "There is no entry FB-99999999."),
    ]
    for sent, words in cases:
        answer = client.post(path, sent)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert client.post(path, {"entries": [foreign.pk]}).status_code == 403


def test_parking_saves_what_is_typed_and_asks_for_the_reason(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    speak(entry, colleague=cast.otto)
    client = signed_in(cast.emil)
    answer = send(client, f"/feedback/{entry.key}/diagnose/", trying_to="Pick an address", then="park")
    key = Diagnosis.objects.get().key
    assert answer["Location"] == f"/diagnoses/{key}/decide/"
    page = client.get(answer["Location"]).content.decode()
    assert 'value="watch"' in page
    assert 'value="build"' not in page
    refused = send(client, answer["Location"], decision="decline", reason="")
    assert refused.status_code == 422
    assert "Say why." in refused.content.decode()
    assert send(client, answer["Location"], decision="decline", reason="Too rare.").status_code == 303
    told = client.get(f"/diagnoses/{key}/").content.decode()
    assert "People to tell" in told
    assert "0 of 1 told" in told
    voice = entry.voices.get().pk
    assert client.post(f"/diagnoses/{key}/tell/", {"voice": voice, "channel": "chat"}).status_code == 303
    assert LoopClosure.objects.get().told_by == cast.emil
    assert "1 of 1 told" in client.get(f"/diagnoses/{key}/").content.decode()
    for bad in (
        {"voice": "x", "channel": "chat"},
        {"voice": voice, "channel": "pigeon"},
        {"voice": 10**9, "channel": "chat"},
    ):
        assert client.post(f"/diagnoses/{key}/tell/", bad).status_code == 422


def test_a_decision_is_opened_again(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    client = signed_in(cast.lena)
    send(client, f"/diagnoses/{diagnosis.key}/decide/", decision="build", reason="")
    before = opened(client, f"/diagnoses/{diagnosis.key}/reopen/")
    send(signed_in(cast.emil), f"/diagnoses/{diagnosis.key}/decide/", decision="watch", reason="Rare.")
    told = client.post(f"/diagnoses/{diagnosis.key}/reopen/", before)
    assert told.status_code == 409
    assert "Emil decided on" in told.content.decode()
    assert send(client, f"/diagnoses/{diagnosis.key}/reopen/").status_code == 303
    assert Diagnosis.objects.get().decision == ""
    assert "Opened it again" in client.get(f"/diagnoses/{diagnosis.key}/").content.decode()


def test_the_list_is_narrowed_by_its_address(cast: Cast) -> None:
    done, draft = make_diagnosis(cast.emil, cast.checkout), make_diagnosis(cast.paula, cast.switchyard, done=False)
    client = signed_in(cast.otto)
    cases = {
        "": {done, draft},
        "?product=checkout": {done},
        "?state=draft": {draft},
        "?decision=open": {done, draft},
        "?decision=build": set(),
        "?state=diagnosed&product=switchyard": set(),
    }
    for query, expected in cases.items():
        page = client.get(f"/diagnoses/{query}").content.decode()
        assert {one for one in (done, draft) if f'href="/diagnoses/{one.key}/"' in page} == expected
    for query in ("?product=nothing", "?state=x", "?decision=x", "?before=x"):
        assert client.get(f"/diagnoses/{query}").status_code == 404
    assert "no talk yet" in client.get("/diagnoses/").content.decode()


def test_older_diagnoses_are_a_page_away_and_keep_the_filter(cast: Cast) -> None:
    for _ in range(51):
        make_diagnosis(cast.emil, cast.checkout)
    client = signed_in(cast.otto)
    page = client.get("/diagnoses/?product=checkout")
    assert len(page.context["list"].rows) == 50
    older = client.get(f"/diagnoses/{page.context['older']}")
    assert len(older.context["list"].rows) == 1
    assert "product=checkout" in page.context["older"]


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_takes_the_same_statements_for_one_and_fifty(
    cast: Cast, django_assert_max_num_queries: object, count: int
) -> None:
    for _ in range(count):
        make_diagnosis(cast.emil, cast.checkout, make_entry(cast.emil, cast.checkout))
    client = signed_in(cast.otto)
    client.get("/diagnoses/")
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        page = client.get("/diagnoses/")
    assert len(page.context["list"].rows) == count


def test_everybody_reads_and_only_those_of_the_product_write(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, entry)
    reads = [f"/feedback/{entry.key}/diagnose/", f"/diagnoses/{diagnosis.key}/", "/diagnoses/"]
    writes = ["answers", "decide", "reopen", "ask"]
    for user, status in ((cast.otto, 403), (cast.paula, 403), (cast.admin, 403), (cast.emil, 200), (cast.lena, 200)):
        client = signed_in(user)
        assert [client.get(path).status_code for path in reads] == [200, 200, 200]
        assert {client.get(f"/diagnoses/{diagnosis.key}/{name}/").status_code for name in writes} == {status}
    stranger = Client()
    assert {stranger.get(path).status_code for path in reads} == {302}
    otto = signed_in(cast.otto)
    posts = ("this-is", "diagnose", "ask")
    assert {otto.post(f"/feedback/{entry.key}/{name}/").status_code for name in posts} == {403}
    assert {
        otto.post(f"/diagnoses/{diagnosis.key}/{name}/").status_code for name in ("take-in", "take-out", "tell")
    } == {403}


def test_what_there_is_not_is_not_found(cast: Cast) -> None:
    client = signed_in(cast.emil)
    for path in (
        "/feedback/FB-999999/diagnose/",
        f"/diagnoses/D-{10**19}/",
        "/diagnoses/D-999999/decide/",
        "/asked/999/",
    ):
        assert client.get(path).status_code == 404


def test_a_merged_entry_leads_to_where_it_went(cast: Cast) -> None:
    root = make_entry(cast.emil, cast.checkout)
    merged = make_entry(cast.emil, cast.checkout, merged_into=root)
    client = signed_in(cast.emil)
    answer = client.get(f"/feedback/{merged.key}/diagnose/", follow=True)
    assert answer.redirect_chain == [(f"/feedback/{root.key}/diagnose/", 302)]
    assert f"{merged.key} was merged into {root.key}" in answer.content.decode()
    late = client.post(
        f"/feedback/{merged.key}/diagnose/", {"version": "new", "trying_to": "Kept words", "then": "save"}
    )
    assert late.status_code == 422
    assert f"{merged.key} was merged into {root.key}. Diagnose that one." in late.content.decode()
    assert "Kept words" in late.content.decode()


def test_an_entry_without_a_product_says_what_to_do_first(cast: Cast) -> None:
    entry = make_entry(cast.lena, None)
    client = signed_in(cast.lena)
    assert "Choose the product first." in client.get(f"/feedback/{entry.key}/diagnose/").content.decode()
    answer = client.post(f"/feedback/{entry.key}/diagnose/", {"version": "new", "trying_to": "x", "then": "save"})
    assert answer.status_code == 422
    assert client.get(f"/feedback/{entry.key}/ask/").status_code == 302


def test_nobody_is_sent_to_another_site_after_saving(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    path = f"/feedback/{entry.key}/diagnose/"
    for named, expected in (
        ("https://evil.example/", path),
        ("//evil.example/", path),
        ("/feedback/?item=1", "/feedback/?item=1"),
    ):
        version = opened(signed_in(cast.emil), path)["version"]
        sent = {"version": version, "trying_to": named, "then": "save", "next": named}
        assert signed_in(cast.emil).post(path, sent)["Location"] == expected
