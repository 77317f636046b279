"""Features through their forms: planned, edited, linked, moved, waived, asked about, and refused in words."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.models import Diagnosis, DiagnosisFeature
from products.models import DesignQuestion, Feature, FeatureEdit, StageChange, User
from products.services.feature_moves import move_feature
from products.services.features import FeatureFacts, edit_feature
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_diagnosis, make_entry, make_feature, speak
from tests.journeys.forms import opened, send
from tests.journeys.test_pages import signed_in, text_of

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
NASTY = "<script>alert(1)</script> \u202egnp.exe"


def diagnosed(cast: Cast) -> Diagnosis:
    """A diagnosis of Emil's product, heard from one account twice and from Otto."""
    first, second = make_entry(cast.emil, cast.checkout), make_entry(cast.emil, cast.checkout)
    account = make_account("harbour-lines", cast.lena)
    for entry in (first, second):
        speak(entry, account=account, via=cast.lena)
    speak(second, colleague=cast.otto)
    return make_diagnosis(cast.emil, cast.checkout, first, second)


def page(user: User, feature: Feature) -> str:
    """What stands on the feature's page."""
    response = signed_in(user).get(f"/features/{feature.key}/")
    assert response.status_code == 200
    return text_of(response)


def test_a_feature_is_planned_from_a_diagnosis(cast: Cast) -> None:
    diagnosis = diagnosed(cast)
    client = signed_in(cast.emil)
    path = f"/features/new/?diagnosis={diagnosis.key}"
    typed = {
        "title": "Saved depots",
        "requirement": "One.\r\n\r\nTwo.",
        "intent": "closes_a_gap",
        "co_designers": "Lena, otto@example.com",
    }
    response = send(client, path, **typed)
    feature = Feature.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/features/{feature.key}/")
    assert (feature.product, feature.requirement, feature.intent) == (cast.checkout, "One.\n\nTwo.", "closes_a_gap")
    assert set(feature.co_designers.all()) == {cast.lena, cast.otto}
    assert DiagnosisFeature.objects.get().diagnosis == diagnosis
    shown = page(cast.otto, feature)
    assert "It may be built now; nobody has started yet." in shown
    assert "2 entries of feedback from 1 account and 1 colleague." in shown
    assert "Harbour" not in shown


def test_a_feature_is_planned_without_a_diagnosis_and_is_told_what_it_lacks(cast: Cast) -> None:
    client = signed_in(cast.emil)
    assert "cannot enter building unless a lead waives it" in text_of(client.get("/features/new/"))
    assert send(client, "/features/new/", title="Bare", product="checkout").status_code == 303
    feature = Feature.objects.get()
    assert "It has no diagnosis, so it cannot enter building." in page(cast.emil, feature)
    refused = client.post(f"/features/{feature.key}/move/", {"to": "building", "revision": 1})
    assert refused.status_code == 422
    assert "has no diagnosis yet. Link one that is marked diagnosed" in text_of(refused)
    assert "<title>Error: Move" in refused.content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"title": ""}, "Write a title; a few words are enough."),
        ({"title": "a\x00b"}, "Null characters are not allowed"),
        ({"requirement": "x" * 20_001}, "Shorten it to 20,000 characters; it has 20001."),
        ({"intent": "pleases"}, "Choose what it is for."),
        ({"product": "switchyard"}, "Choose a product from the list."),
        ({"co_designers": "Nobody Known"}, "Nobody here is called “Nobody Known”"),
        ({"diagnoses": "FB-4"}, "“FB-4” is no key of a diagnosis"),
        ({"diagnoses": "D-999"}, "There is no diagnosis D-999"),
        ({"diagnoses": "{elsewhere}"}, "A feature answers diagnoses of its own product."),
        ({"diagnoses": "{declined}"}, "was declined. Reopen its decision first"),
    ],
)
def test_a_bad_feature_is_refused_in_words_with_what_was_typed_kept(
    cast: Cast, typed: dict[str, str], words: str
) -> None:
    keys = {
        "elsewhere": make_diagnosis(cast.paula, cast.switchyard).key,
        "declined": make_diagnosis(
            cast.emil, cast.checkout, decision="decline", reason="No", decided_by=cast.emil, decided_at=NOW
        ).key,
    }
    given = {name: value.format(**keys) for name, value in typed.items()}
    response = send(signed_in(cast.emil), "/features/new/", **{"title": "Kept title", "product": "checkout", **given})
    shown = response.content.decode()
    assert response.status_code == 422
    assert shown.count(words) == 2  # in the summary and at the field
    assert "<title>Error: New feature" in shown
    assert "Kept title" in shown or "title" in typed
    assert not Feature.objects.exists()


def test_markup_and_bidi_signs_stay_text(cast: Cast) -> None:
    feature = make_feature(cast.emil, cast.checkout, title=NASTY, requirement=f"{NASTY}\n\nSecond.")
    shown = signed_in(cast.emil).get(f"/features/{feature.key}/").content.decode()
    assert "<script>alert" not in shown
    assert "<bdi>&lt;script&gt;" in shown
    assert shown.count('<p dir="auto">') == 2


def test_of_two_editors_both_texts_are_kept(cast: Cast) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    client = signed_in(cast.emil)
    path = f"/features/{feature.key}/edit/"
    mine = {**opened(client, path), "title": "Mine", "requirement": "Same\r\nline"}
    edit_feature(
        feature=feature, facts=FeatureFacts("Theirs", "Same\nline", "other"), by=cast.lena, now=datetime.now(UTC)
    )
    conflict = client.post(path, mine)
    shown = text_of(conflict)
    assert conflict.status_code == 409
    assert f"Lena changed {feature.key} just now." in shown
    assert "Theirs" in shown
    assert "Mine" in conflict.content.decode()
    assert [one.label for one in conflict.context["differences"]] == ["Title"]
    again = {bound.name: bound.value() for bound in conflict.context["form"]}
    assert client.post(path, again).status_code == 303
    assert Feature.objects.get().title == "Mine"
    assert sorted(FeatureEdit.objects.values_list("title", flat=True)) == ["Offer the right depot", "Theirs"]
    assert "Theirs" in page(cast.otto, feature)


@pytest.mark.parametrize("version", ["", "x", "99999999999", "-1", "٣"])
def test_a_forged_version_is_a_conflict_and_no_fault(cast: Cast, version: str) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    response = send(signed_in(cast.emil), f"/features/{feature.key}/edit/", title="New", version=version)
    assert response.status_code == 409


def test_a_diagnosis_is_linked_and_taken_away_and_kept_while_it_is_needed(cast: Cast) -> None:
    diagnosis, feature = diagnosed(cast), make_feature(cast.emil, cast.checkout)
    client, path = signed_in(cast.emil), f"/features/{feature.key}/diagnoses/"
    assert f"{diagnosis.key}: Pick a saved address (diagnosed)" in page(cast.emil, feature)
    told = client.post(path, {"diagnosis": diagnosis.key}, follow=True)
    assert f"{diagnosis.key} stands behind {feature.key} now." in text_of(told)
    move_feature(feature=feature, to="building", by=cast.emil, now=NOW)
    refused = client.post(path, {"diagnosis": diagnosis.key, "undo": "yes"}, follow=True)
    assert "is the one diagnosis that says why. Link another first" in text_of(refused)
    move_feature(feature=feature, to="diagnosed", by=cast.emil, now=NOW)
    client.post(path, {"diagnosis": diagnosis.key, "undo": "yes"})
    assert not DiagnosisFeature.objects.exists()


@pytest.mark.parametrize("given", ["", "D-999", "D-0", "nothing", "D-99999999999999999999"])
def test_a_diagnosis_that_is_none_is_refused_in_words(cast: Cast, given: str) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    told = signed_in(cast.emil).post(f"/features/{feature.key}/diagnoses/", {"diagnosis": given}, follow=True)
    assert (told.status_code, "There is no such diagnosis." in text_of(told)) == (200, True)


def test_a_move_answers_303_to_where_the_form_says_or_small_json(cast: Cast) -> None:
    feature = make_feature(cast.emil, cast.checkout, diagnosed(cast))
    client, path = signed_in(cast.emil), f"/features/{feature.key}/move/"
    moved = client.post(path, {"to": "building", "revision": 1, "next": "/features/?stage=building"})
    assert (moved.status_code, moved["Location"]) == (303, "/features/?stage=building")
    away = client.post(path, {"to": "diagnosed", "next": "https://elsewhere.example/"})
    assert away["Location"] == f"/features/{feature.key}/"
    by_fetch = client.post(path, {"to": "building", "revision": 3}, headers=JSON)
    assert (by_fetch.status_code, by_fetch.json()["stage"], by_fetch.json()["revision"]) == (200, "building", 4)
    assert by_fetch.json()["ok"] == f"{feature.key} is in Building now."


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"to": "measured"}, 422, "to Measured by hand"),
        ({"to": "released"}, 422, "from there it goes to Building or Parked"),
        ({"to": "shipped"}, 422, "Choose a stage from the list."),
        ({}, 422, "Choose a stage from the list."),
        ({"to": "parked"}, 422, "Say why"),
        ({"to": "parked", "reason": "x" * 501}, 422, "Shorten it to 500 characters"),
        ({"to": "parked", "reason": "a\x00"}, 422, "Null characters"),
        ({"to": "building", "revision": "x"}, 422, "Enter a whole number"),
        ({"to": "building", "revision": "9" * 30}, 422, "Ensure this value is less"),
        ({"to": "building", "revision": "7"}, 409, "was changed meanwhile"),
    ],
)
def test_a_refused_move_says_why_on_a_page_and_as_json(
    cast: Cast, sent: dict[str, str], status: int, words: str
) -> None:
    feature = make_feature(cast.emil, cast.checkout, diagnosed(cast))
    client, path = signed_in(cast.emil), f"/features/{feature.key}/move/"
    shown, told = client.post(path, sent), client.post(path, sent, headers=JSON)
    assert (shown.status_code, told.status_code) == (status, status)
    assert words in text_of(shown)
    assert words in told.json()["problem"]
    assert not StageChange.objects.exists()


def test_who_may_not_move_it_is_told_so_in_json_too(cast: Cast) -> None:
    path = f"/features/{make_feature(cast.emil, cast.checkout).key}/move/"
    denied = signed_in(cast.otto).post(path, {"to": "parked", "reason": "No"}, headers=JSON)
    assert (denied.status_code, "Only the PMs of Checkout" in denied.json()["problem"]) == (403, True)
    assert signed_in(cast.otto).post(path, {"to": "parked"}).status_code == 403


def test_the_form_after_a_conflict_moves_when_sent_again(cast: Cast) -> None:
    feature = make_feature(cast.emil, cast.checkout, diagnosed(cast))
    client, path = signed_in(cast.emil), f"/features/{feature.key}/move/"
    conflict = client.post(path, {"to": "parked", "reason": "Later", "revision": 7})
    again = {bound.name: bound.value() or "" for bound in conflict.context["form"]}
    assert (client.post(path, again).status_code, Feature.objects.get().stage) == (303, "parked")
    assert "It has been parked since" in page(cast.otto, feature)
    assert ": Later" in page(cast.otto, feature)


def test_a_lead_waives_and_the_reason_stays_visible_for_good(cast: Cast) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    path = f"/features/{feature.key}/waive/"
    assert send(signed_in(cast.lena), path, reason="").status_code == 422
    assert send(signed_in(cast.lena), path, reason="The law asks for it").status_code == 303
    move_feature(feature=feature, to="building", by=cast.emil, now=NOW)
    shown = page(cast.otto, feature)
    assert "Built without a diagnosis Lena on" in shown
    assert "The law asks for it" in shown
    assert "Built without a diagnosis: waived" in text_of(signed_in(cast.otto).get("/features/"))


def test_a_question_is_asked_and_answered_by_the_colleague_himself(cast: Cast) -> None:
    feature = make_feature(cast.emil, cast.checkout, diagnosed(cast))
    client = signed_in(cast.emil)
    refused = send(client, f"/features/{feature.key}/ask/", question="", asked="Nobody")
    assert (refused.status_code, "Write the question" in text_of(refused)) == (422, True)
    assert send(client, f"/features/{feature.key}/ask/", question="Which depot?", asked="Otto").status_code == 303
    asked = DesignQuestion.objects.get()
    move_feature(feature=feature, to="building", by=cast.emil, now=NOW)
    assert "One design question to Otto waits for an answer." in page(cast.emil, feature)
    path = f"/features/{feature.key}/questions/{asked.pk}/"
    assert send(signed_in(cast.otto), path, answer="The nearest").status_code == 303
    shown = page(cast.otto, feature)
    assert "The nearest" in shown
    assert "Every design question is answered" in shown
    again = send(client, path, answer="Another")
    assert (again.status_code, "That answer stays." in text_of(again)) == (422, True)
    assert signed_in(cast.paula).get(path).status_code == 403
    assert client.get(f"/features/{feature.key}/questions/999/").status_code == 404


def test_a_rolled_back_release_is_shown_on_the_feature(cast: Cast) -> None:
    feature = make_feature(cast.emil, cast.checkout, diagnosed(cast))
    move_feature(feature=feature, to="building", by=cast.emil, now=NOW)
    for number, kind in enumerate(("exposed", "rolled_back")):
        event = NewReleaseEvent(
            "ci", kind, cast.checkout, "1.0", kind, NOW + timedelta(hours=number), features=(feature.key,)
        )
        release = ingest_release_event(event=event, now=NOW + timedelta(days=1)).release
    shown = page(cast.otto, feature)
    assert f"It was released, but {release.key} was rolled back on 15 Jun 2026. Nobody has it now" in shown
    assert f"pmtrack · Building to Released: {release.key} went live" in shown
    linked = signed_in(cast.otto).get(f"/releases/{release.key}/").content.decode()
    assert f'href="/features/{feature.key}/"' in linked


def test_find_leads_to_a_feature_by_its_key_and_by_its_title(cast: Cast) -> None:
    feature = make_feature(cast.emil, cast.checkout, title="Offer the right depot")
    client = signed_in(cast.otto)
    for words in (feature.key, feature.key.lower(), "right depott"):
        assert f'href="/features/{feature.key}/"' in client.get("/find/", {"q": words}).content.decode()
    assert "/features/new/" not in client.get("/find/", {"q": "plan a feature"}).content.decode()
    assert "/features/new/" in signed_in(cast.emil).get("/find/", {"q": "plan a feature"}).content.decode()
