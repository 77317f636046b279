"""What the database itself refuses, whoever writes: chains of merges, building without a diagnosis, asking against consent."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from feedback.models import ConsentChange, DiagnosisFeature, FeedbackEdit, Outreach
from products.models import StageChange
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_diagnosis, make_entry, make_feature

pytestmark = pytest.mark.django_db


def refused(name: str, write: Callable[[], object]) -> None:
    """``write`` is refused by the constraint ``name``, and the transaction goes on."""
    with pytest.raises(IntegrityError) as problem, transaction.atomic():
        write()
    assert problem.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_nothing_is_merged_into_what_is_merged_or_has_others_merged_into_it(cast: Cast) -> None:
    root, merged, other = (make_entry(cast.emil, cast.checkout) for _ in range(3))
    merged.merged_into = root
    merged.save()
    for entry, target in ((other, merged), (root, other)):
        entry.merged_into = target
        refused("feedback_feedback_merged_into_a_root", entry.save)


def test_nothing_is_merged_into_a_withdrawn_entry_and_no_root_is_withdrawn(cast: Cast) -> None:
    root, merged, gone = (make_entry(cast.emil, cast.checkout) for _ in range(3))
    gone.withdrawn_at, gone.withdrawn_by = NOW, cast.emil
    gone.save()
    merged.merged_into = gone
    refused("feedback_feedback_merged_into_a_root", merged.save)
    merged.merged_into = root
    merged.save()
    root.withdrawn_at, root.withdrawn_by = NOW, cast.emil
    refused("feedback_feedback_withdrawn_without_others", root.save)


@pytest.mark.parametrize("stage", ["building", "released", "measured"])
def test_no_feature_is_built_without_a_finished_diagnosis(cast: Cast, stage: str) -> None:
    draft = make_diagnosis(cast.emil, cast.checkout, done=False)
    feature = make_feature(cast.emil, cast.checkout, draft)
    feature.stage = stage
    refused("products_feature_building_needs_a_diagnosis", feature.save)


def test_a_waiver_or_a_finished_diagnosis_lets_it_be_built(cast: Cast) -> None:
    waiver = {"waived_by": cast.lena, "waived_at": NOW, "waiver_reason": "A law asks for it."}
    assert make_feature(cast.emil, cast.checkout, stage="building", **waiver).stage == "building"
    assert make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout), stage="building").pk


def test_what_is_built_keeps_its_diagnosis_and_its_waiver(cast: Cast) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    make_feature(cast.emil, cast.checkout, diagnosis, stage="building")
    refused("products_feature_building_needs_a_diagnosis", DiagnosisFeature.objects.all().delete)
    diagnosis.diagnosed_at = diagnosis.diagnosed_by = None
    refused("products_feature_building_needs_a_diagnosis", diagnosis.save)
    waiver = {"waived_by": cast.lena, "waived_at": NOW, "waiver_reason": "A law asks for it."}
    waived = make_feature(cast.emil, cast.checkout, stage="building", **waiver)
    waived.waived_by, waived.waived_at, waived.waiver_reason = None, None, ""
    refused("products_feature_building_needs_a_diagnosis", waived.save)


def test_no_account_is_asked_that_does_not_want_to(cast: Cast) -> None:
    account = make_account("brenner", cast.emil, consent="no")
    ask = {"product": cast.checkout, "via": cast.emil, "purpose": "Depots", "asked_by": cast.emil, "asked_at": NOW}
    refused("feedback_outreach_respects_consent", lambda: Outreach.objects.create(account=account, **ask))
    account.consent = "yes"
    account.save()
    assert Outreach.objects.create(account=account, **ask).pk


def test_histories_only_grow(cast: Cast) -> None:
    feature, entry, account = (
        make_feature(cast.emil, cast.checkout),
        make_entry(cast.emil, None),
        make_account("brenner"),
    )
    StageChange.objects.create(feature=feature, to_stage="diagnosed", by=cast.emil, at=NOW)
    FeedbackEdit.objects.create(feedback=entry, revision=1, text="x", channel="chat", by=cast.emil, at=NOW)
    ConsentChange.objects.create(account=account, from_consent="not_asked", to_consent="no", by=cast.emil, at=NOW)
    for history in (StageChange, FeedbackEdit, ConsentChange):
        for harm in (lambda rows: rows.update(at=NOW), lambda rows: rows.all().delete()):
            with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
                harm(history.objects)
