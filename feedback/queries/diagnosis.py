"""One diagnosis: its answers, what is behind it, what was decided and by whom, and who is to be told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Count

from feedback.access import can_work_on, visible_diagnoses, workable_feedback
from feedback.catalog.wording import cut, day_of, time_of
from feedback.models import Decision, DecisionChange, Diagnosis, DiagnosisEvent, Feedback
from feedback.queries.diagnosing import DECIDED, Answer, Answers, answered, answers_of
from feedback.queries.outreach import Question, asked_about
from feedback.queries.speakers import Speakers, behind, speakers
from feedback.queries.telling import Telling, telling
from products.access import Actor, visible_features
from products.catalog.words import counted

MOST_SIMILAR = 6
LOOKED_AT = 500
LIKE_ENOUGH = 0.15
INTENT = {
    Decision.BUILD: "to build for it",
    Decision.WATCH: "to watch how often it comes up",
    Decision.DECLINE: "to decline it",
}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry behind the diagnosis, or one that sounds like it. ``merged`` counts what was merged into it."""

    number: int
    key: str
    text: str
    received_text: str
    merged_text: str


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """A feature that is made for the diagnosis."""

    number: int
    key: str
    title: str
    stage_text: str


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what, and when."""

    at: datetime
    at_text: str
    by: str
    words: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DiagnosisPage:
    """What the page prints. ``decision`` is "" while nobody decided; ``tell`` is empty unless somebody is to be told."""

    number: int
    key: str
    title: str
    verdict: str
    product: str
    slug: str
    type: str
    is_done: bool
    answers: tuple[Answer, ...]
    answered_text: str
    decision: str
    decision_text: str
    decided_text: str
    reason: str
    entries: tuple[EntryRow, ...]
    who: Speakers
    similar: tuple[EntryRow, ...]
    features: tuple[FeatureRow, ...]
    questions: tuple[Question, ...]
    history: tuple[Deed, ...]
    telling: Telling | None
    may_work: bool


def diagnosis_page(user: Actor, number: int, *, now: datetime) -> DiagnosisPage | None:
    """D-``number``, or None where there is none that the reader may see. A constant number of statements."""
    people = ("product", "started_by", "diagnosed_by", "decided_by")
    one = visible_diagnoses(user).select_related(*people).filter(pk=number).first()
    if one is None:
        return None
    day = now.date()
    answers, may_work = answers_of(one), can_work_on(user, one.product, day=day)
    who = speakers(user, behind(one), day=day)
    entries = _behind(one)
    said = answers.trying_to or answers.in_the_way or (entries[0].text if entries else "")
    return DiagnosisPage(
        number=one.pk,
        key=one.key,
        title=cut(said, 140) or "Nothing is written yet",
        verdict=_verdict(one, answers, who),
        product=one.product.name,
        slug=one.product.slug,
        type=one.product.type,
        is_done=one.diagnosed_at is not None,
        answers=answered(answers),
        answered_text=answers.count_text,
        decision=one.decision,
        decision_text=DECIDED[Decision(one.decision)],
        decided_text=_decided(one),
        reason=one.reason,
        entries=entries,
        who=who,
        similar=_similar(user, one, answers, now) if may_work else (),
        features=_features(user, one),
        questions=asked_about(user, now=now, diagnosis=one.pk),
        history=_history(one),
        telling=telling(one, who, by=user) if may_work else None,
        may_work=may_work,
    )


def _verdict(one: Diagnosis, answers: Answers, who: Speakers) -> str:
    """Where it stands, in one sentence."""
    spoke = f"heard from {who.text}" if who.total else who.text
    said = f"{one.product.name}, {spoke}"
    if one.decision:
        return f"{said}. {_decided(one)}."
    if one.diagnosed_at is not None and one.diagnosed_by is not None:
        return f"{said}. Diagnosed by {one.diagnosed_by.name} on {day_of(one.diagnosed_at)}; nobody has decided yet."
    return f"{said}. A draft of {one.started_by.name}, {answers.count_text}."


def _decided(one: Diagnosis) -> str:
    if not one.decision or one.decided_by is None or one.decided_at is None:
        return ""
    return f"{one.decided_by.name} decided on {day_of(one.decided_at)} {INTENT[Decision(one.decision)]}"


def _behind(one: Diagnosis) -> tuple[EntryRow, ...]:
    """The standing entries, by when they were heard. One statement."""
    rows = Feedback.objects.standing().filter(diagnosis=one).annotate(others=Count("merged"))
    return tuple(_entry(row, getattr(row, "others", 0)) for row in rows.order_by("received_at", "pk"))


def _similar(user: Actor, one: Diagnosis, answers: Answers, now: datetime) -> tuple[EntryRow, ...]:
    """Open entries of the product that sound like it, the likest first, among its newest. Two statements."""
    said = f"{answers.trying_to} {answers.in_the_way}".strip()
    if not said:
        return ()
    mine = workable_feedback(user, day=now.date()).standing()
    newest = mine.filter(product=one.product_id, diagnosis__isnull=True).order_by("-pk")
    # By their keys: asked in one statement, the likeness of every entry there is would be computed first.
    looked_at = list(newest.values_list("pk", flat=True)[:LOOKED_AT])
    alike = Feedback.objects.filter(pk__in=looked_at).annotate(likeness=TrigramSimilarity("text", said))
    rows = alike.filter(likeness__gte=LIKE_ENOUGH).order_by("-likeness", "-pk")[:MOST_SIMILAR]
    return tuple(_entry(row) for row in rows)


def _entry(row: Feedback, merged: int = 0) -> EntryRow:
    merged_text = f"{counted(merged, 'entry', 'entries')} merged into it" if merged else ""
    return EntryRow(row.pk, row.key, row.text, day_of(row.received_at), merged_text)


def _features(user: Actor, one: Diagnosis) -> tuple[FeatureRow, ...]:
    rows = visible_features(user).filter(diagnosis_links__diagnosis=one).order_by("pk")
    return tuple(FeatureRow(row.pk, row.key, row.title, row.get_stage_display()) for row in rows)


def _history(one: Diagnosis) -> tuple[Deed, ...]:
    """Decisions and edits, newest first. Two statements."""
    changes = one.decision_changes.select_related("by").order_by("-at", "-pk")
    events = one.events.select_related("by", "feedback").order_by("-at", "-pk")
    edits = [Deed(event.at, time_of(event.at), event.by.name, _event_words(event)) for event in events]
    return tuple(sorted([*_decisions(changes), *edits], key=lambda deed: deed.at, reverse=True))


def _decisions(changes: Iterable[DecisionChange]) -> list[Deed]:
    return [
        Deed(change.at, time_of(change.at), change.by.name, _decision_words(change), change.reason)
        for change in changes
    ]


def _event_words(event: DiagnosisEvent) -> str:
    words = event.get_deed_display()
    if event.feedback is None:
        return words
    return f"{words} from {event.feedback.key}" if event.deed == event.Deed.STARTED else f"{words} {event.feedback.key}"


def _decision_words(change: DecisionChange) -> str:
    if not change.to_decision:
        return "Opened it again"
    words = f"Decided {INTENT[Decision(change.to_decision)]}"
    return f"{words}, no longer {INTENT[Decision(change.from_decision)]}" if change.from_decision else words
