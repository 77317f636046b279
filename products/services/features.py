"""Write features: new ones, their words with what stood before, and the small questions asked while they are built."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from pmtrack.web.conflicts import Conflict
from products.models import DesignQuestion, Feature, FeatureEdit, Product, StageChange, User
from products.queries.edits import ago


@dataclass(frozen=True, slots=True)
class FeatureFacts:
    """What people write about a feature. ``co_designers`` are colleagues, in no order."""

    title: str
    requirement: str
    intent: str
    co_designers: Sequence[User] = ()


class FeatureChanged(Conflict):
    """Somebody edited or moved the feature after the page was opened; the message says who and when."""


class AlreadyAnswered(Exception):
    """The question has another answer already, which stays; the message says what it is."""


@transaction.atomic
def create_feature(*, product: Product, facts: FeatureFacts, by: User, now: datetime) -> Feature:
    """Add a feature in its first stage, diagnosed. Whether it may be built is decided when it is moved."""
    feature = Feature.objects.create(
        product=product,
        title=facts.title,
        requirement=facts.requirement,
        intent=facts.intent,
        stage_since=now,
        created_by=by,
        created_at=now,
    )
    feature.co_designers.set(facts.co_designers)
    StageChange.objects.create(feature=feature, from_stage="", to_stage=feature.stage, by=by, at=now)
    return feature


@transaction.atomic
def edit_feature(
    *, feature: Feature, facts: FeatureFacts, by: User, now: datetime, revision: int | None = None
) -> Feature:
    """Write the feature's words anew; what stood before is kept. Saying what stands already changes nothing.

    Raises ``FeatureChanged`` where ``revision``, that of the page, is not the one that stands; then nothing is stored.
    """
    held = hold_feature(feature)
    refuse_if_moved_on(held, revision=revision, now=now)
    colleagues = {person.pk for person in facts.co_designers}
    before = set(held.co_designers.values_list("pk", flat=True))
    stands = (held.title, held.requirement, held.intent)
    if (facts.title, facts.requirement, facts.intent) == stands and colleagues == before:
        return held
    FeatureEdit.objects.create(
        feature=held,
        revision=held.revision,
        title=held.title,
        requirement=held.requirement,
        intent=held.intent,
        by=by,
        at=now,
    )
    held.title, held.requirement, held.intent = facts.title, facts.requirement, facts.intent
    held.revision += 1
    held.save(update_fields=["title", "requirement", "intent", "revision"])
    held.co_designers.set(colleagues)
    return held


@transaction.atomic
def ask_design_question(
    *, feature: Feature, question: str, asked: User, asked_by: User, now: datetime
) -> DesignQuestion:
    """Ask a colleague something small; for a product of customers he asks them."""
    return DesignQuestion.objects.create(
        feature=feature, question=question, asked=asked, asked_by=asked_by, asked_at=now
    )


@transaction.atomic
def answer_design_question(*, question: DesignQuestion, answer: str, now: datetime) -> DesignQuestion:
    """Write the answer down once. The same answer again changes nothing; another raises ``AlreadyAnswered``."""
    held = DesignQuestion.objects.select_for_update().get(pk=question.pk)
    if held.answered_at is not None:
        if held.answer == answer:
            return held
        raise AlreadyAnswered(f"It was answered {ago(held.answered_at, now=now)}: “{held.answer}”. That answer stays.")
    held.answer, held.answered_at = answer, max(now, held.asked_at)
    held.save(update_fields=["answer", "answered_at"])
    return held


def hold_feature(feature: Feature) -> Feature:
    """The feature's row as it stands, locked until commit."""
    return Feature.objects.select_for_update().get(pk=feature.pk)


def refuse_if_moved_on(held: Feature, *, revision: int | None, now: datetime) -> None:
    """Raise ``FeatureChanged`` where a page's ``revision`` is not the one that stands. Without one nothing is refused."""
    if revision is not None and revision != held.revision:
        raise FeatureChanged(_changed(held, now))


def _changed(feature: Feature, now: datetime) -> str:
    """Who edited or moved the feature last, and when."""
    edit = FeatureEdit.objects.filter(feature=feature).select_related("by").order_by("-revision").first()
    move = StageChange.objects.filter(feature=feature).select_related("by").order_by("-pk").first()
    if move is not None and move.from_stage and (edit is None or move.at > edit.at):
        who = move.by.name if move.by else "A release"
        return f"{who} moved {feature.key} to {move.get_to_stage_display()} {ago(move.at, now=now)}."
    if edit is not None:
        return f"{edit.by.name} changed {feature.key} {ago(edit.at, now=now)}."
    return f"{feature.key} was changed meanwhile."
