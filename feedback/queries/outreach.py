"""Questions to colleagues and customers: those about a subject, those that wait for somebody, and how long talks took."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Count, F, FloatField, Q, QuerySet
from django.db.models.functions import Cast, Extract

from feedback.access import visible_outreach, workable_products
from feedback.catalog.wording import cut, day_of, time_of
from feedback.models import Consent, Outreach
from products.access import Actor, is_known
from products.catalog.words import counted
from products.models import Product, ProductType
from products.queries.edits import version_of

MOST_ASKED = 20
COLUMNS = ("booked_for", "held_at", "outcome", "called_off_at")


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``state`` is waiting, booked, held or called_off; ``consent`` is "" where a colleague is asked.

    ``may_answer`` says whether the reader may book it and note what was said; ``is_mine`` that it waits for him.
    """

    id: int
    to: str
    to_email: str
    through: str
    purpose: str
    by: str
    asked_text: str
    state: str
    state_text: str
    outcome: str
    noted_by: str
    product: str
    slug: str
    type: str
    subject: str
    entry: int | None
    diagnosis: int | None
    quote: str
    consent: str
    is_mine: bool
    may_answer: bool
    may_call_off: bool
    version: str

    @property
    def needs_consent(self) -> bool:
        """Whether the customer is asked first if he wants to talk at all."""
        return self.consent == Consent.NOT_ASKED and self.state in {"waiting", "booked"}

    @property
    def receiver(self) -> str:
        """The colleague who gets the message."""
        return self.through or self.to


@dataclass(frozen=True, slots=True)
class TimeToTalk:
    """How long it took from asking to talking, in days, for talks held in a span; ``median`` is None without talks."""

    type: str
    n: int
    median: float | None
    low: float | None
    high: float | None
    waiting: int

    @property
    def text(self) -> str:
        """``1.5 days``; "no talk yet" is never a zero."""
        return "no talk yet" if self.median is None else _days(self.median)

    @property
    def more(self) -> str:
        """The middle half and the number it comes from, and how many wait."""
        parts = [f"{counted(self.waiting, 'question')} waiting"] * bool(self.waiting)
        if self.low is not None and self.high is not None and self.n > 1:
            parts.insert(0, f"middle half {self.low:.1f} to {self.high:.1f}, {counted(self.n, 'talk')}")
        elif self.n:
            parts.insert(0, counted(self.n, "talk"))
        return "; ".join(parts)


class Quartiles(Aggregate):
    """Lower quartile, median and upper quartile of a number."""

    function = "percentile_cont"
    template = "%(function)s(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


def asked_of(user: Actor, *, now: datetime) -> tuple[Question, ...]:
    """What waits for the user: questions to him, and to customers through him, the oldest first. Two statements."""
    if not is_known(user):
        return ()
    mine = _rows(user, now.date()).filter(Q(colleague=user) | Q(via=user))
    waiting = mine.filter(held_at__isnull=True, called_off_at__isnull=True).order_by("asked_at", "pk")
    return _questions(user, waiting[:MOST_ASKED], now)


def asked_about(
    user: Actor, *, now: datetime, diagnosis: int | None = None, entry: int | None = None
) -> tuple[Question, ...]:
    """The questions about a diagnosis and what is behind it, and about one entry, newest first. Two statements."""
    about = Q()
    if diagnosis is not None:
        about |= Q(diagnosis=diagnosis) | Q(feedback__diagnosis=diagnosis)
    if entry is not None:
        about |= Q(feedback=entry)
    rows = _rows(user, now.date()).filter(about)
    return _questions(user, rows.order_by("-asked_at", "-pk")[:MOST_ASKED], now)


def question(user: Actor, number: int, *, now: datetime) -> Question | None:
    """One question, or None where there is none that the reader may know of. Two statements."""
    found = _questions(user, _rows(user, now.date()).filter(pk=number), now)
    return found[0] if found else None


def time_to_talk(products: QuerySet[Product], since: datetime, until: datetime) -> tuple[TimeToTalk, TimeToTalk]:
    """Internal and external: talks about ``products`` held in ``[since, until)``, and what waits now. One statement."""
    held = Q(held_at__gte=since, held_at__lt=until)
    days = Cast(Extract(F("held_at") - F("asked_at"), "epoch"), FloatField()) / 86_400.0
    rows = (
        Outreach.objects.filter(product__in=products)
        .values("product__type")
        .annotate(
            n=Count("pk", filter=held),
            quartiles=Quartiles(days, filter=held),
            waiting=Count("pk", filter=Q(held_at__isnull=True, called_off_at__isnull=True)),
        )
    )
    found = {row["product__type"]: row for row in rows}
    internal, external = (_time(kind.value, found.get(kind.value)) for kind in ProductType)
    return internal, external


def _time(kind: str, row: Mapping[str, Any] | None) -> TimeToTalk:
    if row is None:
        return TimeToTalk(kind, 0, None, None, None, 0)
    low, median, high = row["quartiles"] or (None, None, None)
    return TimeToTalk(kind, row["n"], median, low, high, row["waiting"])


def _days(days: float) -> str:
    return f"{days:.1f} {'day' if f'{days:.1f}' == '1.0' else 'days'}"


def _rows(user: Actor, day: date) -> QuerySet[Outreach]:
    named = ("product", "diagnosis", "feedback", "colleague", "account", "via", "asked_by", "noted_by")
    return visible_outreach(user, day=day).select_related(*named)


def _questions(user: Actor, rows: QuerySet[Outreach], now: datetime) -> tuple[Question, ...]:
    near = set(workable_products(user, day=now.date()).values_list("pk", flat=True))
    return tuple(_question(row, user, row.product_id in near, now) for row in rows)


def _question(row: Outreach, user: Actor, is_near: bool, now: datetime) -> Question:
    state, state_text = _state(row, now)
    is_open = state in {"waiting", "booked"}
    is_mine = user.pk in (row.colleague_id, row.via_id)
    person, account, entry = row.colleague, row.account, row.feedback
    subject = row.diagnosis.key if row.diagnosis else entry.key if entry else row.product.name
    said = row.diagnosis.trying_to if row.diagnosis else entry.text if entry else ""
    return Question(
        id=row.pk,
        to=person.name if person else account.name if account else "",
        to_email=(person or row.via or row.asked_by).email,
        through=row.via.name if row.via else "",
        purpose=row.purpose,
        by=row.asked_by.name,
        asked_text=day_of(row.asked_at),
        state=state,
        state_text=state_text,
        outcome=row.outcome,
        noted_by=row.noted_by.name if row.noted_by else "",
        product=row.product.name,
        slug=row.product.slug,
        type=row.product.type,
        subject=subject,
        entry=row.feedback_id,
        diagnosis=row.diagnosis_id,
        quote=cut(said, 300),
        consent=account.consent if account else "",
        is_mine=is_mine,
        may_answer=(is_mine or is_near) and state != "called_off",
        may_call_off=is_open and (is_near or user.pk == row.asked_by_id),
        version=version_of(row, COLUMNS),
    )


def _state(row: Outreach, now: datetime) -> tuple[str, str]:
    if row.called_off_at is not None:
        return "called_off", f"called off on {day_of(row.called_off_at)}"
    if row.held_at is not None:
        return "held", f"held on {day_of(row.held_at)}, {_waited(row.held_at - row.asked_at)} after asking"
    if row.booked_for is not None:
        return "booked", f"booked for {time_of(row.booked_for)}"
    return "waiting", f"asked on {day_of(row.asked_at)}, waiting {_waited(now - row.asked_at)}"


def _waited(span: timedelta) -> str:
    days, hours = span // timedelta(days=1), span // timedelta(hours=1)
    if days:
        return counted(days, "day")
    return counted(hours, "hour") if hours else "less than an hour"
