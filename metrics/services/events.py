"""Note, change and remove context events. The audit keeps what an event said before."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from django.db import transaction

from metrics.models import ContextEvent
from products.models import Product, User
from products.services.edits import refuse_if_changed
from products.services.refusals import refusing


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What may be changed about an event. Both days belong to it; without a last day it goes on."""

    name: str
    kind: str
    first_day: date
    last_day: date | None


EVENT_COLUMNS = tuple(field.name for field in fields(EventFacts))


class DaysReversed(Exception):
    """The last day lies before the first."""


class EventNoted(Exception):
    """An event of this name begins on this day already."""


@transaction.atomic
def note_event(*, product: Product | None, facts: EventFacts, by: User, now: datetime) -> ContextEvent:
    """Note what else happened to a product, or to the whole company. Raises ``DaysReversed`` and ``EventNoted``."""
    _refuse_reversed(facts)
    with refusing({"metrics_contextevent_noted_once": EventNoted(_noted(product, facts))}):
        return ContextEvent.objects.create(product=product, **asdict(facts), noted_by=by, noted_at=now)


@transaction.atomic
def change_event(*, event: ContextEvent, facts: EventFacts, now: datetime, version: str | None = None) -> ContextEvent:
    """Change what an event says, its end included. Raises ``DaysReversed``, ``EventNoted`` and ``ChangedMeanwhile``."""
    _refuse_reversed(facts)
    held = ContextEvent.objects.select_for_update(of=("self",)).select_related("product").get(pk=event.pk)
    refuse_if_changed(row=held, columns=EVENT_COLUMNS, version=version, now=now)
    for column, value in asdict(facts).items():
        setattr(held, column, value)
    with refusing({"metrics_contextevent_noted_once": EventNoted(_noted(held.product, facts))}):
        held.save(update_fields=EVENT_COLUMNS)
    return held


def remove_event(*, event: ContextEvent) -> None:
    """Take away an event that did not happen; its days count again. Removing it twice changes nothing."""
    ContextEvent.objects.filter(pk=event.pk).delete()


def _refuse_reversed(facts: EventFacts) -> None:
    if facts.last_day is not None and facts.last_day < facts.first_day:
        raise DaysReversed(
            f"It cannot end on {facts.last_day} if it begins on {facts.first_day}. Both days belong to it; swap them."
        )


def _noted(product: Product | None, facts: EventFacts) -> str:
    whose = product.name if product else "The company"
    return f"{whose} has “{facts.name}” from {facts.first_day} on already. Change that one, or choose another name."
