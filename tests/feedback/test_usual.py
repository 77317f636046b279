"""What is usual for a product, and when an item is stuck."""

from datetime import timedelta

import pytest

from feedback.models import Feedback
from feedback.queries.usual import is_stuck, usual_days
from products.models import Product, StageChange, User
from tests.conftest import Cast
from tests.factories import NOW, make_diagnosis, make_entry, make_feature

DAY = timedelta(days=1)


def diagnosed(by: User, product: Product, *, took: int, ago: int = 30) -> None:
    """One diagnosis that took so many days and was done so many days ago."""
    done = NOW - ago * DAY
    make_diagnosis(by, product, make_entry(by, product, received_at=done - took * DAY), diagnosed_at=done)


@pytest.mark.django_db
def test_the_usual_is_the_median_of_at_least_five_stays(cast: Cast) -> None:
    for took in (2, 4, 6, 100):
        diagnosed(cast.emil, cast.checkout, took=took)
    assert usual_days([cast.checkout.pk], now=NOW) == {}
    diagnosed(cast.emil, cast.checkout, took=7)
    found = usual_days([cast.checkout.pk, cast.switchyard.pk], now=NOW)
    assert {key: (usual.median, usual.n) for key, usual in found.items()} == {(cast.checkout.pk, "heard"): (6.0, 5)}


@pytest.mark.django_db
def test_the_earliest_entry_of_a_merged_group_counts_and_a_withdrawn_one_does_not(cast: Cast) -> None:
    for took in (5, 5, 30, 30):
        diagnosed(cast.emil, cast.checkout, took=took)
    root = make_entry(cast.emil, cast.checkout, received_at=NOW - 40 * DAY)
    make_entry(cast.emil, cast.checkout, received_at=NOW - 50 * DAY, merged_into=root)
    gone = make_entry(cast.emil, cast.checkout, received_at=NOW - 90 * DAY)
    Feedback.objects.filter(pk=gone.pk).update(withdrawn_at=NOW, withdrawn_by=cast.emil)
    make_diagnosis(cast.emil, cast.checkout, root, gone, diagnosed_at=NOW - 30 * DAY)
    assert usual_days([cast.checkout.pk], now=NOW)[cast.checkout.pk, "heard"].median == pytest.approx(20)


@pytest.mark.django_db
def test_what_ended_more_than_a_year_ago_is_not_usual_any_more(cast: Cast) -> None:
    for _ in range(4):
        diagnosed(cast.emil, cast.checkout, took=5)
    diagnosed(cast.emil, cast.checkout, took=5, ago=366)
    assert usual_days([cast.checkout.pk], now=NOW) == {}


@pytest.mark.django_db
def test_features_spend_their_days_from_the_diagnosis_to_building_and_from_there_to_release(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout, diagnosed_at=NOW - 30 * DAY)
    for _ in range(5):
        feature = make_feature(cast.emil, cast.checkout, diagnosis, created_at=NOW - 28 * DAY)
        for one, other, ago in (("diagnosed", "building", 20), ("building", "released", 13)):
            at = NOW - ago * DAY
            StageChange.objects.create(feature=feature, from_stage=one, to_stage=other, by=cast.emil, at=at)
    found = usual_days([cast.checkout.pk], now=NOW)
    assert found[cast.checkout.pk, "diagnosed"].median == pytest.approx(10)
    assert found[cast.checkout.pk, "building"].median == pytest.approx(7)
    assert (cast.checkout.pk, "released") not in found


@pytest.mark.parametrize(
    ("age", "usual", "type", "stuck"),
    [
        (24.1, 12.0, "E", True),
        (24.0, 12.0, "E", False),
        (9.9, 1.0, "E", False),
        (10.0, 1.0, "E", True),
        (3.0, 1.0, "I", True),
        (2.9, 1.0, "I", False),
        (400.0, None, "I", False),
    ],
)
def test_stuck_is_twice_the_usual_and_three_days_inside_or_ten_outside(
    age: float, usual: float | None, type: str, stuck: bool
) -> None:
    assert is_stuck(age, usual, type) is stuck
