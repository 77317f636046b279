"""The list of diagnoses, newest first, narrowed by product, state and decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q, QuerySet

from feedback.access import visible_diagnoses
from feedback.catalog.wording import cut, day_of
from feedback.models import Decision, Diagnosis
from feedback.queries.diagnosing import DECIDED, answers_of
from products.access import Actor
from products.catalog.words import counted

PAGE_ROWS = 50
OPEN = "open"
STATES = (("draft", "Drafts"), ("diagnosed", "Diagnosed"))
DECISIONS = ((OPEN, "Not decided"), *((one.value, one.label) for one in Decision if one.value))


# The entries of each diagnosis with those merged into them, and the distinct people and accounts who spoke in them.
BEHIND = """
SELECT wanted.id, count(DISTINCT entry.id) FILTER (WHERE entry.stands),
    count(DISTINCT voice.colleague_id) + count(DISTINCT voice.account_id),
    coalesce((array_agg(entry.text ORDER BY entry.id) FILTER (WHERE entry.stands))[1], '')
FROM unnest(%s) AS wanted (id)
LEFT JOIN LATERAL (
    SELECT id, text, merged_into_id IS NULL AS stands FROM feedback_feedback
    WHERE diagnosis_id = wanted.id AND withdrawn_at IS NULL
    UNION
    SELECT merged.id, merged.text, false
    FROM feedback_feedback AS root JOIN feedback_feedback AS merged ON merged.merged_into_id = root.id
    WHERE root.diagnosis_id = wanted.id AND merged.withdrawn_at IS NULL
) AS entry ON true
LEFT JOIN feedback_voice AS voice ON voice.feedback_id = entry.id
GROUP BY wanted.id
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """What a diagnosis stands on: entries, distinct voices, and what was said first."""

    entries: int
    voices: int
    said: str


@dataclass(frozen=True, slots=True)
class DiagnosisFilter:
    """What the list is narrowed to; "" for no filter. ``product`` is a slug."""

    product: str = ""
    state: str = ""
    decision: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.product or self.state or self.decision)


@dataclass(frozen=True, slots=True)
class DiagnosisRow:
    """One diagnosis. ``decision`` is "" while nobody decided."""

    number: int
    key: str
    title: str
    is_draft: bool
    answered_text: str
    product: str
    slug: str
    type: str
    decision: str
    decision_text: str
    by: str
    since_text: str
    heard_text: str
    voices_text: str


@dataclass(frozen=True, slots=True)
class DiagnosisList:
    """One page of diagnoses; ``older`` is the number from which the next goes on, None at the end."""

    rows: tuple[DiagnosisRow, ...]
    older: int | None
    drafts: int
    undecided: int
    decided: int

    @property
    def verdict(self) -> str:
        """The list in one sentence."""
        if not (self.drafts or self.undecided or self.decided):
            return "Nothing is diagnosed yet."
        waiting = f"{counted(self.undecided, 'diagnosis', 'diagnoses')} {'waits' if self.undecided == 1 else 'wait'}"
        drafts = f"{counted(self.drafts, 'draft')} {'is' if self.drafts == 1 else 'are'} not finished"
        decided = (
            f"{self.decided:,} {'is' if self.decided == 1 else 'are'} decided" if self.decided else "none is decided"
        )
        return f"{waiting} for a decision, {drafts}, and {decided}.".capitalize()


def diagnosis_list(
    user: Actor, wanted: DiagnosisFilter, *, before: int | None = None, rows: int = PAGE_ROWS
) -> DiagnosisList:
    """One page of the diagnoses that ``wanted`` asks for; the counts are those of its product. Three statements."""
    every = visible_diagnoses(user)
    if wanted.product:
        every = every.filter(product__slug=wanted.product)
    counts = every.aggregate(
        drafts=Count("pk", filter=Q(diagnosed_at__isnull=True, decision="")),
        undecided=Count("pk", filter=Q(diagnosed_at__isnull=False, decision="")),
        decided=Count("pk", filter=~Q(decision="")),
    )
    found = _narrowed(every, wanted)
    if before is not None:
        found = found.filter(pk__lt=before)
    page = list(found.select_related("product", "started_by").order_by("-pk")[: rows + 1])
    older = page[rows - 1].pk if len(page) > rows else None
    behind = _behind(page[:rows])
    return DiagnosisList(tuple(_row(one, behind[one.pk]) for one in page[:rows]), older, **counts)


def _narrowed(every: QuerySet[Diagnosis], wanted: DiagnosisFilter) -> QuerySet[Diagnosis]:
    if wanted.state:
        every = every.filter(diagnosed_at__isnull=wanted.state == "draft")
    if wanted.decision:
        every = every.filter(decision="" if wanted.decision == OPEN else wanted.decision)
    return every


def _behind(diagnoses: Sequence[Diagnosis]) -> dict[int, Behind]:
    """What is behind each of ``diagnoses``, by number."""
    if not diagnoses:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(BEHIND, [[one.pk for one in diagnoses]])
        return {number: Behind(*counts) for number, *counts in cursor.fetchall()}


def _row(one: Diagnosis, behind: Behind) -> DiagnosisRow:
    answers = answers_of(one)
    at: datetime = one.decided_at or one.diagnosed_at or one.started_at
    deed = "Decided" if one.decision else "Diagnosed" if one.diagnosed_at else "Started"
    return DiagnosisRow(
        number=one.pk,
        key=one.key,
        title=cut(answers.trying_to or answers.in_the_way or behind.said or "Nothing is written yet", 120),
        is_draft=one.diagnosed_at is None,
        answered_text=answers.count_text,
        product=one.product.name,
        slug=one.product.slug,
        type=one.product.type,
        decision=one.decision,
        decision_text=DECIDED[Decision(one.decision)],
        by=one.started_by.name,
        since_text=f"{deed} {day_of(at)}",
        heard_text=counted(behind.entries, "entry", "entries"),
        voices_text=counted(behind.voices, "voice"),
    )
