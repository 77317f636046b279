"""Forms to announce a release, and to write back."""

from typing import Any
from uuid import uuid4

from django import forms

from products.forms.fields import SettingsForm, Words
from products.models import AnnouncementChannel, Team
from products.services.announcing import REPLY_LENGTH


class AnnounceForm(SettingsForm):
    """What to tell whom. ``form`` tells one press of the button from two."""

    form = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    channel = forms.ChoiceField(label="How", choices=AnnouncementChannel.choices)
    teams = forms.ModelMultipleChoiceField(
        label="Teams",
        queryset=Team.objects.order_by("name"),
        required=False,
        help_text="None chosen: everybody here. A post goes to its channel, whoever is there.",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "ticks"}),
        error_messages={"invalid_choice": "Choose teams of the list.", "invalid_pk_value": "Choose teams of the list."},
    )
    hook = Words(
        label="Address of the channel", max_length=500, help_text="For a post only: its whole webhook address."
    )
    subject = Words(label="Subject", max_length=150, missing="Write one line that says what is new.")
    body = forms.CharField(
        label="Text",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text="What they can do now that they could not before.",
        error_messages={"required": "Write what is new."},
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"form": uuid4().hex, **(initial or {})})

    def clean(self) -> dict[str, Any]:
        """A post goes somewhere; mail goes to people."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("channel") == AnnouncementChannel.POST:
            given["teams"] = Team.objects.none()
            if not given.get("hook"):
                self.add_error("hook", "Write the whole webhook address of the channel.")
        else:
            given["hook"] = ""
        return given


class ReplyForm(SettingsForm):
    """What somebody writes back."""

    words = forms.CharField(
        label="Write back",
        max_length=REPLY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Whoever announced it reads it, with your name.",
        error_messages={"required": "Write a word or two."},
    )
