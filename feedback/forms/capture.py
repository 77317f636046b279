"""The capture form: one field is enough, everything else has a default."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core import signing

from feedback.forms.speaking import SpeakerForm
from feedback.models import Channel, Consent
from feedback.queries.entries import ProductChoice

SALT = "feedback.capture"
LONGEST_DRAFT = timedelta(days=2)
LONGEST_AGO = timedelta(days=730)
LONGEST_TEXT = 2000
NOT_SURE = ""
MOST_DISMISSED = 20
OFFERED = (
    Channel.MEETING,
    Channel.CHAT,
    Channel.MAIL,
    Channel.CALL,
    Channel.INTERVIEW,
    Channel.SURVEY,
    Channel.TICKET,
    Channel.ACCOUNT_MANAGER,
    Channel.IN_APP,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """The identity of one form: sent twice it is one entry. ``opened_at`` is when it was given out."""

    id: str
    opened_at: datetime


def new_draft(*, now: datetime) -> str:
    """A signed identity for a fresh form."""
    return signing.dumps({"id": str(uuid.uuid4()), "at": now.isoformat()}, salt=SALT, compress=False)


def read_draft(text: str, *, now: datetime) -> Draft | None:
    """The identity in a form that we gave out, or None where it is not ours or too old."""
    try:
        held: Any = signing.loads(text, salt=SALT)
        draft = Draft(str(held["id"]), datetime.fromisoformat(held["at"]))
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None
    return draft if draft.opened_at.astimezone(UTC) > now - LONGEST_DRAFT else None


def read_numbers(text: str) -> list[int]:
    """The numbers of a list with commas; anything else in it is passed over."""
    return [int(part) for part in text.split(",") if part.isascii() and part.isdigit() and len(part) < 19][
        :MOST_DISMISSED
    ]


class Carried(forms.CharField):
    """What the page sends and nobody types: never refused by itself, for nobody could mend it."""

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_python(self, value: Any) -> str:
        """The text without NULs."""
        return str(super().to_python(value)).replace("\x00", "")


class CaptureForm(SpeakerForm):
    """What was heard. Only the text is required."""

    ids: ClassVar = "fb"
    text = forms.CharField(
        max_length=LONGEST_TEXT,
        error_messages={
            "required": "Write what you heard; a few words are enough.",
            "max_length": "Shorten it to 2,000 characters; it has %(show_value)d.",
            "null_characters_not_allowed": "A character in it cannot be stored (NUL). Paste the text again as plain text.",
        },
    )
    product = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "Choose a product from the list, or “Not sure”."}
    )
    channel = forms.ChoiceField(
        required=False,
        choices=[(channel.value, channel.label) for channel in OFFERED],
        error_messages={"invalid_choice": "Choose a channel from the list."},
    )
    consent = forms.ChoiceField(
        required=False,
        choices=[("", "As it stands"), *Consent.choices],
        error_messages={"invalid_choice": "Choose one of the answers about contact."},
    )
    on = forms.DateField(required=False, error_messages={"invalid": "Write the day like 2026-06-15."})
    add_to = Carried()
    not_these = Carried()
    draft = Carried()

    def __init__(self, *args: Any, products: Sequence[ProductChoice], today: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["product"].choices = [(NOT_SURE, "Not sure"), *[(one.slug, one.name) for one in products]]  # type: ignore[attr-defined]

    def clean_channel(self) -> str:
        """A meeting unless told."""
        return self.cleaned_data["channel"] or Channel.MEETING.value

    def clean_on(self) -> date | None:
        """Today or a day before, within two years."""
        day: date | None = self.cleaned_data["on"]
        if day and self.today and not self.today - LONGEST_AGO <= day <= self.today:
            raise forms.ValidationError("Choose today or a day of the last two years.")
        return day

    def clean_add_to(self) -> int | None:
        """The entry to which these words are added, if one is named."""
        return next(iter(read_numbers(self.cleaned_data["add_to"])), None)

    def clean_not_these(self) -> list[int]:
        """The entries that the person found to say something else."""
        return read_numbers(self.cleaned_data["not_these"])


def heard_at(day: date | None, draft: Draft, time_zone: str) -> datetime:
    """When it was heard: when the form was opened, or noon of an earlier day where the product is."""
    opened = draft.opened_at
    if day is None or day >= opened.astimezone(ZoneInfo(time_zone)).date():
        return opened
    return datetime.combine(day, time(12), ZoneInfo(time_zone))
