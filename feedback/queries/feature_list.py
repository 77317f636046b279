"""The list of features: newest first, each with its stage, what stands behind it and what it waits for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from feedback.models import DiagnosisFeature
from products.access import Actor, visible_features
from products.catalog.words import counted, day_on, in_words, listed, number_word, sentence, span_between
from products.models import Assignment, DesignQuestion, Feature, FeatureStage
from products.queries.features import AnswerTimes, design_answer_times

PAGE_ROWS = 50
ANSWERS_OF = timedelta(days=365)
STAGE_WORDS = {
    FeatureStage.DIAGNOSED: "waiting to be built",
    FeatureStage.BUILDING: "in building",
    FeatureStage.RELEASED: "released",
    FeatureStage.MEASURED: "measured",
    FeatureStage.PARKED: "parked",
}


@dataclass(frozen=True, slots=True)
class FeatureFilter:
    """What the list is narrowed to; empty texts narrow nothing. ``mine``: co-designed, planned or answered for by him."""

    product: str = ""
    type: str = ""
    stage: str = ""
    mine: bool = False

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return any((self.product, self.type, self.stage, self.mine))


@dataclass(frozen=True, slots=True)
class FeatureLine:
    """One feature of the list. ``waits`` says what keeps it from going on, "" where nothing does."""

    key: str
    number: int
    title: str
    product: str
    slug: str
    type: str
    stage: str
    stage_text: str
    since_text: str
    age_text: str
    intent_text: str
    behind_text: str
    waived_text: str
    waits: str


@dataclass(frozen=True, slots=True)
class FeatureList:
    """One page of features; ``older`` is the number from which the next page goes on, None at the end."""

    rows: tuple[FeatureLine, ...]
    older: int | None
    stages: tuple[tuple[str, int], ...]
    answers: tuple[AnswerTimes, ...]
    narrowed: bool

    @property
    def total(self) -> int:
        """How many features fit, on all pages."""
        return sum(n for _, n in self.stages)

    @property
    def verdict(self) -> str:
        """What the list holds, in a sentence."""
        if not self.total:
            return "No feature fits these filters." if self.narrowed else "No feature was planned yet."
        told = [f"{number_word(n)} {STAGE_WORDS[FeatureStage(stage)]}" for stage, n in self.stages if n]
        fit = " that fit these filters" if self.narrowed else ""
        return f"{sentence(in_words(self.total, 'feature'))}{fit}: {listed(told, most=len(told))}."


def feature_list(
    user: Actor, wanted: FeatureFilter, *, now: datetime, before: int | None = None, rows: int = PAGE_ROWS
) -> FeatureList:
    """One page of the features that fit, the newest first. Three statements, however many features."""
    fitting = _fitting(user, wanted, day=now.date())
    counts = dict(fitting.values_list("stage").annotate(n=Count("pk")))
    page = fitting if before is None else fitting.filter(pk__lt=before)
    found = list(_with_signs(page.select_related("product")).order_by("-pk")[: rows + 1])
    older = found[rows - 1].pk if len(found) > rows else None
    stages = tuple((stage, counts.get(stage, 0)) for stage in FeatureStage.values)
    answers = design_answer_times(now - ANSWERS_OF, now)
    return FeatureList(tuple(_line(one, now) for one in found[:rows]), older, stages, answers, wanted.narrows)


def _fitting(user: Actor, wanted: FeatureFilter, *, day: date) -> QuerySet[Feature]:
    exact = {"product__slug": wanted.product, "product__type": wanted.type, "stage": wanted.stage}
    rows = visible_features(user).filter(**{name: value for name, value in exact.items() if value})
    if not wanted.mine:
        return rows
    shaped = Feature.co_designers.through.objects.filter(feature=OuterRef("pk"), user=user.pk)
    answered_for = Assignment.objects.filter(user=user.pk, period__contains=day).values("product")
    return rows.filter(Q(created_by=user.pk) | Q(Exists(shaped)) | Q(product__in=answered_for))


def _with_signs(rows: QuerySet[Feature]) -> Any:
    links = DiagnosisFeature.objects.filter(feature=OuterRef("pk"))
    asked = DesignQuestion.objects.filter(feature=OuterRef("pk"), answered_at__isnull=True)
    return rows.annotate(
        links=Count("diagnosis_links", distinct=True),
        is_diagnosed=Exists(links.filter(diagnosis__diagnosed_at__isnull=False)),
        is_asked=Exists(asked),
    )


def _line(row: Any, now: datetime) -> FeatureLine:
    return FeatureLine(
        key=row.key,
        number=row.pk,
        title=row.title,
        product=row.product.name,
        slug=row.product.slug,
        type=row.product.type,
        stage=row.stage,
        stage_text=row.get_stage_display(),
        since_text=day_on(row.stage_since, ZoneInfo(row.product.time_zone)),
        age_text=span_between(row.stage_since, now),
        intent_text=row.get_intent_display(),
        behind_text=counted(row.links, "diagnosis", "diagnoses") if row.links else "no diagnosis",
        waived_text="Built without a diagnosis: waived" if row.waived_at else "",
        waits=_waits(row),
    )


def _waits(row: Any) -> str:
    if row.stage == FeatureStage.DIAGNOSED and not (row.is_diagnosed or row.waived_at):
        return "its diagnosis is a draft" if row.links else "a diagnosis"
    return "an answer to a design question" if row.is_asked and row.stage in ("diagnosed", "building") else ""
