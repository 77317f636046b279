"""Features and the diagnoses that they answer: planned from some, linked to more, taken from those that were wrong."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from feedback.models import Decision, Diagnosis, DiagnosisFeature
from products.models import Feature, FeatureStage, Product, User
from products.services.feature_moves import NEEDS_DIAGNOSIS
from products.services.features import FeatureFacts, create_feature
from products.services.refusals import refusing


class CannotLink(Exception):
    """The diagnosis cannot stand behind the feature; the message says why and what to do."""


class StillNeeded(Exception):
    """Without this diagnosis nothing would say why the feature is built."""


@transaction.atomic
def plan_feature(
    *, product: Product, facts: FeatureFacts, diagnoses: Sequence[Diagnosis], by: User, now: datetime
) -> Feature:
    """Add a feature that answers ``diagnoses`` (none: it cannot enter building yet). Raises ``CannotLink``."""
    feature = create_feature(product=product, facts=facts, by=by, now=now)
    for diagnosis in sorted(diagnoses, key=lambda one: one.pk):
        link_diagnosis(feature=feature, diagnosis=diagnosis, by=by, now=now)
    return feature


@transaction.atomic
def link_diagnosis(*, feature: Feature, diagnosis: Diagnosis, by: User, now: datetime) -> DiagnosisFeature:
    """Let ``diagnosis`` stand behind ``feature``; again changes nothing. Raises ``CannotLink``.

    A draft may be linked; only one that is marked diagnosed lets the feature be built.
    """
    held = Diagnosis.objects.select_for_update(of=("self",)).select_related("product").get(pk=diagnosis.pk)
    if held.product_id != feature.product_id:
        raise CannotLink(
            f"{held.key} is about {held.product.name}, {feature.key} about {feature.product.name}. "
            "A feature answers diagnoses of its own product."
        )
    if held.decision == Decision.DECLINE:
        raise CannotLink(f"{held.key} was declined. Reopen its decision first if it is to be built after all.")
    link, _ = DiagnosisFeature.objects.get_or_create(
        diagnosis=held, feature=feature, defaults={"linked_by": by, "linked_at": now}
    )
    return link


@transaction.atomic
def unlink_diagnosis(*, feature: Feature, diagnosis: Diagnosis) -> None:
    """Take a diagnosis that was wrong from a feature; again changes nothing. Raises ``StillNeeded``."""
    stage = FeatureStage(Feature.objects.values_list("stage", flat=True).get(pk=feature.pk)).label
    words = (
        f"{feature.key} is in {stage}, and {diagnosis.key} is the one diagnosis that says why. "
        "Link another first, move the feature back, or let a lead waive it."
    )
    with refusing({NEEDS_DIAGNOSIS: StillNeeded(words)}):
        DiagnosisFeature.objects.filter(feature=feature, diagnosis=diagnosis).delete()
