"""The capture form: one field is enough, everything else has a default."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core import signing

from feedback.models import Channel
from feedback.queries import ProductChoice

SALT = "feedback.capture"
LONGEST_DRAFT = timedelta(days=2)
NOT_SURE = ""
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


class CaptureForm(forms.Form):
    """What was heard. Only the text is required."""

    text = forms.CharField(
        max_length=2000,
        error_messages={
            "required": "Write what you heard; a few words are enough.",
            "max_length": "Shorten it to 2,000 characters; it has %(show_value)d.",
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
    draft = forms.CharField(max_length=400, required=False)

    def __init__(self, *args: Any, products: Sequence[ProductChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = [(NOT_SURE, "Not sure"), *[(one.slug, one.name) for one in products]]  # type: ignore[attr-defined]

    def clean_channel(self) -> str:
        """A meeting unless told."""
        return self.cleaned_data["channel"] or Channel.MEETING.value
