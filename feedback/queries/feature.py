"""One feature: what is built and why, how far it is, who moved it when, what was asked, and what brought it to users."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet

from feedback.queries.feature_behind import Behind, DiagnosisLine, behind_feature, linkable_diagnoses
from feedback.queries.feature_verdict import INTENT_HINTS, feature_verdict
from products.access import Actor, leads_product, visible_features, visible_releases, writable_features
from products.catalog.words import clock_on, day_on, listed, span_between
from products.models import DesignQuestion, Feature, FeatureEdit, FeatureStage, Release, StageChange

MOST_HISTORY = 200
MOST_RELEASES = 50
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way from heard to measured; ``state`` is done, now, ahead or missed."""

    name: str
    when: str
    took: str
    state: str


@dataclass(frozen=True, slots=True)
class Question:
    """A design question; ``may_answer`` for the one asked and for those who write the feature."""

    id: int
    text: str
    asked: str
    asked_by: str
    asked_text: str
    answer: str
    took_text: str
    may_answer: bool


@dataclass(frozen=True, slots=True)
class Shipped:
    """A release that names the feature."""

    key: str
    number: int
    title: str
    state: str
    state_text: str
    when: str


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history; ``before`` is what the requirement said until an edit, "" for all else."""

    when: str
    who: str
    what: str
    reason: str
    before: str


@dataclass(frozen=True, slots=True)
class FeaturePage:
    """A feature as its page shows it. Times are told on the product's clock."""

    key: str
    number: int
    title: str
    product: str
    slug: str
    type: str
    time_zone: str
    stage: str
    stage_text: str
    verdict: str
    paragraphs: tuple[str, ...]
    intent_text: str
    intent_hint: str
    created_text: str
    co_designers: tuple[str, ...]
    waived_text: str
    waiver_reason: str
    revision: int
    steps: tuple[Step, ...]
    behind: Behind
    linkable: tuple[DiagnosisLine, ...]
    questions: tuple[Question, ...]
    releases: tuple[Shipped, ...]
    history: tuple[Event, ...]
    may_write: bool
    may_waive: bool

    @property
    def may_build(self) -> bool:
        """Whether it may enter building: diagnosed, or waived by a lead."""
        return self.behind.is_diagnosed or bool(self.waived_text)

    @property
    def open_questions(self) -> int:
        """How many questions wait for an answer."""
        return sum(not one.answer for one in self.questions)


def feature_page(user: Actor, number: int, *, now: datetime) -> FeaturePage | None:
    """The page of feature W-``number``, or None where there is none to see. A constant number of statements."""
    if number > LARGEST:
        return None
    rows = visible_features(user).select_related("product", "created_by", "waived_by")
    feature = rows.prefetch_related("co_designers").filter(pk=number).first()
    if feature is None:
        return None
    zone = ZoneInfo(feature.product.time_zone)
    day = now.astimezone(zone).date()
    may_write = writable_features(user, day=day).filter(pk=feature.pk).exists()
    moves = list(StageChange.objects.filter(feature=feature).select_related("by").order_by("pk")[:MOST_HISTORY])
    questions = DesignQuestion.objects.filter(feature=feature).select_related("asked", "asked_by").order_by("pk")
    behind, shipped = behind_feature(user, feature), _releases(user, feature, zone)
    return FeaturePage(
        **_facts(feature, zone),
        verdict=_verdict(feature, behind, shipped, moves, [one for one in questions if not one.answered_at]),
        steps=_steps(feature, behind, moves, zone),
        behind=behind,
        linkable=linkable_diagnoses(user, feature) if may_write else (),
        questions=tuple(_question(one, user, zone, now, may_write) for one in questions),
        releases=shipped,
        history=_history(feature, moves, zone),
        may_write=may_write,
        may_waive=_may_waive(user, feature, day) and not behind.is_diagnosed,
    )


def releases_naming(user: Actor, feature: Feature) -> QuerySet[Release]:
    """The releases of the feature's product that name its key, the newest first."""
    named = visible_releases(user).filter(
        product=feature.product_id, feature_keys__overlap=[feature.key, feature.key.lower()]
    )
    return named.order_by(F("live_at").desc(nulls_last=True), "-pk")


def _may_waive(user: Actor, feature: Feature, day: date) -> bool:
    return feature.waived_at is None and leads_product(user, feature.product, day=day)


def _facts(feature: Feature, zone: ZoneInfo) -> dict[str, Any]:
    """What the row itself says."""
    product = feature.product
    return {
        "key": feature.key,
        "number": feature.pk,
        "title": feature.title,
        "product": product.name,
        "slug": product.slug,
        "type": product.type,
        "time_zone": product.time_zone,
        "stage": feature.stage,
        "stage_text": feature.get_stage_display(),
        "paragraphs": tuple(part.strip("\n") for part in feature.requirement.split("\n\n") if part.strip()),
        "intent_text": feature.get_intent_display(),
        "intent_hint": INTENT_HINTS[feature.intent],
        "created_text": f"{feature.created_by.name}, {day_on(feature.created_at, zone)}",
        "co_designers": tuple(sorted(one.name for one in feature.co_designers.all())),
        "waived_text": _waived_text(feature, zone),
        "waiver_reason": feature.waiver_reason,
        "revision": feature.revision,
    }


def _verdict(
    feature: Feature,
    behind: Behind,
    shipped: Sequence[Shipped],
    moves: Sequence[StageChange],
    waiting: Sequence[DesignQuestion],
) -> str:
    zone = ZoneInfo(feature.product.time_zone)
    if feature.stage == FeatureStage.PARKED and moves:
        return f"It has been parked since {day_on(feature.stage_since, zone)}: {moves[-1].reason}"
    return feature_verdict(feature, behind, shipped, waiting, zone)


def _waived_text(feature: Feature, zone: ZoneInfo) -> str:
    if feature.waived_by is None or feature.waived_at is None:
        return ""
    return f"{feature.waived_by.name} on {day_on(feature.waived_at, zone)}"


def _releases(user: Actor, feature: Feature, zone: ZoneInfo) -> tuple[Shipped, ...]:
    return tuple(_shipped(row, zone) for row in releases_naming(user, feature)[:MOST_RELEASES])


def _shipped(release: Release, zone: ZoneInfo) -> Shipped:
    at = release.rolled_back_at or release.live_at or release.released_at
    when = day_on(at, zone) if at else ""
    if not at and release.planned_for:
        when = f"planned for {day_on(release.planned_for, zone)}"
    return Shipped(release.key, release.pk, release.title, release.state, release.get_state_display(), when)


def _steps(feature: Feature, behind: Behind, moves: Sequence[StageChange], zone: ZoneInfo) -> tuple[Step, ...]:
    """Heard, diagnosed, building, released, measured: when each was entered last, and how long after the step before.

    What is ahead of the present stage stands empty, though the feature may have been there and come back.
    """
    entered: dict[str, datetime] = {one.to_stage: one.at for one in moves}
    order = [FeatureStage.DIAGNOSED, FeatureStage.BUILDING, FeatureStage.RELEASED, FeatureStage.MEASURED]
    stage = feature.stage if feature.stage != FeatureStage.PARKED else _parked_from(moves)
    reached = order.index(FeatureStage(stage))
    times = [behind.since, behind.diagnosed_at, *[entered.get(one) for one in order[1:]]]
    steps: list[Step] = []
    last: datetime | None = None
    for place, (name, at) in enumerate(zip(["Heard", *[one.label for one in order]], times, strict=True), start=-1):
        state = "ahead" if place > reached else "now" if place == reached else "done" if at else "missed"
        known = at if state != "ahead" else None
        after = f"{span_between(last, known)} later" if last and known else ""
        when = day_on(known, zone) if known else _unknown(name, state, feature)
        steps.append(Step(name, when, after, state))
        last = known
    return tuple(steps)


def _unknown(name: str, state: str, feature: Feature) -> str:
    if state == "ahead":
        return "not yet"
    if name == FeatureStage.DIAGNOSED.label:
        return "waived" if feature.waived_at else "no diagnosis yet"
    return "nothing heard" if name == "Heard" else "not known"


def _parked_from(moves: Sequence[StageChange]) -> str:
    """The stage in which the feature was when it was parked."""
    parked = [one.from_stage for one in moves if one.to_stage == FeatureStage.PARKED]
    return parked[-1] if parked else FeatureStage.DIAGNOSED


def _question(row: DesignQuestion, user: Actor, zone: ZoneInfo, now: datetime, may_write: bool) -> Question:
    if row.answered_at:
        took = f"answered after {span_between(row.asked_at, row.answered_at)}"
    else:
        took = f"open for {span_between(row.asked_at, now)}"
    mine = may_write or row.asked_id == user.pk
    return Question(
        id=row.pk,
        text=row.question,
        asked=row.asked.name,
        asked_by=row.asked_by.name,
        asked_text=day_on(row.asked_at, zone),
        answer=row.answer,
        took_text=took,
        may_answer=mine and row.answered_at is None,
    )


def _history(feature: Feature, moves: Sequence[StageChange], zone: ZoneInfo) -> tuple[Event, ...]:
    """Moves, edits and the waiver, the newest first."""
    edits = FeatureEdit.objects.filter(feature=feature).select_related("by").order_by("-revision")[:MOST_HISTORY]
    told = [(one.at, one.pk, _moved(one, zone)) for one in moves]
    told += [(one.at, one.pk, _edited(one, zone)) for one in edits]
    if feature.waived_by and feature.waived_at:
        words = Event(clock_on(feature.waived_at, zone), feature.waived_by.name, "Waived the diagnosis", "", "")
        told.append((feature.waived_at, 0, words))
    told.sort(key=lambda one: one[:2], reverse=True)
    return tuple(event for _, _, event in told)


def _moved(change: StageChange, zone: ZoneInfo) -> Event:
    who = change.by.name if change.by else "pmtrack"
    back = f"{FeatureStage(change.from_stage).label} to {change.get_to_stage_display()}" if change.from_stage else ""
    return Event(clock_on(change.at, zone), who, back or "Planned it", change.reason, "")


def _edited(edit: FeatureEdit, zone: ZoneInfo) -> Event:
    before = listed([part for part in (f"“{edit.title}”", edit.get_intent_display().lower()) if part])
    text = f"{before}\n\n{edit.requirement}" if edit.requirement else before
    return Event(clock_on(edit.at, zone), edit.by.name, "Edited its words", "", text)
