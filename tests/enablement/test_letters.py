"""Letters and the links in them: sent once by the worker, answered once without signing in, and no secret left anywhere."""

import re
import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from metrics.models import AnswerLink, Enablement, Letter
from metrics.services.answer_links import make_answer_link
from metrics.services.answers import give_answer
from metrics.services.enabling_refusals import LinkUnusable
from metrics.services.letters import post_letters
from metrics.services.waiting_questions import tend_questions
from products.models import AuditEntry
from tests.enablement.scene import Scene, answer
from tests.factories import NOW

LINK = re.compile(r"https?://\S+/answer/([A-Za-z0-9_-]{43})/")
DAY = timedelta(days=1)
YES = {"verdict": "accelerated", "days_low": "4", "days_high": "9"}


@pytest.fixture(autouse=True)
def outbox(settings: Any) -> list[mail.EmailMessage]:
    """Letters end in memory."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PUBLIC_URL = "https://pm.example.com"
    mail.outbox = []
    return mail.outbox


def asked(scene: Scene) -> tuple[Enablement, str]:
    """A question that was just sent, and the secret in its letter."""
    row = scene.claim(now=datetime.now(UTC))
    post_letters(now=datetime.now(UTC))
    found = LINK.search(str(mail.outbox[-1].body))
    assert found
    return row, found[1]


def test_the_worker_sends_the_question_once_with_a_link_of_which_only_a_digest_is_kept(scene: Scene) -> None:
    _, secret = asked(scene)
    letter = mail.outbox[0]
    assert (letter.to, letter.subject) == (
        ["emil@example.com"],
        "Did Staged rollout of Switchyard help with Bulk booking?",
    )
    assert "https://pm.example.com/answer/" in letter.body
    assert post_letters(now=datetime.now(UTC) + DAY).sent == 0
    link = AnswerLink.objects.get()
    assert secret not in link.digest
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(l::text, '') FROM metrics_letter AS l")
        assert secret not in cursor.fetchone()[0]


def test_looking_at_the_link_writes_nothing_and_answering_uses_it_up(scene: Scene) -> None:
    row, secret = asked(scene)
    stranger = Client()
    for _ in range(3):
        shown = stranger.get(f"/answer/{secret}/", secure=True)
        assert shown.status_code == 200
    assert (shown.headers["Referrer-Policy"], "no-store" in shown.headers["Cache-Control"]) == ("same-origin", True)
    assert "You answer as Emil" in shown.content.decode()
    assert row.steps.count() == 1
    answered = stranger.post(f"/answer/{secret}/", YES, secure=True)
    assert (answered.status_code, answered.headers["Location"]) == (303, "/answer/noted/")
    row.refresh_from_db()
    assert (row.state, row.answered_by) == ("confirmed", scene.cast.emil)
    for again in (
        stranger.get(f"/answer/{secret}/", secure=True),
        stranger.post(f"/answer/{secret}/", YES, secure=True),
    ):
        assert again.status_code == 410
        assert "a link answers once" in again.content.decode()
    entry = AuditEntry.objects.filter(topic="enablement").latest("pk")
    assert entry.concerned == scene.cast.emil


def test_a_bad_answer_by_link_is_told_and_leaves_the_link(scene: Scene) -> None:
    row, secret = asked(scene)
    refused = Client().post(f"/answer/{secret}/", {**YES, "days_low": "-1"}, secure=True)
    assert (refused.status_code, "not negative" in refused.content.decode()) == (422, True)
    assert Client().post(f"/answer/{secret}/", YES, secure=True).status_code == 303
    row.refresh_from_db()
    assert row.state == "confirmed"


def test_the_link_hands_the_question_on(scene: Scene) -> None:
    row, secret = asked(scene)
    refused = Client().post(f"/answer/{secret}/hand-on/", {"colleague": "Paula"}, secure=True)
    assert "Nobody confirms their own claim" in refused.content.decode()
    assert Client().post(f"/answer/{secret}/hand-on/", {"colleague": "Otto"}, secure=True).status_code == 303
    row.refresh_from_db()
    assert row.asked == scene.cast.otto
    assert Client().get(f"/answer/{secret}/", secure=True).status_code == 410
    post_letters(now=datetime.now(UTC))
    assert mail.outbox[-1].to == ["otto@example.com"]


@pytest.mark.parametrize("wrong", ["short", "x" * 43, "x" * 44, "%20" * 14])
def test_what_is_no_link_is_told(scene: Scene, wrong: str) -> None:
    response = Client().get(f"/answer/{wrong}/", secure=True)
    assert response.status_code == 410
    assert "not a whole link" in response.content.decode()


def test_a_link_ends_with_the_question_whoever_ends_it(scene: Scene) -> None:
    row, secret = asked(scene)
    give_answer(enablement=row, answer=answer("no"), by=scene.cast.emil, now=datetime.now(UTC))
    assert "answered, handed on or withdrawn" in Client().get(f"/answer/{secret}/", secure=True).content.decode()


def test_a_link_of_somebody_who_left_or_whose_time_is_over_opens_nothing(scene: Scene) -> None:
    long_ago = datetime.now(UTC) - 15 * DAY
    row = scene.claim(now=long_ago)
    secret = make_answer_link(enablement=row, person=scene.cast.emil, now=long_ago)
    assert "they are over" in Client().get(f"/answer/{secret}/", secure=True).content.decode()
    with pytest.raises(LinkUnusable):
        make_answer_link(enablement=row, person=scene.cast.otto, now=NOW)


def test_an_answer_by_link_is_not_that_of_whoever_is_signed_in(scene: Scene) -> None:
    row, secret = asked(scene)
    paula = Client()
    paula.force_login(scene.cast.paula)
    assert "You answer as Emil" in paula.get(f"/answer/{secret}/", secure=True).content.decode()
    paula.post(f"/answer/{secret}/", YES, secure=True)
    row.refresh_from_db()
    assert row.answered_by == scene.cast.emil


@pytest.mark.parametrize("failure", [smtplib.SMTPServerDisconnected, ConnectionRefusedError, UnicodeError])
def test_a_letter_that_cannot_be_sent_waits_and_holds_up_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    scene.claim()

    def refuse(*_: Any, **__: Any) -> None:
        raise failure("emil@example.com")

    with monkeypatch.context() as away:
        away.setattr(mail.EmailMessage, "send", refuse)
        assert post_letters(now=NOW).failed == 1
    letter = Letter.objects.get()
    assert (letter.sent_at, letter.tries, letter.trouble) == (None, 1, failure.__name__)
    assert (AnswerLink.objects.count(), post_letters(now=NOW).sent) == (0, 0)
    assert post_letters(now=NOW + timedelta(minutes=1)).sent == 1


def test_letters_that_nobody_waits_for_are_dropped(scene: Scene) -> None:
    row = scene.claim()
    give_answer(enablement=row, answer=answer("no"), by=scene.cast.emil, now=NOW)
    done = post_letters(now=NOW)
    assert (done.sent, done.dropped) == (1, 1)
    assert [(one.to, one.subject.partition(":")[0]) for one in mail.outbox] == [(["paula@example.com"], "Disputed")]


def test_reminders_bring_a_fresh_link_and_the_older_one_holds_too(scene: Scene) -> None:
    start = datetime.now(UTC) - 5 * DAY
    scene.claim(now=start)
    post_letters(now=start)
    tend_questions(now=datetime.now(UTC))
    post_letters(now=datetime.now(UTC))
    first, second = (LINK.search(str(one.body)) for one in mail.outbox)
    assert first and second and first[1] != second[1]  # noqa: PT018
    assert mail.outbox[1].subject.startswith("Reminder: Did")
    assert [Client().get(f"/answer/{one[1]}/", secure=True).status_code for one in (first, second)] == [200, 200]


def test_everybody_reads_their_own_letters_only(scene: Scene, settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    scene.claim(now=datetime.now(UTC))
    post_letters(now=datetime.now(UTC))
    shown = {}
    for reader in (scene.cast.emil, scene.cast.paula, scene.cast.admin):
        client = Client()
        client.force_login(reader)
        shown[reader.name] = client.get("/letters/").content.decode()
    assert "It takes about 20 seconds" in shown["Emil"]
    assert "/answer/" in shown["Emil"]
    assert [name for name, page in shown.items() if "20 seconds" in page] == ["Emil"]


def test_no_line_of_the_log_holds_a_secret_or_an_address(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    _, secret = asked(scene)
    Client().get(f"/answer/{secret}/", secure=True)
    Client().post(f"/answer/{secret}/", YES, secure=True)
    said = "\n".join(
        f"{one.getMessage()} {one.__dict__}" for one in caplog.records if one.name.startswith(("pmtrack", "metrics"))
    )
    assert "answer_link" in said
    assert secret not in said
    assert "emil@" not in said
