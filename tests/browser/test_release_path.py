"""The ways of a release in a browser: for customers with its sign-off by mail, for colleagues with announcement and rollback."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail

from products.models import Ally, Announcement, Release, SignOff
from products.services.signoff_letters import post_sign_off_letters
from products.services.signoff_rules import set_rule
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_release, since

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
LINK = re.compile(r"https?://[^/]+(/sign-off/[A-Za-z0-9_-]{43}/)")


def test_planned_asked_signed_off_by_mail_and_live(
    transactional_db: None, cast: Cast, open_window: Open, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    now = datetime.now(UTC)
    Ally.objects.create(product=cast.checkout, user=cast.otto, function="legal", period=since())
    set_rule(product=None, function="legal", due_days=5, by=cast.admin, now=now)
    emil = open_window(cast.emil)
    emil.go("/releases/new/")
    emil.page.get_by_label("Version").fill("9.0")
    emil.page.get_by_role("button", name="Plan it").click()
    emil.page.get_by_role("link", name="Mark it live").click()
    emil.page.get_by_role("button", name="It is live now").click()
    emil.page.get_by_text("waits for the sign-off of legal").first.wait_for()
    post_sign_off_letters(now=datetime.now(UTC))
    found = LINK.search(str(mail.outbox[-1].body))
    assert found
    stranger = open_window(None)
    stranger.go(found[1])
    stranger.page.get_by_label("Decision").select_option("approved")
    stranger.page.get_by_role("button", name="Send the decision").click()
    stranger.page.get_by_text("Your decision stands on the release").wait_for()
    assert SignOff.objects.get().decided_by == cast.otto
    emil.page.get_by_role("button", name="It is live now").click()
    emil.page.get_by_text("Every sign-off is there").wait_for()
    assert Release.objects.get().state == "live"


def test_announced_and_rolled_back_with_a_note(transactional_db: None, cast: Cast, open_window: Open) -> None:
    release = make_release(cast.switchyard, "2.0", live_at=datetime.now(UTC))
    paula = open_window(cast.paula)
    paula.go(f"/releases/{release.key}/announce/")
    paula.page.get_by_label("Finance").check()
    paula.page.get_by_label("Text").fill("Plan at night.")
    paula.page.get_by_role("button", name="Send it").click()
    paula.page.get_by_text("To Finance: 0 of 1 sent").wait_for()
    paula.go(f"/releases/{release.key}/roll-back/")
    paula.page.get_by_label("Note").fill("It froze.")
    paula.page.get_by_label("Tell the people to whom it was announced").check()
    paula.page.get_by_role("button", name="Roll it back").click()
    paula.page.get_by_text("after the rollback").wait_for()
    assert Announcement.objects.latest("pk").copies.get().person == cast.otto
