"""The guided questions of a lead's assessment."""

from typing import Any

from django import forms
from django.http import QueryDict

from metrics.models import Assessment
from metrics.models.assessments import MOST_WORDS
from metrics.services.assessments import Answers
from products.forms.fields import SettingsForm


class Question(forms.CharField):
    """A question that is answered in a few sentences."""

    def __init__(self, *, label: str, help_text: str, missing: str) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            max_length=MOST_WORDS,
            widget=forms.Textarea(attrs={"rows": 5}),
            error_messages={"required": missing, "max_length": f"Shorten it to {MOST_WORDS:,} characters."},
        )


# Without it nobody could tell whether somebody else wrote meanwhile.
NO_VERSION = (
    "The form came without the version that it was made from. Keep your words, open the page again and paste them."
)


class AssessmentForm(SettingsForm):
    """Three questions. ``version`` is the one that stood when the form was made, 0 for none."""

    version = forms.IntegerField(required=False, min_value=0, max_value=32_000, widget=forms.HiddenInput)
    became_possible = Question(
        label="What became possible?",
        help_text="Work that others did in this quarter and could not have done, or not as early, without it.",
        missing="Say what became possible. If nothing did, say so: that is an answer.",
    )
    otherwise = Question(
        label="What would have happened otherwise?",
        help_text="Another way, later, by hand, not at all? What would it have cost the others?",
        missing="Say what would have happened otherwise. “We do not know” is an answer.",
    )
    says_who = Question(
        label="Who says so?",
        help_text="Those who did the work, records, your own impression: name which. Enablements have keys like E-211.",
        missing="Say who says so. “Only I do” is an answer.",
    )

    def __init__(self, data: QueryDict | None, *, newest: Assessment | None) -> None:
        names = ("version", *Answers.__dataclass_fields__)
        super().__init__(data, initial={name: getattr(newest, name) for name in names} if newest else {"version": 0})

    def clean(self) -> dict[str, Any]:
        """``answers`` is what a valid form says."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("version") is None:
            self.errors.pop("version", None)  # nobody sees the field, so the words stand above the form
            self.add_error(None, NO_VERSION)
        if not self.errors:
            given["answers"] = Answers(**{name: given[name] for name in Answers.__dataclass_fields__})
        return given
