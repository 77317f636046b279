"""The lead's queue never says that everything is done where something is not, whatever else the lead is."""

from datetime import UTC, datetime, timedelta

import pytest

from metrics.models import WeeklyDigest
from metrics.queries.lead_queue import QueuePart, lead_queue
from metrics.services import digests
from metrics.services.digests import queue_digests, wish_digest
from products.models import User
from tests.conftest import Cast
from tests.factories import assign, join
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db


def to_assess(user: User, now: datetime) -> QueuePart:
    return next(part for part in lead_queue(user, now=now).parts if part.key == "assess")


def test_a_product_whose_pm_is_the_lead_still_waits_and_says_that_another_lead_assesses_it(
    cast: Cast, now: datetime
) -> None:
    assign(cast.lena, cast.switchyard, "covering")
    part = to_assess(cast.lena, now)
    assert part.count == 1
    assert "assessed this quarter" not in part.title
    (row,) = part.rows
    assert "another lead" in row.detail
    # The form would be refused; where the row leads, the reader may go.
    (shown,) = to_assess(cast.lena, datetime.now(UTC)).rows
    assert browser_of(cast.lena).get(shown.url).status_code == 200


def test_an_administrator_who_leads_a_team_is_not_told_that_nothing_waits(cast: Cast) -> None:
    join(cast.admin, cast.platform, "lead")
    answer = browser_of(cast.admin).get("/queue/")
    assert answer.status_code == 403
    assert "Nothing waits" not in text(answer)
    assert 'href="/queue/"' not in text(browser_of(cast.admin).get("/impact/"))
    assert "Weekly letter" not in text(browser_of(cast.admin).get("/settings/about-me/"))


def test_wishes_of_people_who_lead_no_more_hold_up_no_letter(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "MOST_AT_ONCE", 1)
    monday = datetime(2026, 6, 15, 6, tzinfo=UTC)
    assert cast.paula.pk < cast.lena.pk  # hers is looked at first
    for person in (cast.paula, cast.lena):
        wish_digest(person=person, wanted=True, now=monday - timedelta(days=5))
    assert queue_digests(now=monday) == 1
    assert WeeklyDigest.objects.get().person == cast.lena
