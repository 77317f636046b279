"""One entry of feedback with everything that hangs on it, as its page shows it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from feedback.access import visible_feedback, visible_voices, workable_feedback
from feedback.models import Feedback, FeedbackEdit, Merge, Voice
from feedback.queries.speakers import Speakers, heard_with, speakers
from products.access import Actor
from products.catalog.words import counted


@dataclass(frozen=True, slots=True)
class Member:
    """An entry that was merged into this one."""

    number: int
    key: str
    text: str
    heard_text: str
    logged_by: str


@dataclass(frozen=True, slots=True)
class Edit:
    """What the entry said before somebody changed it."""

    text: str
    by: str
    at: datetime
    also: str


@dataclass(frozen=True, slots=True)
class Built:
    """A feature that came of the entry's diagnosis."""

    number: int
    key: str
    title: str
    stage: str


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry. ``root`` is what it was merged into; ``weights`` stand beside the count of voices, never instead of it."""

    number: int
    key: str
    text: str
    product: str
    slug: str
    type: str
    channel: str
    heard_text: str
    logged_by: str
    source: str
    severity: str
    sentiment: str
    who: Speakers
    weights: tuple[str, ...]
    members: tuple[Member, ...]
    edits: tuple[Edit, ...]
    root: int | None
    merged_by: str
    withdrawn_by: str
    withdrawn_text: str
    diagnosis: int | None
    diagnosis_text: str
    features: tuple[Built, ...]
    may_work: bool
    may_withdraw: bool

    @property
    def stands(self) -> bool:
        """Whether lists and counts show it."""
        return self.root is None and not self.withdrawn_by


def entry_page(user: Actor, number: int, *, day: date) -> EntryPage | None:
    """FB-``number``, or None where there is none that the reader may see. Nine statements at most."""
    found = visible_feedback(user).select_related("product", "logged_by", "withdrawn_by", "diagnosis").filter(pk=number)
    entry = found.first()
    if entry is None:
        return None
    product = entry.product
    may_work = workable_feedback(user, day=day).filter(pk=entry.pk).exists()
    group = heard_with(entry)
    merge = Merge.objects.filter(merged=entry, undone_at__isnull=True).select_related("by").first()
    return EntryPage(
        number=entry.pk,
        key=entry.key,
        text=entry.text,
        product=product.name if product else "Not sure which product",
        slug=product.slug if product else "",
        type=product.type if product else "",
        channel=entry.get_channel_display(),
        heard_text=_day(entry.received_at, entry),
        logged_by=entry.logged_by.name,
        source="" if entry.source == "pmtrack" else entry.source,
        severity={1: "1, a nuisance", 2: "2", 3: "3", 4: "4, cannot work"}.get(entry.severity or 0, ""),
        sentiment=entry.get_sentiment_display() if entry.sentiment else "",
        who=speakers(user, group, day=day),
        weights=_weights(visible_voices(user, day=day).filter(feedback__in=group)),
        members=_members(entry),
        edits=_edits(entry),
        root=entry.merged_into_id,
        merged_by=merge.by.name if merge else "",
        withdrawn_by=entry.withdrawn_by.name if entry.withdrawn_by else "",
        withdrawn_text=_day(entry.withdrawn_at, entry) if entry.withdrawn_at else "",
        diagnosis=entry.diagnosis_id,
        diagnosis_text=_diagnosis_text(entry),
        features=_features(entry),
        may_work=may_work,
        may_withdraw=entry.logged_by_id == user.pk and entry.withdrawn_at is None,
    )


def _day(at: datetime, entry: Feedback) -> str:
    """The product's own day."""
    day = at.astimezone(ZoneInfo(entry.product.time_zone if entry.product else "UTC")).date()
    return f"{day.day} {day:%B %Y}"


def _members(entry: Feedback) -> tuple[Member, ...]:
    rows = Feedback.objects.filter(merged_into=entry, withdrawn_at__isnull=True).select_related("logged_by")
    return tuple(
        Member(row.pk, row.key, row.text, _day(row.received_at, entry), row.logged_by.name)
        for row in rows.order_by("received_at", "pk")[:100]
    )


def _edits(entry: Feedback) -> tuple[Edit, ...]:
    rows = FeedbackEdit.objects.filter(feedback=entry).select_related("by", "product").order_by("-revision")[:50]
    return tuple(Edit(row.text, row.by.name, row.at, row.product.name if row.product else "no product") for row in rows)


def _diagnosis_text(entry: Feedback) -> str:
    diagnosis = entry.diagnosis
    if diagnosis is None:
        return ""
    if diagnosis.decision:
        return f"diagnosed, decision: {diagnosis.get_decision_display().lower()}"
    return "diagnosed, not decided" if diagnosis.diagnosed_at else "a draft"


def _features(entry: Feedback) -> tuple[Built, ...]:
    if entry.diagnosis is None:
        return ()
    rows = entry.diagnosis.features.order_by("pk")
    return tuple(Built(row.pk, row.key, row.title, row.get_stage_display()) for row in rows)


def _weights(voices: QuerySet[Voice]) -> tuple[str, ...]:
    """Annual value by currency, each account once; people and their hours, where they were said. One statement."""
    values: dict[int, tuple[str, Decimal]] = {}
    people, hours, said = 0, Decimal(0), 0
    for voice in voices.select_related("account"):
        account = voice.account
        if account and account.annual_value is not None:
            values[account.pk] = (account.currency, account.annual_value)
        if voice.people_affected and voice.hours_lost_monthly:
            people += voice.people_affected
            hours += voice.people_affected * voice.hours_lost_monthly
            said += 1
    sums: dict[str, list[Decimal]] = {}
    for currency, value in values.values():
        sums.setdefault(currency, []).append(value)
    words = [
        f"{currency} {sum(parts):,.0f} a year over {counted(len(parts), 'account')}"
        for currency, parts in sorted(sums.items())
    ]
    if said:
        words.append(f"{people:,} people, {hours:,.0f} hours a month, as {counted(said, 'voice')} said")
    return tuple(words)
