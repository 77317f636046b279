"""The end of the cycle: a released feature is measured by itself once something is known of it, and never by hand or too soon."""

from datetime import UTC, datetime, timedelta

import pytest

from metrics.services.measuring import follow_what_is_known
from products.models import Feature, Release
from tests.conftest import Cast
from tests.credit.scene import LIVE, read, ship, thanks
from tests.factories import NOW, make_diagnosis, make_feature, make_kpi

pytestmark = pytest.mark.django_db


@pytest.fixture
def feature(cast: Cast) -> Feature:
    """Bulk booking of Checkout, released when its release went live."""
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    return make_feature(cast.emil, cast.checkout, diagnosis, title="Bulk booking", stage="released", stage_since=LIVE)


def stage(feature: Feature) -> tuple[str, datetime]:
    """Where it stands, and since when."""
    feature.refresh_from_db()
    return str(feature.stage), feature.stage_since


def test_it_is_measured_on_the_day_after_the_window_of_an_effect_that_was_read_in_full(
    cast: Cast, feature: Feature
) -> None:
    release = ship(cast.checkout, "Bulk booking", feature)
    read(release, make_kpi(cast.checkout, "happiness", "mean"), 100, 20)
    assert follow_what_is_known(now=NOW) == 1
    assert stage(feature) == ("measured", datetime.combine(LIVE.date() + timedelta(days=14), datetime.min.time(), UTC))
    change = feature.stage_changes.latest("pk")
    assert (change.by, change.reason) == (None, f"The effect of {release.key} on Happiness was read in full")
    assert follow_what_is_known(now=NOW) == 0


@pytest.mark.parametrize("word", ["too_early", "not_enough_data", "withdrawn"])
def test_what_is_not_known_yet_measures_nothing(cast: Cast, feature: Feature, word: str) -> None:
    read(ship(cast.checkout, "Bulk booking", feature), make_kpi(cast.checkout, "happiness", "mean"), 100, 20, word=word)
    assert follow_what_is_known(now=NOW) == 0
    assert stage(feature)[0] == "released"


def test_cannot_tell_is_a_reading_too(cast: Cast, feature: Feature) -> None:
    read(
        ship(cast.checkout, "Bulk booking", feature),
        make_kpi(cast.checkout, "happiness", "mean"),
        1,
        20,
        word="cannot_tell",
    )
    assert follow_what_is_known(now=NOW) == 1


def test_an_internal_feature_is_measured_when_its_help_is_confirmed(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.paula, cast.switchyard)
    flags = make_feature(cast.paula, cast.switchyard, diagnosis, title="Flags", stage="released", stage_since=LIVE)
    release = ship(cast.switchyard, "Flags", flags)
    assert follow_what_is_known(now=NOW) == 0
    help = thanks(cast.emil, make_feature(cast.emil, cast.checkout), cast.switchyard, "enabled", None, release)
    assert follow_what_is_known(now=NOW) == 1
    assert stage(flags) == ("measured", help.answered_at)
    assert flags.stage_changes.latest("pk").reason == f"What {release.key} helped was confirmed, {help.key}"


def test_a_drain_looks_after_the_products_whose_effects_it_looked_at_alone(cast: Cast, feature: Feature) -> None:
    read(ship(cast.checkout, "Bulk booking", feature), make_kpi(cast.checkout, "happiness", "mean"), 100, 20)
    assert follow_what_is_known(now=NOW, products=[cast.switchyard.pk]) == 0
    assert follow_what_is_known(now=NOW, products=[cast.checkout.pk]) == 1


@pytest.mark.parametrize("key", ["W-", "w-1", "W-1x", "W-99999999999999999999999", "JIRA-7"])
def test_keys_that_name_no_feature_of_ours_are_passed_over(cast: Cast, feature: Feature, key: str) -> None:
    release = ship(cast.checkout, "Bulk booking", feature)
    read(release, make_kpi(cast.checkout, "happiness", "mean"), 100, 20)
    Release.objects.update(feature_keys=[key])
    assert follow_what_is_known(now=NOW) == 0


def test_it_is_never_measured_before_it_was_released(cast: Cast, feature: Feature) -> None:
    Feature.objects.filter(pk=feature.pk).update(stage_since=NOW - timedelta(days=1))
    read(ship(cast.checkout, "Bulk booking", feature), make_kpi(cast.checkout, "happiness", "mean"), 100, 20)
    follow_what_is_known(now=NOW)
    assert stage(feature) == ("measured", NOW - timedelta(days=1))


def test_a_release_that_was_rolled_back_or_names_another_feature_measures_nothing(cast: Cast, feature: Feature) -> None:
    release = ship(cast.checkout, "Bulk booking", feature)
    read(release, make_kpi(cast.checkout, "happiness", "mean"), 100, 20)
    Release.objects.update(state="rolled_back", rolled_back_at=NOW)
    assert follow_what_is_known(now=NOW) == 0
    Release.objects.update(state="live", rolled_back_at=None, feature_keys=["W-999999"])
    assert follow_what_is_known(now=NOW) == 0


def test_a_feature_that_is_not_released_is_left_alone(cast: Cast, feature: Feature) -> None:
    read(ship(cast.checkout, "Bulk booking", feature), make_kpi(cast.checkout, "happiness", "mean"), 100, 20)
    Feature.objects.filter(pk=feature.pk).update(stage="parked")
    assert follow_what_is_known(now=NOW) == 0
