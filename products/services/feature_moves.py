"""Move features from stage to stage: by hand, by a release that went live, or without a diagnosis where a lead says so."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from products.access import leads_product
from products.models import Feature, FeatureStage, Release, StageChange, User
from products.queries.features import FEATURE_KEY
from products.services.features import hold_feature, refuse_if_moved_on
from products.services.refusals import refusing

DIAGNOSED, BUILDING = FeatureStage.DIAGNOSED, FeatureStage.BUILDING
RELEASED, MEASURED, PARKED = FeatureStage.RELEASED, FeatureStage.MEASURED, FeatureStage.PARKED
# Where people may move a feature from each stage, the usual next step first. Only the system says that it is measured.
BY_HAND: Mapping[str, tuple[FeatureStage, ...]] = {
    DIAGNOSED: (BUILDING, PARKED),
    BUILDING: (RELEASED, DIAGNOSED, PARKED),
    RELEASED: (BUILDING, PARKED),
    MEASURED: (BUILDING,),
    PARKED: (DIAGNOSED, BUILDING),
}
NEEDS_DIAGNOSIS = "products_feature_building_needs_a_diagnosis"


class CannotMove(Exception):
    """A feature does not go from its stage to that one; the message says where it may go."""


class NeedsDiagnosis(Exception):
    """Nothing is built without a diagnosis, unless a lead waives it."""


class NeedsReason(Exception):
    """Parking, and building without a diagnosis, are told why."""


class NotTheirLead(Exception):
    """Only a lead of the team that owns the product may waive the diagnosis."""


@transaction.atomic
def move_feature(
    *, feature: Feature, to: str, by: User, now: datetime, reason: str = "", revision: int | None = None
) -> Feature:
    """Move a feature by hand and note who did, when and why. Where it stands already, nothing changes.

    Raises ``CannotMove``, ``NeedsDiagnosis``, ``NeedsReason``, and ``FeatureChanged`` where ``revision`` is not the one
    that stands; then nothing is stored.
    """
    held = hold_feature(feature)
    if held.stage == to:
        return held
    refuse_if_moved_on(held, revision=revision, now=now)
    if to not in BY_HAND[held.stage]:
        raise CannotMove(_why_not(held, to))
    if to == PARKED and not reason:
        raise NeedsReason(f"Say why {held.key} is parked: those who wait for it will read it.")
    _move(held, to, by=by, at=now, reason=reason)
    return held


@transaction.atomic
def waive_diagnosis(
    *, feature: Feature, by: User, reason: str, now: datetime, revision: int | None = None, day: date | None = None
) -> Feature:
    """Let a feature be built without a diagnosis; the lead and his reason stand beside it for good.

    ``day`` is the product's today unless told. Raises ``NotTheirLead``, ``NeedsReason`` and ``FeatureChanged``. A
    feature that was waived before keeps its first waiver.
    """
    product = feature.product
    if not leads_product(by, product, day=day or now.astimezone(ZoneInfo(product.time_zone)).date()):
        raise NotTheirLead(f"Only a lead of the team that owns {product.name} may waive the diagnosis.")
    if not reason:
        raise NeedsReason("Say why it is built without a diagnosis. The reason stays visible.")
    held = hold_feature(feature)
    if held.waived_at is not None:
        return held
    refuse_if_moved_on(held, revision=revision, now=now)
    held.waived_by, held.waived_at, held.waiver_reason = by, now, reason
    held.revision += 1
    held.save(update_fields=["waived_by", "waived_at", "waiver_reason", "revision"])
    return held


@transaction.atomic
def mark_measured(*, feature: Feature, now: datetime, reason: str = "", known_at: datetime | None = None) -> Feature:
    """The system's move when an effect is known, ``known_at`` or now; again changes nothing. Raises ``CannotMove`` unless it is released."""
    held = hold_feature(feature)
    if held.stage == MEASURED:
        return held
    if held.stage != RELEASED:
        raise CannotMove(f"{held.key} is {held.get_stage_display().lower()}; only what is released can be measured.")
    at = max(held.stage_since, min(known_at or now, now))
    _move(held, MEASURED, by=None, at=at, reason=reason)
    return held


def follow_releases(went_live: Sequence[tuple[Release, frozenset[str]]]) -> None:
    """Move to released what live releases name by key, each of their own product; the caller holds the releases.

    What is built moves in one go. What nobody built here (diagnosed or parked) follows one by one and stays where it is
    when it has neither a diagnosis nor a waiver: an event is never refused for that, the feature's page says it.
    """
    named = _named(went_live)
    if not named:
        return
    open_stages = (BUILDING, DIAGNOSED, PARKED)
    rows = Feature.objects.select_for_update().filter(pk__in=named, stage__in=open_stages).order_by("pk")
    ours = [row for row in rows if row.product_id == named[row.pk].product_id]
    _release_built([row for row in ours if row.stage == BUILDING], named)
    for row in ours:
        if row.stage != RELEASED:
            _release_unbuilt(row, named[row.pk])


def _named(went_live: Sequence[tuple[Release, frozenset[str]]]) -> dict[int, Release]:
    """For each feature's number the release that names it; of several the one that was live first."""
    named: dict[int, Release] = {}
    live = [(release.live_at, release.pk, release, keys) for release, keys in went_live if release.live_at]
    for _, _, release, keys in sorted(live, key=lambda one: one[:2]):
        for match in filter(None, map(FEATURE_KEY.fullmatch, keys)):
            named.setdefault(int(match[1]), release)
    return named


def _release_built(built: Sequence[Feature], named: Mapping[int, Release]) -> None:
    changes = [_step(row, RELEASED, None, _live(row, named[row.pk]), _words(named[row.pk])) for row in built]
    Feature.objects.bulk_update(built, ["stage", "stage_since", "revision"])
    StageChange.objects.bulk_create(changes)


def _release_unbuilt(feature: Feature, release: Release) -> None:
    try:
        _move(feature, RELEASED, by=None, at=_live(feature, release), reason=_words(release))
    except NeedsDiagnosis:
        return


def _live(feature: Feature, release: Release) -> datetime:
    """When the release went live; never before the feature entered the stage that it leaves."""
    return max(release.live_at or feature.stage_since, feature.stage_since)


def _words(release: Release) -> str:
    return f"{release.key} went live"


def _step(feature: Feature, to: str, by: User | None, at: datetime, reason: str) -> StageChange:
    """Set the feature's columns; what its history is to say."""
    change = StageChange(feature=feature, from_stage=feature.stage, to_stage=to, by=by, at=at, reason=reason)
    feature.stage, feature.stage_since = FeatureStage(to), at
    feature.revision += 1
    return change


def _move(feature: Feature, to: str, *, by: User | None, at: datetime, reason: str) -> None:
    """Write one step of a held feature. Raises ``NeedsDiagnosis``."""
    words = (
        f"{feature.key} has no diagnosis yet. Link one that is marked diagnosed, or let a lead waive it with a reason."
    )
    change = _step(feature, to, by, at, reason)
    with refusing({NEEDS_DIAGNOSIS: NeedsDiagnosis(words)}):
        feature.save(update_fields=["stage", "stage_since", "revision"])
    change.save()


def _why_not(feature: Feature, to: str) -> str:
    """Why the feature does not go there, and where it may go."""
    if to == MEASURED:
        return f"Nobody moves {feature.key} to Measured by hand: it follows when the effect of its release is known."
    if to not in FeatureStage.values:
        return f"There is no stage “{to[:40]}”. The stages are {', '.join(FeatureStage.values)}."
    ways = " or ".join(FeatureStage(one).label for one in BY_HAND[feature.stage])
    here, there = feature.get_stage_display(), FeatureStage(to).label
    return f"{feature.key} is in {here}; from there it goes to {ways}, not to {there}."
