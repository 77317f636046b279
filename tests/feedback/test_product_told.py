"""An internal product's page tells what was announced, what came back of it, and what was rolled back."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from feedback.queries.product_told import ProductTold, product_told
from feedback.services.replies import take_reply_in
from products.models import Announcement, AnnouncementCopy, Exposure, Release, User
from tests.conftest import Cast
from tests.factories import NOW, make_release
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
START, END = NOW - timedelta(days=90), NOW + timedelta(days=1)
LIVE = NOW - timedelta(days=10)


def of(cast: Cast) -> ProductTold:
    """What Switchyard's page tells."""
    return product_told(cast.otto, "switchyard", start=START, end=END, now=NOW)


def announced(release: Release, by: User, *readers: User, at: datetime = NOW, **fields: object) -> Announcement:
    """A mail to each of ``readers``, sent."""
    said = {
        "channel": "mail",
        "subject": "New",
        "body": "Try it.",
        "form": f"{Announcement.objects.count():032}",
        **fields,
    }
    row = Announcement.objects.create(release=release, written_by=by, written_at=at, **said)
    for reader in readers:
        AnnouncementCopy.objects.create(announcement=row, person=reader, queued_at=at, due_at=at, sent_at=at)
    return row


@pytest.fixture
def release(cast: Cast) -> Release:
    """Staged rollout, live for ten days."""
    return make_release(cast.switchyard, "2.0", live_at=LIVE)


def test_an_announcement_tells_how_many_opened_it_and_which_replies_became_feedback(
    cast: Cast, release: Release
) -> None:
    row = announced(release, cast.paula, cast.otto, cast.emil, cast.lena)
    copies = row.copies.filter(person__in=[cast.otto, cast.emil])
    copies.update(opened_at=NOW)
    copies.filter(person=cast.otto).update(reply="It freezes.", replied_at=NOW)
    (told,) = of(cast).told
    assert told.text == "3 sent, 2 opened, 1 reply, 0 became feedback"
    take_reply_in(copy=copies.get(person=cast.otto), by=cast.paula, now=NOW)
    assert of(cast).told[0].text == "3 sent, 2 opened, 1 reply, 1 became feedback"


def test_of_a_post_nobody_knows_who_opened_it(cast: Cast, release: Release) -> None:
    row = announced(release, cast.paula, channel="post", hook="https://chat.example/hook")
    AnnouncementCopy.objects.create(announcement=row, queued_at=NOW, due_at=NOW, sent_at=NOW)
    assert of(cast).told[0].text == "posted"


def test_a_rollback_tells_how_long_users_had_it_and_when_they_had_a_release_again(cast: Cast, release: Release) -> None:
    Exposure.objects.filter(release=release).update(rolled_back_at=LIVE + timedelta(hours=5))
    (row,) = of(cast).back
    assert row.text == "after 5 h; no release since"
    first = announced(release, cast.paula, cast.otto, at=LIVE)
    announced(release, cast.paula, cast.otto, at=LIVE + timedelta(hours=6), follows=first)
    Exposure.objects.create(release=release, exposed_at=LIVE + timedelta(days=3))
    assert of(cast).back[0].text == "after 5 h, told the same audience; users had a release again in 3 d"


def test_what_was_before_the_period_of_another_product_or_for_a_stranger_is_left_out(
    cast: Cast, release: Release
) -> None:
    announced(release, cast.paula, cast.otto, at=START - timedelta(days=1))
    announced(make_release(cast.checkout, "9", live_at=LIVE), cast.emil, cast.otto)
    assert of(cast) == ProductTold((), ())
    announced(release, cast.paula, cast.otto)
    assert product_told(AnonymousUser(), "switchyard", start=START, end=END, now=NOW) == ProductTold((), ())


def test_the_internal_products_page_says_so_in_words_where_nothing_was_announced(cast: Cast) -> None:
    assert "Nothing was announced about Switchyard in this period" in text(
        browser_of(cast.otto).get("/products/switchyard/", secure=True)
    )
    assert 'id="told"' not in text(browser_of(cast.otto).get("/products/checkout/", secure=True))
