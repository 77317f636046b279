"""Diagnoses in a real browser: every page at every width in both themes, the whole way with and without script."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from feedback.models import Diagnosis, Outreach
from feedback.services.decisions import decide
from feedback.services.outreach import Subject, ask_account, ask_colleague, hold
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_account, make_diagnosis, make_entry, make_feature, make_user, speak

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Send a renewal offer with last year’s prices next to this year’s, for each of thirty customers, every quarter"


@pytest.fixture
def year(cast: Cast) -> dict[str, str]:
    """Entries, diagnoses in every state and questions on their way; the addresses of the pages by name."""
    now = datetime.now(UTC)
    petra = make_user("Petra Holm")
    heard = make_entry(cast.emil, cast.checkout, "We need an export button on the quote page.", received_at=now)
    speak(heard, colleague=cast.otto)
    brenner, nordfrakt = make_account("brenner", petra), make_account("nordfrakt", petra, consent="no")
    behind = [make_entry(cast.emil, cast.checkout, f"{LONG} {number}") for number in range(3)]
    for entry in behind:
        speak(entry, account=brenner, via=petra)
        speak(entry, account=nordfrakt, via=petra)
        speak(entry, colleague=cast.otto)
    make_entry(cast.emil, cast.checkout, "Pick a saved address and it offers the wrong depot, again")
    declined = make_diagnosis(cast.emil, cast.checkout, *behind, solved_when="Nobody retypes it")
    make_feature(cast.emil, cast.checkout, declined)
    decide(diagnosis=declined, decision="decline", reason="Too rare to build for now.", by=cast.emil, now=now)
    draft = make_diagnosis(cast.emil, cast.checkout, heard, done=False)
    make_diagnosis(cast.paula, cast.switchyard)
    about = Subject(cast.checkout, diagnosis=declined)
    held = ask_colleague(
        subject=about, colleague=cast.otto, purpose="What do you do with the file?", by=cast.emil,
        now=now - timedelta(days=3),
    )  # fmt: skip
    hold(outreach=held, outcome="I paste it into a letter.", at=None, by=cast.emil, now=now)
    waiting = ask_account(subject=about, account=brenner, via=None, purpose="Which depot?", by=cast.emil, now=now)
    fresh = make_entry(cast.emil, cast.checkout)
    pages = {
        "diagnose": heard,
        "unheard": fresh,
        "declined": declined,
        "draft": draft,
        "held": held,
        "waiting": waiting,
    }
    return addresses(pages)


def addresses(rows: dict[str, Any]) -> dict[str, str]:
    """Where the pages of ``rows`` are, with those that hang on a diagnosis and on a question."""
    diagnosis, question = f"/diagnoses/{rows['declined'].key}/", f"/asked/{rows['waiting'].pk}/"
    return {
        "diagnose": f"/feedback/{rows['diagnose'].key}/diagnose/",
        "unheard": f"/feedback/{rows['unheard'].key}/diagnose/",
        "list": "/diagnoses/",
        "narrowed to nothing": "/diagnoses/?decision=build",
        "declined": diagnosis,
        "draft": f"/diagnoses/{rows['draft'].key}/",
        **{name: f"{diagnosis}{name}/" for name in ("answers", "decide", "reopen", "ask")},
        "held": f"/asked/{rows['held'].pk}/",
        "waiting": question,
        **{name: f"{question}{name}/" for name in ("book", "call-off")},
    }


@pytest.mark.long  # a dozen pages for two readers
@pytest.mark.parametrize("reader", ["emil", "otto"])
def test_pages_are_readable_in_both_themes_and_at_every_width(
    cast: Cast, year: dict[str, str], open_window: Callable[..., Window], reader: str
) -> None:
    window = open_window(getattr(cast, reader))
    found = {}
    for name, path in year.items():
        window.messages.clear()
        if troubles := window.troubles(path):
            found[name] = troubles
    assert found == {}


def test_what_was_refused_is_named_and_readable(
    cast: Cast, year: dict[str, str], open_window: Callable[..., Window]
) -> None:
    window = open_window(cast.emil)
    window.go(year["unheard"])
    window.page.fill("#id_trying_to", "Pick an address")
    with window.page.expect_navigation():
        window.page.click("text=Mark diagnosed")
    assert window.page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    expect(window.page).to_have_title(re.compile("^Error: "))
    assert window.violations() == []
    window.page.click("[role=alert] a >> nth=0")
    assert window.page.evaluate("document.activeElement.id") == "id_in_the_way"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("width", [1440, 390])
def test_from_what_was_heard_to_a_decision_that_is_told(
    cast: Cast, open_window: Callable[..., Window], script: bool, width: int
) -> None:
    entry = make_entry(cast.emil, cast.checkout, "Add a chat button")
    speak(entry, colleague=cast.otto)
    window = open_window(cast.emil, script=script, width=width)
    page = window.page
    window.go(f"/feedback/{entry.key}/diagnose/")
    expect(page.locator("main")).to_contain_text("This asks for a fix. Ask Otto")
    for name, text in (("trying_to", "Reach somebody"), ("in_the_way", "Nobody answers"), ("known_from", "Otto")):
        page.fill(f"#id_{name}", text)
    if script:
        assert page.inner_text("[data-answered]") == "3 of 4 answered"
    with page.expect_navigation():
        page.click("text=Mark diagnosed")
    diagnosis = Diagnosis.objects.get()
    expect(page.locator("main")).to_contain_text(f"{diagnosis.key} is diagnosed.")
    with page.expect_navigation():
        page.click(".tools >> text=Decide")
    page.check("text=Decline")
    page.fill("#id_reason", "Too few of us to answer.")
    with page.expect_navigation():
        page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("0 of 1 told")
    with page.expect_navigation():
        page.click("text=Mark told")
    expect(page.locator("main")).to_contain_text("1 of 1 told")
    assert diagnosis.closures.count() == 1
    assert window.messages == []


def test_a_colleague_answers_what_he_is_asked(cast: Cast, open_window: Callable[..., Window]) -> None:
    entry = make_entry(cast.paula, cast.switchyard, "Add an export")
    speak(entry, colleague=cast.otto)
    asking = open_window(cast.paula)
    asking.go(f"/feedback/{entry.key}/diagnose/")
    with asking.page.expect_navigation():
        asking.page.click("button:text-is('Ask Otto')")
    asking.page.check("text=colleague in Finance")
    asking.page.fill("#id_purpose", "What do you do with the file?")
    with asking.page.expect_navigation():
        asking.page.click("main form button[type=submit]")
    assert asking.page.is_visible("text=Open in your mail")
    assert asking.page.is_visible("button:has-text('Copy')")
    question = Outreach.objects.get()
    answering = open_window(cast.otto, width=390)
    answering.go(f"/asked/{question.pk}/")
    answering.page.fill("#id_outcome", "I paste it into a letter.")
    with answering.page.expect_navigation():
        answering.page.click("main button[type=submit]")
    question.refresh_from_db()
    assert question.outcome == "I paste it into a letter."
    assert (asking.messages, answering.messages) == ([], [])


def test_what_is_typed_survives_an_expired_sign_in(cast: Cast, open_window: Callable[..., Window]) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    window = open_window(cast.emil)
    window.go(f"/feedback/{entry.key}/diagnose/")
    window.page.fill("#id_trying_to", "Words that took an hour")
    cookies = window.page.context.cookies()
    window.page.context.clear_cookies(name="sessionid")
    with window.page.expect_navigation():
        window.page.click("button:text-is('Save')")
    assert "/login/" in window.page.url
    window.page.context.add_cookies(cookies)
    window.go(f"/feedback/{entry.key}/diagnose/")
    assert window.page.input_value("#id_trying_to") == "Words that took an hour"
    with window.page.expect_navigation():
        window.page.click("button:text-is('Save')")
    assert Diagnosis.objects.get().trying_to == "Words that took an hour"
    expect(window.page.locator("main")).to_contain_text("1 of 4 answered")


@pytest.mark.long  # looked at page by page
def test_both_texts_are_readable_where_two_people_answered(cast: Cast, open_window: Callable[..., Window]) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    path = f"/feedback/{entry.key}/diagnose/"
    first, second = open_window(cast.lena), open_window(cast.emil, width=390)
    for window, words in ((first, "What Lena says"), (second, "What Emil says")):
        window.go(path)
        window.page.fill("#id_trying_to", words)
    for window in (first, second):
        with window.page.expect_navigation():
            window.page.click("button:text-is('Save')")
    expect(second.page.locator("[role=alert]")).to_contain_text("Lena changed D-")
    expect(second.page).to_have_title(re.compile("^Changed meanwhile: "))
    assert (second.violations(), second.sideways()) == ([], 0)
    with second.page.expect_navigation():
        second.page.click("button:text-is('Keep both')")
    assert second.page.input_value("#id_trying_to") == "What Lena says\n\nWhat Emil says"


@pytest.mark.parametrize("consent", ["yes", "not_asked"])
def test_what_waits_for_one_is_answered_on_the_inbox(
    cast: Cast, open_window: Callable[..., Window], consent: str
) -> None:
    about = Subject(cast.checkout, feedback=make_entry(cast.emil, cast.checkout, LONG))
    account, now = make_account("brenner", cast.otto, consent=consent), datetime.now(UTC)
    ask_account(subject=about, account=account, via=None, purpose="Which depot?", by=cast.emil, now=now)
    ask_colleague(subject=about, colleague=cast.otto, purpose="What do you see?", by=cast.emil, now=now)
    window = open_window(cast.otto)
    assert window.troubles("/feedback/") == {}
    page = window.page
    for _ in range(2 if consent == "yes" else 3):
        with page.expect_navigation():
            if page.is_visible("button:text-is('They said yes')"):
                page.click("button:text-is('They said yes')")
            else:
                page.fill(".askedof textarea >> nth=0", "I see the wrong depot.")
                page.click(".askedof form .btn >> nth=0")
        assert page.url.endswith("/feedback/")
    assert not page.is_visible("text=Asked of you")
    assert [one.outcome for one in Outreach.objects.all()] == ["I see the wrong depot."] * 2
