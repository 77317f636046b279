"""Features in Chromium: readable everywhere, planned, moved and answered with and without script."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from products.models import DesignQuestion, Feature
from products.services.feature_moves import move_feature, waive_diagnosis
from products.services.features import (
    FeatureFacts,
    answer_design_question,
    ask_design_question,
    create_feature,
    edit_feature,
)
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_account, make_diagnosis, make_entry, make_feature, speak

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = {
    "list": "/features/",
    "list, nothing fits": "/features/?stage=measured",
    "released": "/features/{released}/",
    "waived": "/features/{waived}/",
    "bare": "/features/{bare}/",
    "new": "/features/new/?diagnosis={diagnosis}",
    "edit": "/features/{released}/edit/",
    "move": "/features/{bare}/move/?to=parked",
    "waive": "/features/{bare}/waive/",
    "ask": "/features/{waived}/ask/",
    "answer": "/features/{waived}/questions/{question}/",
}
LONG = "A planner picks one of the saved depots while typing.\n\nIt offers the depot used last first, and never one that is closed."


@pytest.fixture
def built(cast: Cast) -> dict[str, str]:
    """A feature that was released and rolled back, one without a diagnosis, and one that a lead waived."""
    now = datetime.now(UTC)
    entries = [make_entry(cast.emil, cast.checkout, received_at=now - timedelta(days=40)) for _ in range(3)]
    for number, entry in enumerate(entries):
        speak(entry, account=make_account(f"harbour-{number}", cast.lena), via=cast.lena)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, *entries, diagnosed_at=now - timedelta(days=30))
    released = make_feature(cast.emil, cast.checkout, diagnosis, requirement=LONG, intent="closes_a_gap")
    released.co_designers.add(cast.lena, cast.paula)
    move_feature(feature=released, to="building", by=cast.emil, now=now - timedelta(days=20))
    facts = FeatureFacts("Offer the depot that was used last", LONG, "closes_a_gap", [cast.lena, cast.paula])
    edit_feature(feature=released, facts=facts, by=cast.lena, now=now - timedelta(days=15))
    for kind, day in (("exposed", 9), ("rolled_back", 7)):
        at = now - timedelta(days=day)
        event = NewReleaseEvent("ci", kind, cast.checkout, "4.2", kind, at, name="Depots", features=(released.key,))
        ingest_release_event(event=event, now=now)
    facts = FeatureFacts("Export for the customs office", "", "enables")
    waived = create_feature(product=cast.switchyard, facts=facts, by=cast.paula, now=now - timedelta(days=4))
    waive_diagnosis(feature=waived, by=cast.lena, reason="The law asks for it from January on.", now=now)
    move_feature(feature=waived, to="building", by=cast.paula, now=now)
    words = "Which fields does the office read, and which does it refuse?"
    for question in ("Is a comma fine?", words):
        asked = ask_design_question(
            feature=waived, question=question, asked=cast.otto, asked_by=cast.paula, now=now - timedelta(days=2)
        )
        if question != words:
            answer_design_question(question=asked, answer="Yes, in every field.", now=now - timedelta(days=1))
    bare = make_feature(cast.emil, cast.checkout, title="A" * 120)
    keys = {"released": released.key, "waived": waived.key, "bare": bare.key, "diagnosis": diagnosis.key}
    return {**keys, "question": str(asked.pk)}


@pytest.mark.long  # eleven pages of the same parts
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable_in_both_themes_and_at_every_width(
    cast: Cast, built: dict[str, str], open_window: Callable[..., Window], name: str
) -> None:
    window = open_window(cast.lena)
    assert window.troubles(PAGES[name].format(**built)) == {}


@pytest.mark.parametrize("script", [True, False])
def test_a_feature_is_planned_linked_built_and_parked(
    cast: Cast, open_window: Callable[..., Window], script: bool
) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    window = open_window(cast.emil, script=script, width=390)
    page = window.page
    window.go("/features/new/")
    with page.expect_navigation():
        page.click("main button[type=submit]")
    page.wait_for_selector("[role=alert]")
    expect(page).to_have_title(re.compile("^Error: "))
    page.fill("#id_title", "Saved depots")
    page.fill("#id_requirement", "One.\n\nTwo.")
    page.click("main button[type=submit]")
    page.wait_for_selector("text=is planned.")
    expect(page.locator("button:has-text('Start building')")).to_have_count(0)
    page.select_option("#link-diagnosis", diagnosis.key)
    page.click("text=Link it")
    page.click("button:has-text('Start building')")
    page.wait_for_selector("text=is in Building now.")
    page.click("summary:has-text('Park it with a reason')")
    page.fill("#why-parked", "Customs first")
    page.click("button:has-text('Park it')")
    page.wait_for_selector("text=is in Parked now.")
    expect(page.locator(".verdict")).to_contain_text("Customs first")
    feature = Feature.objects.get()
    assert (feature.stage, feature.requirement) == ("parked", "One.\n\nTwo.")
    if script:
        assert window.violations() == []
    assert ([one for one in window.messages if "422" not in one], max(0, window.sideways())) == ([], 0)


def test_the_colleague_asked_answers_with_the_keyboard(
    cast: Cast, built: dict[str, str], open_window: Callable[..., Window]
) -> None:
    window = open_window(cast.otto)
    window.go(f"/features/{built['waived']}/")
    window.page.focus("a.btn:has-text('Answer')")
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    window.page.focus("#id_answer")
    window.page.keyboard.type("Weight and value, nothing else.")
    window.page.keyboard.press("Tab")
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    expect(window.page.locator("main")).to_contain_text("Every design question is answered")
    assert DesignQuestion.objects.get(pk=built["question"]).answer == "Weight and value, nothing else."


def test_of_two_editors_the_second_sees_both_texts(
    cast: Cast, built: dict[str, str], open_window: Callable[..., Window]
) -> None:
    window = open_window(cast.emil, width=390)
    window.go(f"/features/{built['bare']}/edit/")
    feature = Feature.objects.get(title="A" * 120)
    theirs = FeatureFacts("Theirs", "Their text", "earns")
    edit_feature(feature=feature, facts=theirs, by=cast.lena, now=datetime.now(UTC))
    window.page.fill("#id_title", "Mine")
    with window.page.expect_navigation():
        window.page.click("main button[type=submit]")
    window.page.wait_for_selector("[role=alert]:focus")
    shown = window.page.inner_text("main")
    assert "Lena changed" in shown
    assert "Their text" in shown
    assert (window.page.input_value("#id_title"), window.violations(), max(0, window.sideways())) == ("Mine", [], 0)
    with window.page.expect_navigation():
        window.page.click("main button[type=submit]")
    assert Feature.objects.get(pk=feature.pk).title == "Mine"
