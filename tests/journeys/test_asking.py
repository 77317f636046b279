"""Questions to people as they are asked and answered: a colleague directly, a customer through one of ours."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from feedback.models import ConsentChange, Outreach
from feedback.queries.outreach import asked_of
from feedback.services.outreach import Subject, ask_account
from feedback.views.diagnosing import diagnose_slot
from tests.conftest import Cast
from tests.factories import make_account, make_diagnosis, make_entry, make_user, speak
from tests.journeys.forms import send
from tests.journeys.test_diagnoses import signed_in

pytestmark = pytest.mark.django_db


def test_a_colleague_is_asked_and_answers_on_the_page(cast: Cast) -> None:
    entry = make_entry(cast.paula, cast.switchyard, "We need an export button")
    speak(entry, colleague=cast.otto)
    paula, otto = signed_in(cast.paula), signed_in(cast.otto)
    asking = {"whom": f"colleague-{cast.otto.pk}", "purpose": "What do you do with the file?"}
    answer = send(paula, f"/feedback/{entry.key}/ask/", **asking)
    question = Outreach.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/asked/{question.pk}/")
    page = paula.get(answer["Location"]).content.decode()
    assert "mailto:otto%40example.com?subject=" in page
    assert f"http://testserver/asked/{question.pk}/" in page
    assert send(otto, answer["Location"], outcome="I paste it into a letter.").status_code == 303
    question.refresh_from_db()
    assert question.held_at is not None
    assert "I paste it into a letter." in paula.get(answer["Location"]).content.decode()


def test_a_customer_is_asked_for_consent_before_the_talk(cast: Cast) -> None:
    petra = make_user("Petra")
    entry = make_entry(cast.emil, cast.checkout)
    brenner = make_account("brenner", petra)
    speak(entry, account=brenner, via=petra)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, entry)
    emil, between = signed_in(cast.emil), signed_in(petra)
    asking = {"whom": f"account-{brenner.pk}", "purpose": "Which depot?"}
    path = send(emil, f"/diagnoses/{diagnosis.key}/ask/", **asking)["Location"]
    assert "could you ask Brenner whether" in emil.get(path).content.decode()
    assert between.post(path, {"outcome": "x"}).status_code == 422
    assert between.post(f"{path}consent/", {"consent": "perhaps"}).status_code == 303
    assert between.post(f"{path}consent/", {"consent": "yes"}).status_code == 303
    assert ConsentChange.objects.get().by == petra
    assert send(between, f"{path}book/", at="2099-01-05T14:30").status_code == 303
    assert "booked for 5 Jan 2099, 14:30 UTC" in emil.get(path).content.decode()
    assert send(between, f"{path}book/", at="tomorrow").status_code == 422
    assert emil.post(f"{path}call-off/").status_code == 303
    assert between.post(path, {"outcome": "x"}).status_code == 403


def test_a_customer_who_said_no_is_refused_in_words(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    brenner = make_account("brenner", cast.emil, consent="no")
    speak(entry, account=brenner, via=cast.emil)
    answer = send(
        signed_in(cast.emil), f"/feedback/{entry.key}/ask/", whom=f"account-{brenner.pk}", purpose="Which depot?"
    )
    assert answer.status_code == 422
    assert "Brenner does not want to be asked" in answer.content.decode()
    assert not Outreach.objects.exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Choose whom you ask."),
        ({"whom": "account-999"}, "Choose one of those offered"),
        ({"whom": "colleague", "purpose": "x"}, "Name the colleague by mail address or whole name."),
        ({"whom": "colleague", "colleague": "Nobody", "purpose": "x"}, "Nobody here is called"),
        ({"whom": "colleague", "colleague": "Paula", "purpose": "x"}, "That is you."),
        ({"whom": "colleague", "colleague": "Otto", "purpose": "x" * 501}, "Shorten it to 500 characters"),
    ],
)
def test_asking_wrongly_is_refused_in_words(cast: Cast, sent: dict[str, str], words: str) -> None:
    entry = make_entry(cast.paula, cast.switchyard)
    answer = signed_in(cast.paula).post(f"/feedback/{entry.key}/ask/", sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_what_waits_for_somebody_stands_on_his_page_and_is_answered_there(cast: Cast) -> None:
    petra = make_user("Petra")
    entry = make_entry(cast.emil, cast.checkout)
    brenner = make_account("brenner", petra)
    about = Subject(cast.checkout, feedback=entry)
    later = datetime.now(UTC)
    before = later - timedelta(days=2)
    ask_account(subject=about, account=brenner, via=None, purpose="<b>Which</b> depot?", by=cast.emil, now=before)
    request = RequestFactory().get("/feedback/")
    part = partial(render_to_string, "feedback/_asked_of_you.html", request=request)
    shown = part({"asked": asked_of(petra, now=later), "next": "/feedback/"})
    assert "Ask <bdi>Brenner</bdi> first" in shown
    assert "&lt;b&gt;Which&lt;/b&gt; depot?" in shown
    assert "waiting 2 days" in shown
    assert shown.count("csrfmiddlewaretoken") == 1
    assert "Asked of you" in signed_in(petra).get("/feedback/").content.decode()
    assert "Asked of you" not in signed_in(cast.otto).get("/feedback/").content.decode()
    client, path = signed_in(petra), f"/asked/{Outreach.objects.get().pk}/"
    assert client.post(f"{path}consent/", {"consent": "yes", "next": "/feedback/"})["Location"] == "/feedback/"
    (one,) = asked_of(petra, now=later)
    assert 'name="outcome"' in part({"asked": [one]})
    sent = {"outcome": "They retype it.", "version": one.version, "next": "/feedback/"}
    assert client.post(path, sent)["Location"] == "/feedback/"
    assert asked_of(petra, now=later) == ()
    assert part({"asked": ()}).strip() == ""


def test_the_questions_stand_beside_a_list_and_lead_back_to_it(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    request = RequestFactory().get(f"/feedback/?item={entry.key}")
    for user, is_form in ((cast.emil, True), (cast.otto, False)):
        request.user = user
        slot = diagnose_slot(request, entry.pk, day=datetime.now(UTC).date())
        shown = render_to_string("feedback/_diagnose.html", {**slot, "next": "/feedback/?item=1"}, request=request)
        assert ('name="trying_to"' in shown) is is_form
        assert ('name="next" value="/feedback/?item=1"' in shown) is is_form
        assert ("diagnose it." in shown) is not is_form
