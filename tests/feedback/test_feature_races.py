"""Two people at one feature at the same moment: nothing is built without a reason, and the slower one is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError

from feedback.models import Diagnosis, DiagnosisFeature
from feedback.services.feature_links import StillNeeded, unlink_diagnosis
from products.models import Feature, FeatureEdit, Product, StageChange, User
from products.services.feature_moves import NeedsDiagnosis, move_feature, waive_diagnosis
from products.services.features import FeatureChanged, FeatureFacts, edit_feature
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.factories import NOW, join, make_diagnosis, make_feature, make_product, make_team, make_user, own
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


@pytest.fixture
def lena(transactional_db: None) -> User:
    return make_user("Lena")


@pytest.fixture
def checkout(lena: User) -> Product:
    product, team = make_product("checkout", "E"), make_team("booking")
    own(team, product)
    join(lena, team, "lead")
    return product


def both(*works: Callable[[], object]) -> list[object]:
    """What came of each, all started together; a refusal is its exception."""

    def work(one: Callable[[], object]) -> object:
        try:
            return one()
        except (NeedsDiagnosis, StillNeeded, FeatureChanged, IntegrityError) as refused:
            return refused

    return at_once(work, works)


def history(feature: Feature) -> list[tuple[str, str]]:
    return list(StageChange.objects.filter(feature=feature).order_by("pk").values_list("from_stage", "to_stage"))


def test_a_feature_is_built_or_its_diagnosis_is_taken_away_but_never_both(lena: User, checkout: Product) -> None:
    for _ in range(ROUNDS):
        diagnosis = make_diagnosis(lena, checkout)
        feature = make_feature(lena, checkout, diagnosis)
        outcomes = both(
            lambda one=feature: move_feature(feature=one, to="building", by=lena, now=NOW),
            lambda one=feature, of=diagnosis: unlink_diagnosis(feature=one, diagnosis=of),
        )
        is_built = Feature.objects.get(pk=feature.pk).stage == "building"
        is_linked = DiagnosisFeature.objects.filter(feature=feature).exists()
        assert is_built == is_linked
        assert sum(isinstance(one, NeedsDiagnosis | StillNeeded) for one in outcomes) == 1


def test_a_diagnosis_stays_done_under_a_feature_that_is_being_built(lena: User, checkout: Product) -> None:
    for _ in range(ROUNDS):
        diagnosis = make_diagnosis(lena, checkout)
        feature = make_feature(lena, checkout, diagnosis)
        both(
            lambda one=feature: move_feature(feature=one, to="building", by=lena, now=NOW),
            lambda of=diagnosis: Diagnosis.objects.filter(pk=of.pk).update(diagnosed_by=None, diagnosed_at=None),
        )
        is_built = Feature.objects.get(pk=feature.pk).stage == "building"
        assert is_built == (Diagnosis.objects.get(pk=diagnosis.pk).diagnosed_at is not None)


def test_a_move_beside_a_waiver_is_refused_or_waived_and_never_unexplained(lena: User, checkout: Product) -> None:
    for _ in range(ROUNDS):
        feature = make_feature(lena, checkout)
        both(
            lambda one=feature: move_feature(feature=one, to="building", by=lena, now=NOW),
            lambda one=feature: waive_diagnosis(feature=one, by=lena, reason="The law", now=NOW),
        )
        stands = Feature.objects.get(pk=feature.pk)
        assert stands.waived_by == lena
        assert history(stands) == ([("diagnosed", "building")] if stands.stage == "building" else [])


def test_of_two_who_move_it_from_the_same_page_one_is_told(lena: User, checkout: Product) -> None:
    feature = make_feature(lena, checkout, make_diagnosis(lena, checkout))
    outcomes = both(
        lambda: move_feature(feature=feature, to="building", by=lena, now=NOW, revision=1),
        lambda: move_feature(feature=feature, to="parked", by=lena, now=NOW, reason="Later", revision=1),
    )
    (told,) = [one for one in outcomes if isinstance(one, FeatureChanged)]
    assert f"Lena moved {feature.key} to" in str(told)
    assert len(history(feature)) == 1


def test_of_many_who_edit_it_from_the_same_page_one_wins_and_the_first_words_stay(
    lena: User, checkout: Product
) -> None:
    feature = make_feature(lena, checkout)

    def edit(number: int) -> Callable[[], object]:
        facts = FeatureFacts(f"Version {number}", "", "other")
        return lambda: edit_feature(feature=feature, facts=facts, by=lena, now=NOW, revision=1)

    outcomes = both(*[edit(number) for number in range(8)])
    assert sum(isinstance(one, FeatureChanged) for one in outcomes) == 7
    assert FeatureEdit.objects.get().title == "Offer the right depot"


def test_a_release_and_a_hand_at_one_feature_leave_a_history_without_gaps(lena: User, checkout: Product) -> None:
    for number in range(ROUNDS):
        feature = make_feature(lena, checkout, make_diagnosis(lena, checkout), stage="building")
        at = NOW + timedelta(hours=1)
        event = NewReleaseEvent("ci", f"e{number}", checkout, f"{number}", "exposed", at, features=(feature.key,))
        both(
            lambda one=event: ingest_release_event(event=one, now=NOW + timedelta(hours=2)),
            lambda one=feature: move_feature(feature=one, to="parked", by=lena, now=NOW, reason="Later"),
        )
        steps = history(feature)
        assert [here for here, _ in steps] == ["building", *[there for _, there in steps[:-1]]]
        assert Feature.objects.get(pk=feature.pk).stage == steps[-1][1]
