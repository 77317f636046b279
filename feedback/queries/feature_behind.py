"""What stands behind a feature: its diagnoses, and how many voices were heard, each counted once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce

from feedback.access import visible_diagnoses
from feedback.models import Decision, Diagnosis, Feedback, Voice
from products.access import Actor
from products.catalog.words import counted, listed
from products.models import Feature

MOST_OFFERED = 50


@dataclass(frozen=True, slots=True)
class DiagnosisLine:
    """A diagnosis behind a feature, or one that could be. ``heard`` counts its entries, merged ones with their root."""

    number: int
    key: str
    trying_to: str
    in_the_way: str
    state_text: str
    is_done: bool
    heard: int


@dataclass(frozen=True, slots=True)
class Behind:
    """Diagnoses, and the distinct voices over all of them; ``since`` is when the first of it was heard, or None."""

    diagnoses: tuple[DiagnosisLine, ...]
    entries: int
    colleagues: int
    accounts: int
    since: datetime | None
    diagnosed_at: datetime | None

    @property
    def is_diagnosed(self) -> bool:
        """Whether one of the diagnoses is marked diagnosed."""
        return any(one.is_done for one in self.diagnoses)

    @property
    def text(self) -> str:
        """Who was heard, in counts: one voice for each person or account."""
        if not self.entries:
            return "No feedback stands behind it."
        sources = [counted(n, noun) for n, noun in ((self.accounts, "account"), (self.colleagues, "colleague")) if n]
        who = f" from {listed(sources)}" if sources else ", their sources not given"
        return f"{counted(self.entries, 'entry', 'entries')} of feedback{who}."


def behind_feature(user: Actor, feature: Feature) -> Behind:
    """The diagnoses of a feature, oldest first, and what was heard. Three statements."""
    rows = list(_with_counts(user).filter(features=feature).order_by("pk"))
    ids = [row.pk for row in rows]
    standing = Q(withdrawn_at__isnull=True) & (Q(diagnosis__in=ids) | Q(merged_into__diagnosis__in=ids))
    heard = Feedback.objects.filter(standing).aggregate(
        entries=Count("pk", filter=Q(merged_into__isnull=True)), since=Min("received_at")
    )
    spoke = Q(feedback__withdrawn_at__isnull=True) & (
        Q(feedback__diagnosis__in=ids) | Q(feedback__merged_into__diagnosis__in=ids)
    )
    voices = Voice.objects.filter(spoke).aggregate(
        colleagues=Count("colleague", distinct=True), accounts=Count("account", distinct=True)
    )
    done = [row.diagnosed_at for row in rows if row.diagnosed_at]
    return Behind(tuple(_line(row) for row in rows), **heard, **voices, diagnosed_at=min(done, default=None))


def linkable_diagnoses(user: Actor, feature: Feature) -> tuple[DiagnosisLine, ...]:
    """The newest diagnoses of the product that could stand behind the feature. One statement."""
    rows = _with_counts(user).filter(product=feature.product_id).exclude(decision=Decision.DECLINE)
    return tuple(_line(row) for row in rows.exclude(features=feature).order_by("-pk")[:MOST_OFFERED])


def _with_counts(user: Actor) -> Any:
    entries = Count(
        "feedback",
        filter=Q(feedback__merged_into__isnull=True, feedback__withdrawn_at__isnull=True),
        distinct=True,
    )
    return visible_diagnoses(user).annotate(heard=Coalesce(entries, 0))


def _line(row: Any) -> DiagnosisLine:
    return DiagnosisLine(
        number=row.pk,
        key=row.key,
        trying_to=row.trying_to or "Not written yet",
        in_the_way=row.in_the_way,
        state_text=_state_text(row),
        is_done=row.diagnosed_at is not None,
        heard=row.heard,
    )


def _state_text(row: Diagnosis) -> str:
    if row.diagnosed_at is None:
        return "draft, does not count yet"
    return f"diagnosed, decided: {row.get_decision_display().lower()}" if row.decision else "diagnosed"
