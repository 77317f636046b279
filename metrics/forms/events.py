"""Forms about context events: a new one, and what becomes of one."""

from collections.abc import Sequence
from datetime import date

from django.http import QueryDict

from metrics.models import ContextEvent, ContextKind
from metrics.services.events import EVENT_COLUMNS
from products.forms.fields import Choice, Day, EditForm, SettingsForm, Words, standing

COMPANY = "company"


class EventFields(SettingsForm):
    """What every event has and may change."""

    name = Words(
        label="What it is called",
        max_length=120,
        missing="Write what people call it, for example “Summer campaign”.",
        help_text="As people will recognise it beside a chart.",
    )
    kind = Choice(label="What it is", choices=ContextKind.choices, missing="Choose what it is from the list.")
    first_day = Day(label="First day", missing="Write the first day on which it moved the figures.")
    last_day = Day(label="Last day, if that is known", help_text="It belongs to the event. Empty: it goes on.")


class NewEventForm(EventFields):
    """An event to be. Whose it is is chosen here."""

    product = Choice(
        label="Whose figures it moved",
        missing="Choose one of your products, or the whole company.",
        help_text="Effects on their KPIs are read without these days, and once more with them.",
    )
    field_order = ("product", "name", "kind", "first_day", "last_day")

    def __init__(self, data: QueryDict | None, *, products: Sequence[tuple[str, str]], today: date, own: str) -> None:
        super().__init__(data, initial={"first_day": today, "product": own})
        self.fields["product"].choices = [("", "Choose"), *products]
        self.fields["kind"].choices = [("", "Choose"), *ContextKind.choices]


class EventForm(EditForm, EventFields):
    """An event that is there. Giving it a last day ends it."""

    @classmethod
    def of(cls, event: ContextEvent, data: QueryDict | None) -> "EventForm":
        """The form for the event as it stands."""
        return cls(data, initial=standing(event, EVENT_COLUMNS))
