"""What the database itself refuses of commitments, experiments and decisions, whoever writes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from metrics.models import Commitment, CommitmentControl, Experiment, Kpi, ReleaseDecision
from products.models import Release
from tests.conftest import Cast
from tests.factories import NOW, expose, make_commitment, make_feature, make_kpi, make_product, make_release

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def orders(cast: Cast) -> Kpi:
    return make_kpi(cast.checkout, "orders")


@pytest.fixture
def planned(cast: Cast) -> Release:
    return make_release(cast.checkout, "2.0")


def write_and_check(write: Callable[[], object]) -> None:
    """Write, and let the database check at once what it checks at the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        write()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(name: str, write: Callable[[], object]) -> None:
    """``write`` is refused by the constraint ``name``, and the transaction goes on."""
    with pytest.raises(IntegrityError) as problem:
        write_and_check(write)
    assert problem.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def supersede(commitment: Commitment, by: object, at: object) -> None:
    """End a version."""
    Commitment.objects.filter(pk=commitment.pk).update(superseded_by=by, superseded_at=at)


def test_a_commitment_is_of_a_feature_or_of_a_release(cast: Cast, orders: Kpi, planned: Release) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    refused(
        "metrics_commitment_is_of_a_feature_or_a_release",
        lambda: make_commitment(cast.emil, planned, orders, feature=feature),
    )


def test_a_kpi_is_named_once_and_one_kpi_is_the_main_one(cast: Cast, orders: Kpi, planned: Release) -> None:
    make_commitment(cast.emil, planned, orders, is_main=True)
    refused(
        "metrics_commitment_one_version_stands_for_a_release",
        lambda: make_commitment(cast.emil, planned, orders, version=2),
    )
    revenue = make_kpi(cast.checkout, "revenue")
    refused(
        "metrics_commitment_one_main_kpi_of_a_release",
        lambda: make_commitment(cast.emil, planned, revenue, is_main=True),
    )
    assert make_commitment(cast.emil, make_release(cast.checkout, "3.0"), revenue, is_main=True).pk


def test_a_version_is_never_changed_and_never_deleted(cast: Cast, orders: Kpi, planned: Release) -> None:
    held = make_commitment(cast.emil, planned, orders)
    for change in (
        lambda: Commitment.objects.filter(pk=held.pk).update(direction="fall"),
        lambda: Commitment.objects.filter(pk=held.pk).update(declared_at=NOW - DAY),
        lambda: Commitment.objects.filter(pk=held.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="superseded, never changed"), transaction.atomic():
            change()
    supersede(held, cast.emil, NOW + DAY)
    with pytest.raises(DatabaseError, match="superseded, never changed"), transaction.atomic():
        supersede(held, cast.lena, NOW + 2 * DAY)
    assert make_commitment(cast.emil, planned, orders, version=2, declared_at=NOW + DAY).pk


def test_nothing_is_declared_before_an_exposure_on_record(cast: Cast, orders: Kpi, planned: Release) -> None:
    expose(planned, NOW)
    refused(
        "metrics_commitment_is_not_dated_back",
        lambda: make_commitment(cast.emil, planned, orders, declared_at=NOW - DAY),
    )
    assert make_commitment(cast.emil, planned, orders, declared_at=NOW + DAY).pk


@pytest.mark.parametrize("key", ["W-{}", "w-{}"])
def test_a_features_commitments_are_locked_by_the_releases_that_carry_its_key(
    cast: Cast, orders: Kpi, key: str
) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    held = make_commitment(cast.emil, feature, orders, declared_at=NOW - 2 * DAY)
    make_release(cast.checkout, "2.0", live_at=NOW, feature_keys=["LINEAR-1", key.format(feature.pk)])
    revenue = make_kpi(cast.checkout, "revenue")
    refused(
        "metrics_commitment_is_not_dated_back",
        lambda: make_commitment(cast.emil, feature, revenue, declared_at=NOW - DAY),
    )
    refused("metrics_commitment_is_not_dated_back", lambda: supersede(held, cast.emil, NOW - DAY))
    supersede(held, cast.emil, NOW + DAY)


def test_a_release_of_another_product_with_the_same_key_locks_nothing(cast: Cast, orders: Kpi) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    make_release(cast.switchyard, "2.0", live_at=NOW, feature_keys=[feature.key])
    assert make_commitment(cast.emil, feature, orders, declared_at=NOW - DAY).pk


def test_a_control_is_another_products_kpi_with_the_same_days(cast: Cast, orders: Kpi, planned: Release) -> None:
    other = make_product("search", "E", time_zone="UTC")
    far = make_product("search-japan", "E", time_zone="Asia/Tokyo")
    for control, broken in (
        (orders, "is_another_kpi"),
        (make_kpi(cast.checkout, "revenue"), "is_of_another_product"),
        (make_kpi(other, "weekly-searches", cadence="week"), "is_read_as_often"),
        (make_kpi(far, "searches-japan"), "has_the_same_days"),
    ):
        refused(
            f"metrics_commitmentcontrol_{broken}",
            lambda control=control: make_commitment(cast.emil, planned, orders, control),
        )
    assert make_commitment(cast.emil, planned, orders, make_kpi(other, "searches")).controls.count() == 1


def test_the_product_that_releases_gives_no_control_for_another_products_kpi(cast: Cast, orders: Kpi) -> None:
    release = make_release(cast.switchyard, "2.0")
    own = make_kpi(cast.switchyard, "requests")
    refused(
        "metrics_commitmentcontrol_is_of_another_product", lambda: make_commitment(cast.paula, release, orders, own)
    )


def test_there_are_three_controls_at_most_and_none_comes_later(cast: Cast, orders: Kpi, planned: Release) -> None:
    other = make_product("search", "E")
    four = [make_kpi(other, f"searches-{number}") for number in range(4)]
    refused("metrics_commitment_three_controls_at_most", lambda: make_commitment(cast.emil, planned, orders, *four))
    held = make_commitment(cast.emil, planned, orders, *four[:2])
    refused(
        "metrics_commitmentcontrol_is_counted",
        lambda: CommitmentControl.objects.create(commitment=held, kpi=four[2], place=3),
    )
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        held.controls.all().delete()
    less = make_release(cast.checkout, "3.0")
    refused(
        "metrics_commitment_controls_are_counted", lambda: make_commitment(cast.emil, less, orders, control_count=1)
    )


def test_a_guardrail_stays_and_nothing_else_does(cast: Cast, orders: Kpi, planned: Release) -> None:
    for wrong in (
        {"is_guardrail": True},
        {"direction": "stay"},
        {"is_guardrail": True, "direction": "stay", "is_main": True},
    ):
        refused(
            "metrics_commitment_guardrails_and_no_others_stay",
            lambda wrong=wrong: make_commitment(cast.emil, planned, orders, **wrong),
        )
    assert make_commitment(cast.emil, planned, orders, is_guardrail=True, direction="stay").pk


def test_a_window_has_7_14_or_28_days_and_what_it_could_detect_or_a_reason(
    cast: Cast, orders: Kpi, planned: Release
) -> None:
    refused(
        "metrics_commitment_window_is_7_14_or_28_days",
        lambda: make_commitment(cast.emil, planned, orders, window_days=10),
    )
    refused(
        "metrics_commitment_says_what_it_could_detect_or_why_not",
        lambda: make_commitment(cast.emil, planned, orders, undetectable=""),
    )
    refused(
        "metrics_commitment_detectable_has_a_unit",
        lambda: make_commitment(cast.emil, planned, orders, undetectable="", detectable=0.2),
    )


def make_experiment(cast: Cast, release: Release, kpi: Kpi, **fields: object) -> Experiment:
    said = {"effect": 0.04, "low": 0.01, "high": 0.07, "scale": "relative", "with_it": 900, "without_it": 910}
    given = {"entered_by": cast.emil, "entered_at": NOW, **said, **fields}
    return Experiment.objects.create(release=release, kpi=kpi, **given)


def test_an_experiment_has_its_effect_inside_its_interval_and_two_groups(
    cast: Cast, orders: Kpi, planned: Release
) -> None:
    for wrong, name in (
        ({"low": 0.05}, "effect_lies_in_its_interval"),
        ({"with_it": 0}, "has_two_groups"),
        ({"level": 1}, "level_is_a_share"),
        ({"low": -2}, "loses_no_more_than_all"),
    ):
        refused(
            f"metrics_experiment_{name}",
            lambda wrong=wrong: make_experiment(cast, planned, orders, **wrong),
        )
    held = make_experiment(cast, planned, orders)
    refused("metrics_experiment_one_stands_for_a_kpi_of_a_release", lambda: make_experiment(cast, planned, orders))
    with pytest.raises(DatabaseError, match="superseded, never changed"), transaction.atomic():
        Experiment.objects.filter(pk=held.pk).update(effect=0.05)


def test_decisions_are_only_ever_added_to(cast: Cast, planned: Release) -> None:
    kept = ReleaseDecision.objects.create(release=planned, decided="keep", reason="It works.", by=cast.emil, at=NOW)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        ReleaseDecision.objects.filter(pk=kept.pk).update(reason="No.")
