"""Which version of which commitment a release is held to, and which days are masked."""

from datetime import date, timedelta

import pytest

from metrics.models import Commitment, Kpi
from metrics.sources.context import context_of, masked_days
from metrics.sources.named import named_by, releases_that_named
from tests.conftest import Cast
from tests.factories import (
    NOW,
    expose,
    make_commitment,
    make_event,
    make_feature,
    make_kpi,
    make_product,
    make_release,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def orders(cast: Cast) -> Kpi:
    return make_kpi(cast.checkout, "orders")


def test_the_version_that_stood_at_the_first_exposure_holds(cast: Cast, orders: Kpi) -> None:
    release = make_release(cast.checkout, "2.0")
    first = make_commitment(cast.emil, release, orders, window_days=7)
    expose(release, NOW + DAY)
    Commitment.objects.filter(pk=first.pk).update(superseded_by=cast.emil, superseded_at=NOW + 2 * DAY)
    make_commitment(cast.emil, release, orders, version=2, window_days=28, declared_at=NOW + 2 * DAY)
    (held,) = releases_that_named([orders.pk])
    assert (held.commitment, held.window_days, held.is_named_before) == (first.pk, 7, True)
    assert named_by(release.pk) == (held,)


def test_a_kpi_that_was_named_after_the_exposure_is_named_afterwards(cast: Cast, orders: Kpi) -> None:
    release = make_release(cast.checkout, "2.0", live_at=NOW)
    held = make_commitment(cast.emil, release, orders, declared_at=NOW)
    (named,) = releases_that_named([orders.pk])
    assert (named.commitment, named.is_named_before) == (held.pk, False)


def test_what_was_taken_back_before_the_exposure_is_not_held(cast: Cast, orders: Kpi) -> None:
    release = make_release(cast.checkout, "2.0")
    held = make_commitment(cast.emil, release, orders)
    Commitment.objects.filter(pk=held.pk).update(superseded_by=cast.emil, superseded_at=NOW + DAY)
    expose(release, NOW + 2 * DAY)
    assert releases_that_named([orders.pk]) == ()


def test_a_features_commitment_holds_for_each_release_that_carries_its_key(cast: Cast, orders: Kpi) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    search = make_kpi(make_product("search", "E"), "searches")
    held = make_commitment(cast.emil, feature, orders, search, is_main=True, roll_out_days=3)
    key = feature.key.lower()
    releases = [
        make_release(cast.checkout, version, live_at=NOW + DAY, feature_keys=[key, "LIN-1"]) for version in "23"
    ]
    make_release(cast.switchyard, "4", live_at=NOW + DAY, feature_keys=[key])
    named = releases_that_named([orders.pk])
    assert [(one.release, one.commitment, one.controls, one.roll_out_days) for one in named] == [
        (release.pk, held.pk, (search.pk,), 3) for release in releases
    ]
    assert named_by(releases[0].pk) == named[:1]


def test_a_release_that_names_a_kpi_itself_overrules_its_feature(cast: Cast, orders: Kpi) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    make_commitment(cast.emil, feature, orders, declared_at=NOW - DAY)
    release = make_release(cast.checkout, "2.0", feature_keys=[feature.key])
    own = make_commitment(cast.emil, release, orders, window_days=28)
    expose(release, NOW + DAY)
    assert [one.commitment for one in named_by(release.pk)] == [own.pk]


def test_a_release_of_another_product_may_name_a_kpi(cast: Cast, orders: Kpi) -> None:
    release = make_release(cast.switchyard, "9")
    make_commitment(cast.paula, release, orders)
    make_commitment(cast.paula, release, make_kpi(cast.switchyard, "requests"))
    make_commitment(cast.emil, make_release(cast.checkout, "3.0"), make_kpi(cast.checkout, "revenue"))
    assert len(named_by(release.pk)) == 2
    assert [(one.release, one.product) for one in releases_that_named([orders.pk])] == [
        (release.pk, cast.switchyard.pk)
    ]


def test_masks_are_the_products_events_the_companys_and_its_countrys_holidays(cast: Cast) -> None:
    cast.checkout.country = "NL"
    cast.checkout.save()
    make_event(cast.emil, cast.checkout, date(2026, 4, 20), date(2026, 4, 21))
    make_event(cast.lena, None, date(2026, 4, 26), None, name="Outage", kind="outage")
    make_event(cast.paula, cast.switchyard, date(2026, 4, 1), date(2026, 4, 30))
    found = context_of([cast.checkout.pk], first=date(2026, 4, 10), last=date(2026, 4, 28))[cast.checkout.pk]
    assert [(one.name, one.kind, len(one.days)) for one in found] == [
        ("Summer campaign", "campaign", 2),
        ("Outage", "outage", 3),
        ("King's Day", "public_holiday", 1),
    ]
    assert masked_days(found) == frozenset(date(2026, 4, day) for day in (20, 21, 26, 27, 28))


def test_a_product_without_a_country_has_no_holidays(cast: Cast) -> None:
    assert context_of([cast.checkout.pk], first=date(2026, 1, 1), last=date(2026, 12, 31)) == {cast.checkout.pk: ()}
