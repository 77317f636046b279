"""What was heard, newest first, as frozen rows; whose voice it was only for those who may know."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Prefetch

from feedback.access import visible_feedback, visible_voices
from feedback.models import Voice
from products.access import Actor, visible_products
from products.models import Assignment

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """One entry. ``voice`` names a colleague or an account, "a customer" where the reader may not know which."""

    key: str
    text: str
    product: str
    slug: str
    type: str
    channel: str
    received_at: datetime
    received_text: str
    voice: str
    logged_by: str


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    """One page of entries; ``older`` is the id from which the next page goes on, None at the end."""

    rows: tuple[FeedbackRow, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class ProductChoice:
    """A product that feedback can be about."""

    id: int
    slug: str
    name: str
    type: str


def newest_feedback(
    user: Actor, *, day: date, product: int | None = None, before: int | None = None, rows: int = PAGE_ROWS
) -> FeedbackPage:
    """The entries that stand for themselves (not merged), by when they were recorded. Three statements at most."""
    entries = visible_feedback(user).standing()
    if product is not None:
        entries = entries.filter(product=product)
    if before is not None:
        entries = entries.filter(pk__lt=before)
    voices = visible_voices(user, day=day).select_related("colleague", "account", "via")
    found = list(
        entries.select_related("product", "logged_by")
        .annotate(has_voice=Exists(Voice.objects.filter(feedback=OuterRef("pk"))))
        .prefetch_related(Prefetch("voices", queryset=voices, to_attr="known_voices"))
        .order_by("-pk")[: rows + 1]
    )
    older = found[rows - 1].pk if len(found) > rows else None
    return FeedbackPage(tuple(_row(entry) for entry in found[:rows]), older)


def product_choices(user: Actor) -> tuple[ProductChoice, ...]:
    """Every product by name. One statement."""
    rows = visible_products(user).order_by("name", "pk").values_list("pk", "slug", "name", "type")
    return tuple(ProductChoice(*row) for row in rows)


def own_product(user: Actor, *, day: date) -> str:
    """The slug of the product the user answers for, "" for people without one. One statement."""
    mine = Assignment.objects.filter(user_id=user.pk or 0, period__contains=day).values("product")
    return visible_products(user).filter(pk__in=mine).order_by("name").values_list("slug", flat=True).first() or ""


def _row(entry: Any) -> FeedbackRow:
    product = entry.product
    day = entry.received_at.astimezone(ZoneInfo(product.time_zone if product else "UTC")).date()
    unknown = "a customer" if entry.has_voice else "source not given"
    return FeedbackRow(
        key=entry.key,
        text=entry.text,
        product=product.name if product else "Not sure which product",
        slug=product.slug if product else "",
        type=product.type if product else "",
        channel=entry.get_channel_display(),
        received_at=entry.received_at,
        received_text=f"{day.day} {day:%b %Y}",
        voice=_voice(entry.known_voices[0]) if entry.known_voices else unknown,
        logged_by=entry.logged_by.name,
    )


def _voice(voice: Voice) -> str:
    if voice.colleague is not None:
        return voice.colleague.name
    through = f" via {voice.via.name}" if voice.via else ""
    return f"{voice.account}{through}"
