"""Planted words are found where they may be read, by those who may, and in no search and no letter of anybody else.

Every route, verb and actor is looked through in ``test_permissions``, which asks for all of them anyhow.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from metrics.services.digests import queue_digests, wish_digest
from metrics.services.letters import post_letters
from products.models import AnnouncementCopy, SignOffLetter
from products.services.announcement_mail import post_announcements
from products.services.signoff_letters import post_sign_off_letters
from tests.conftest import Cast
from tests.permissions.actors import ACTORS, make_actors
from tests.permissions.canaries import (
    ACCOUNT,
    ASSESSED,
    CONFIRMED,
    CONTRIBUTED,
    JUDGED,
    MAY_READ,
    PURPOSE,
    REPLY,
    SHEET,
    SOLVED,
    TALK,
    found_in,
    told_to,
)
from tests.permissions.scene import set_scene

pytestmark = pytest.mark.django_db
SHOWN = {
    ACCOUNT: ("pm", "account"),
    PURPOSE: ("ally", "asked"),
    SOLVED: ("lead", "people_to_tell"),
    ASSESSED: ("lead", "assessments"),
    REPLY: ("lead", "announcement"),
    SHEET: ("admin", "settings_directory_sheet"),
    CONTRIBUTED: ("member", "contribution"),
    CONFIRMED: ("lead", "contribution"),
    TALK: ("lead", "person"),
    JUDGED: ("pm", "person"),
}
SEARCHES = (
    "/find/?q=heron", "/find/options/?q=heron", "/sources/?q=heron", "/feedback/similar/?q=heron", "/feedback/?scope=all",
    "/impact/?q=heron", "/api/v1/feedback?limit=200", "/api/v1/enablements?limit=200", "/api/v1/diagnoses?limit=200",
)  # fmt: skip


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    """Nobody is slowed down, and mail ends in memory."""
    settings.API_RATE_PER_MINUTE = 1_000_000
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []


def test_every_canary_is_shown_where_it_may_be_read(cast: Cast) -> None:
    scene, actors = set_scene(cast), make_actors(cast)
    assert SHOWN.keys() == MAY_READ.keys()
    for word, (actor, route) in SHOWN.items():
        response = actors.clients[actor].get(reverse(route, kwargs=scene[route].place), secure=True)
        assert found_in(response, [word]), f"{route} does not show {actor} “{word}”: nothing is proved about it"


def test_no_search_and_no_list_tells_anybody_what_they_may_not_read(cast: Cast) -> None:
    set_scene(cast)
    clients: dict[str, Client] = make_actors(cast).clients
    told = {
        (address, actor): words
        for address in SEARCHES
        for actor in ACTORS
        if (words := told_to(actor, clients[actor].get(address, secure=True)))
    }
    assert told == {}


def test_no_letter_holds_what_its_reader_may_not_read(cast: Cast) -> None:
    now = datetime.now(UTC)
    set_scene(cast)
    wish_digest(person=cast.lena, wanted=True, now=now)
    queue_digests(now=now)
    AnnouncementCopy.objects.update(due_at=now, digest=None)
    assert SignOffLetter.objects.exists() or mail.outbox == []
    for post in (post_letters, post_sign_off_letters, post_announcements):
        post(now=now)
    assert mail.outbox
    assert [(one.to, word) for one in mail.outbox for word in MAY_READ if word in f"{one.subject} {one.body}"] == []
