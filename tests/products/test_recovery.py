"""How long it takes from a rollback until users have a release again, by type and with n."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from products.models import Exposure, Product
from products.queries.recovery import Recovery, recoveries
from tests.conftest import Cast
from tests.factories import NOW, make_release
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def span(product: Product, version: str, from_ago: int, until_ago: int | None) -> None:
    """Users had ``version`` from so many days ago until so many days ago."""
    at = NOW - from_ago * DAY
    row = make_release(product, version, live_at=at)
    row.exposures.all().delete()
    until = None if until_ago is None else NOW - until_ago * DAY
    Exposure.objects.create(release=row, exposed_at=at, rolled_back_at=until)


def of(cast: Cast) -> dict[str, Recovery]:
    return {one.type: one for one in recoveries(cast.otto, now=NOW)}


def test_without_a_rollback_nothing_is_claimed(cast: Cast) -> None:
    span(cast.checkout, "1", 20, None)
    assert {one.text for one in of(cast).values()} == {"no rollback in twelve months"}


def test_the_median_needs_five_and_counts_what_is_not_live_again_apart(cast: Cast) -> None:
    for number in range(5):
        span(cast.switchyard, f"1.{number}", 180 - 20 * number, 175 - 20 * number)
        span(cast.switchyard, f"2.{number}", 172 - 20 * number, None)
    span(cast.checkout, "1", 20, 10)
    found = of(cast)
    assert (found["I"].text, found["E"].text) == (
        "3 d in the middle, n 5",
        "1 rollback, no usual yet, n 0 of 5; 1 not live again yet",
    )
    page = text(browser_of(cast.otto).get("/releases/"))
    assert "3 d in the middle, n 5" in page
    assert "1 not live again yet" in page


def test_old_rollbacks_and_those_outside_production_and_strangers_do_not_count(cast: Cast) -> None:
    span(cast.checkout, "1", 500, 400)
    row = make_release(cast.checkout, "2", environment="staging")
    Exposure.objects.create(release=row, exposed_at=NOW - 9 * DAY, rolled_back_at=NOW - 8 * DAY)
    assert of(cast)["E"].rollbacks == 0
    assert recoveries(AnonymousUser(), now=NOW) == ()
