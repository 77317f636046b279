"""What stands beside the four questions: the quote, who said it, and which diagnosis it may belong to already."""

from dataclasses import asdict, dataclass
from datetime import date

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Count, Q

from feedback.access import visible_diagnoses, visible_feedback, workable_feedback
from feedback.catalog.wording import asks_for_a_fix, cut, day_of, first_name
from feedback.models import Decision, Diagnosis, Feedback
from feedback.queries.speakers import Speaker, Speakers, heard_with, speakers
from products.access import Actor
from products.catalog.words import counted

NEW = "new"
QUESTIONS = (
    ("trying_to", "What were they trying to do?"),
    ("in_the_way", "What gets in the way?"),
    ("known_from", "How do you know? Who did you check with?"),
    ("solved_when", "What would tell us it is solved?"),
)
DECIDED = {
    Decision.OPEN: "To decide",
    Decision.BUILD: "To build",
    Decision.WATCH: "Watched",
    Decision.DECLINE: "Declined",
}
MOST_CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class Answers:
    """The four questions, "" for what is not answered yet; 2,000 characters each at most."""

    trying_to: str = ""
    in_the_way: str = ""
    known_from: str = ""
    solved_when: str = ""

    @property
    def count(self) -> int:
        """How many of the four say something."""
        return sum(1 for text in asdict(self).values() if text.strip())

    @property
    def count_text(self) -> str:
        """``2 of 4 answered``."""
        return f"{self.count} of 4 answered"

    def beside(self, other: "Answers") -> "Answers":
        """Both texts, one's own first, where two people answered differently."""
        mine, theirs = asdict(self), asdict(other)
        return Answers(**{column: _both(text, theirs[column]) for column, text in mine.items()})


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and what it was answered with, "" while it is open."""

    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A diagnosis of the product that the entry may belong to."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class DiagnosePanel:
    """One entry and its diagnosis as far as it goes; ``diagnosis`` is None before the first answer is saved.

    ``merged_into`` and ``is_withdrawn`` say that there is nothing to diagnose here; ``may_work`` whether the reader may.
    """

    number: int
    key: str
    text: str
    product: str
    slug: str
    type: str
    received_text: str
    who: Speakers
    hint: str
    ask_text: str
    may_work: bool
    merged_into: int | None
    is_withdrawn: bool
    diagnosis: int | None
    is_done: bool
    answers: Answers
    version: str
    candidates: tuple[Candidate, ...]

    @property
    def answered(self) -> tuple[Answer, ...]:
        """Each question with its answer."""
        return answered(self.answers)

    @property
    def first(self) -> Speaker | None:
        """Who said it first, as far as the reader may know."""
        return self.who.known[0] if self.who.known else None

    @property
    def others_text(self) -> str:
        """``also heard by 3 others``; "" where nobody else spoke."""
        others = self.who.total - bool(self.first)
        if others <= 0:
            return ""
        return f"also heard from {counted(others, 'other')}" if self.first else self.who.text


def _both(one: str, other: str) -> str:
    if other in one:
        return one
    return other if one in other else f"{one}\n\n{other}"


def version_of(diagnosis: Diagnosis | None) -> str:
    """Which state of the answers a form was made from: none yet, or the diagnosis and its revision."""
    return NEW if diagnosis is None else f"{diagnosis.key}.{diagnosis.revision}"


def answers_of(diagnosis: Diagnosis | None) -> Answers:
    """What a diagnosis answers."""
    return Answers() if diagnosis is None else Answers(*(getattr(diagnosis, column) for column, _ in QUESTIONS))


def answered(answers: Answers) -> tuple[Answer, ...]:
    """Each of the four questions with its answer."""
    return tuple(Answer(question, getattr(answers, column)) for column, question in QUESTIONS)


def diagnose_panel(user: Actor, number: int, *, day: date) -> DiagnosePanel | None:
    """The panel of FB-``number``, or None where there is no such entry. Five statements at most."""
    rows = visible_feedback(user).select_related("product", "diagnosis")
    entry = rows.filter(pk=number).first()
    if entry is None:
        return None
    who = speakers(user, heard_with(entry), day=day)
    may_work = workable_feedback(user, day=day).filter(pk=entry.pk).exists()
    product, diagnosis = entry.product, entry.diagnosis
    return DiagnosePanel(
        number=entry.pk,
        key=entry.key,
        text=entry.text,
        product=product.name if product else "",
        slug=product.slug if product else "",
        type=product.type if product else "",
        received_text=day_of(entry.received_at),
        who=who,
        hint=_hint(entry.text, who),
        ask_text=_ask_text(who),
        may_work=may_work,
        merged_into=entry.merged_into_id,
        is_withdrawn=entry.withdrawn_at is not None,
        diagnosis=entry.diagnosis_id,
        is_done=diagnosis is not None and diagnosis.diagnosed_at is not None,
        answers=answers_of(diagnosis),
        version=version_of(diagnosis),
        candidates=_candidates(user, entry) if may_work and diagnosis is None else (),
    )


def _hint(text: str, who: Speakers) -> str:
    """What to find out first where the entry asks for a fix, "" where it does not."""
    if not asks_for_a_fix(text):
        return ""
    name = _asked_name(who)
    return f"This asks for a fix. Ask {name or 'whoever said it'} what the problem behind it is before you plan it."


def _ask_text(who: Speakers) -> str:
    name = _asked_name(who)
    return f"Ask {name}" if name else "Ask somebody"


def _asked_name(who: Speakers) -> str:
    """The first colleague who spoke or, for an account, the colleague between."""
    for one in who.known:
        if one.colleague is not None:
            return first_name(one.name)
        if one.through:
            return first_name(one.through)
    return ""


def _candidates(user: Actor, entry: Feedback) -> tuple[Candidate, ...]:
    """The product's diagnoses, the likest first. One statement."""
    if entry.product_id is None:
        return ()
    newest = visible_diagnoses(user).filter(product=entry.product_id).order_by("-started_at", "-pk")
    found = (
        Diagnosis.objects.filter(pk__in=newest.values("pk")[:MOST_CANDIDATES])
        .annotate(
            likeness=TrigramSimilarity("trying_to", entry.text) + TrigramSimilarity("in_the_way", entry.text),
            heard=Count("feedback", filter=Q(feedback__merged_into__isnull=True, feedback__withdrawn_at__isnull=True)),
        )
        .order_by("-likeness", "-pk")
    )
    return tuple(Candidate(one.pk, _candidate_text(one, one.heard)) for one in found)


def _candidate_text(diagnosis: Diagnosis, heard: int) -> str:
    said = cut(diagnosis.trying_to or diagnosis.in_the_way, 70) or "a draft without answers"
    state = DECIDED[Decision(diagnosis.decision)].lower() if diagnosis.decision else ""
    return f"{diagnosis.key} {said} ({', '.join([counted(heard, 'entry', 'entries'), *[state] * bool(state)])})"
