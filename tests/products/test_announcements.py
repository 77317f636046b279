"""Announcements: one copy for each person, sent by the worker whatever happens, opened and answered by a link of one's own."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feedback.models import Feedback
from products.models import Announcement, AnnouncementCopy, Release, User
from products.queries.announcements import announcement_row
from products.services.announcement_mail import post_announcements
from products.services.announcing import Draft, EmptyAudience, HostNotListed, TooEarly, announce
from products.services.shipping import roll_back
from products.services.signoff_rules import set_rule
from products.services.signoffs import ask_by_rule
from tests.conftest import Cast
from tests.factories import NOW, make_release, make_team

LINK = re.compile(r"/told/([A-Za-z0-9_-]{43})/")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def outbox(settings: Any) -> list[mail.EmailMessage]:
    """Mail ends in memory."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def release(cast: Cast) -> Release:
    """A release of Switchyard that users have."""
    return make_release(cast.switchyard, "2.0", live_at=NOW - HOUR, name="Night plans")


def draft(release: Release, **changed: Any) -> Draft:
    """Mail to everybody."""
    said = {"channel": "mail", "subject": "Night plans are here", "body": "Plan at night.", "form": "a" * 32, **changed}
    return Draft(release, **said)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_everybody_but_the_writer_gets_one_copy_whoever_presses_how_often(cast: Cast, release: Release) -> None:
    left = User.objects.create(email="left@example.com", name="Left", is_active=False, password="!")
    row = announce(draft=draft(release), by=cast.paula, now=NOW)
    assert announce(draft=draft(release), by=cast.paula, now=NOW) == row
    assert (post_announcements(now=NOW).sent, post_announcements(now=NOW).sent) == (4, 0)
    told = sorted(one.to[0] for one in mail.outbox)
    assert told == ["ada@example.com", "emil@example.com", "lena@example.com", "otto@example.com"]
    assert left.email not in told


def test_a_team_s_people_are_told_and_an_empty_audience_is_said(cast: Cast, release: Release) -> None:
    announce(draft=draft(release, teams=[cast.booking, cast.finance]), by=cast.paula, now=NOW)
    assert AnnouncementCopy.objects.count() == 3
    with pytest.raises(EmptyAudience, match="Nobody but you"):
        announce(draft=draft(release, teams=[make_team("empty")], form="b" * 32), by=cast.paula, now=NOW)
    assert Announcement.objects.count() == 1


def test_a_mail_server_that_is_down_is_asked_again_and_nothing_is_lost(cast: Cast, release: Release) -> None:
    row = announce(draft=draft(release), by=cast.paula, now=NOW)
    with patch.object(mail.EmailMessage, "send", side_effect=ConnectionRefusedError("otto@example.com")):
        down = post_announcements(now=NOW)
    assert (down.sent, down.failed) == (0, 3)
    shown = announcement_row(cast.otto, row.pk)
    assert shown is not None
    assert shown.trouble_text.startswith("The mail server did not take 3 copies; tried 1 time, tried again 15 Jun 2026")
    assert not AnnouncementCopy.objects.filter(trouble__contains="@").exists()
    assert post_announcements(now=NOW + HOUR).sent == 4
    done = announcement_row(cast.otto, row.pk)
    assert done is not None
    assert (done.text, done.trouble_text) == ("4 of 4 sent, no people opened it, no replies", "")


def test_the_personal_link_counts_as_opened_and_takes_one_reply(cast: Cast, release: Release) -> None:
    announce(draft=draft(release, teams=[cast.finance]), by=cast.paula, now=NOW)
    post_announcements(now=NOW)
    found = LINK.search(str(mail.outbox[0].body))
    assert found
    address, otto = f"/told/{found[1]}/", Client()
    assert "You read as Otto" in otto.get(address, secure=True).content.decode()
    assert not AnnouncementCopy.objects.filter(opened_at__isnull=False).exists()  # a filter of mail fetches links, too
    for _ in range(2):
        assert "It is noted that you read this" in otto.post(address, {"read": "yes"}, secure=True).content.decode()
        opened = AnnouncementCopy.objects.get().opened_at
    assert opened == AnnouncementCopy.objects.get().opened_at is not None
    assert otto.post(address, {"words": ""}, secure=True).status_code == 422
    assert "You wrote back" in otto.post(address, {"words": "It freezes."}, secure=True).content.decode()
    again = otto.post(address, {"words": "Another."}, secure=True)
    assert (again.status_code, "your first reply stays" in again.content.decode()) == (422, True)
    copy = AnnouncementCopy.objects.get()
    assert (copy.reply, copy.opened_at is not None, found[1] in str(copy.digest)) == ("It freezes.", True, False)
    assert Client().get("/told/short/", secure=True).status_code == 410


def test_a_reply_becomes_feedback_of_its_writer_once(cast: Cast, release: Release) -> None:
    row = announce(draft=draft(release, teams=[cast.finance]), by=cast.paula, now=NOW)
    copy = row.copies.get()
    address, paula = f"/announcements/A-{row.pk}/replies/{copy.pk}/", as_(cast.paula)
    assert paula.post(address, secure=True).headers["Location"] == f"/announcements/A-{row.pk}/"
    AnnouncementCopy.objects.update(opened_at=NOW, reply="It freezes.", replied_at=NOW, sent_at=NOW)
    assert as_(cast.otto).post(address, secure=True).status_code == 403
    for _ in range(2):
        assert "/feedback/FB-" in paula.post(address, secure=True).headers["Location"]
    entry = Feedback.objects.get()
    assert (entry.text, entry.product, entry.voices.get().colleague) == ("It freezes.", cast.switchyard, cast.otto)


def test_who_opened_it_and_wrote_what_is_for_those_who_answer_for_the_product(cast: Cast, release: Release) -> None:
    row = announce(draft=draft(release, teams=[cast.finance]), by=cast.paula, now=NOW)
    AnnouncementCopy.objects.update(opened_at=NOW, reply="CANARY", replied_at=NOW, sent_at=NOW)
    shown = {
        one: as_(one).get(f"/announcements/A-{row.pk}/", secure=True).content.decode()
        for one in (cast.paula, cast.emil, cast.admin)
    }
    assert [one for one, page in shown.items() if "CANARY" in page] == [cast.paula]
    assert all("1 of 1 sent" in page for page in shown.values())


def test_the_form_announces_and_a_post_needs_a_listed_host(cast: Cast, release: Release, settings: Any) -> None:
    settings.POST_HOSTS = ["hooks.example.com"]
    paula, address = as_(cast.paula), f"/releases/{release.key}/announce/"
    said = {"channel": "mail", "subject": "New", "body": "Plan at night.", "form": "c" * 32, "teams": [cast.finance.pk]}
    done = paula.post(address, said, secure=True)
    assert (done.status_code, done.headers["Location"]) == (303, f"/announcements/A-{Announcement.objects.get().pk}/")
    for wrong in (
        "https://evil.example.com/x",
        "http://hooks.example.com/x",
        "https://a@hooks.example.com/",
        "https://hooks.example.com:8080/",
        "",
    ):
        refused = paula.post(address, {**said, "channel": "post", "hook": wrong, "form": "d" * 32}, secure=True)
        assert refused.status_code == 422
    with pytest.raises(HostNotListed):
        announce(
            draft=draft(release, channel="post", hook="https://evil.example.com/x", form="e" * 32),
            by=cast.paula,
            now=NOW,
        )
    assert Announcement.objects.filter(channel="post").count() == 0


def test_a_rollback_tells_the_same_audience_once(cast: Cast, release: Release) -> None:
    announce(draft=draft(release, teams=[cast.finance]), by=cast.paula, now=NOW)
    page = as_(cast.paula).get(f"/releases/{release.key}/roll-back/", secure=True).content.decode()
    assert "Tell the people to whom it was announced" in page
    untold = as_(cast.paula).post(f"/releases/{release.key}/roll-back/", {"tell": "on"}, secure=True)
    assert (untold.status_code, "Write what they are told" in untold.content.decode()) == (422, True)
    roll_back(release=release, by=cast.paula, now=NOW, note="It froze.", tell=True)
    assert post_announcements(now=NOW).sent == 2
    assert [(one.to, one.subject) for one in mail.outbox][-1] == (["otto@example.com"], "Rolled back: 2.0")


def test_a_release_for_customers_is_announced_after_its_sign_offs(cast: Cast) -> None:
    set_rule(product=None, function="legal", due_days=5, by=cast.admin, now=NOW)
    row = make_release(cast.checkout, "3.0")
    ask_by_rule([row], now=NOW)
    with pytest.raises(TooEarly, match="sign-off of legal"):
        announce(draft=draft(row), by=cast.emil, now=NOW)


def test_ten_thousand_people_cost_the_same_statements_as_ten(cast: Cast, release: Release) -> None:
    def statements(form: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            announce(draft=draft(release, form=form * 32), by=cast.paula, now=NOW)
        return len(captured)

    few = statements("1")
    User.objects.bulk_create(User(email=f"p{n}@example.com", name=f"P{n}", password="!") for n in range(10_000))
    assert statements("2") == few
    assert AnnouncementCopy.objects.filter(announcement__form="2" * 32).count() == 10_004
    assert post_announcements(now=datetime.now(UTC), most=20).sent == 20
    shown = announcement_row(cast.otto, Announcement.objects.get(form="2" * 32).pk)
    assert shown is not None
    assert "of 10,004 sent" in shown.text
