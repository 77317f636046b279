"""Forms of a person's record: contributions, their confirmation, notes for the next talk, and a lead's note."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from metrics.models import (
    MOST_ANSWERED,
    MOST_JUDGED,
    MOST_NOTED,
    MOST_TOLD,
    ContributionAnswer,
    ContributionKind,
    LeadNote,
    TalkNote,
)
from metrics.services.contributions import Told
from metrics.services.person_notes import Talk
from products.forms.fields import Choice, Colleague, Day, SettingsForm

# Without it nobody could tell whether somebody else wrote meanwhile.
NO_VERSION = (
    "The form came without the version that it was made from. Keep your words, open the page again and paste them."
)


class Longer(forms.CharField):
    """A few sentences. ``missing`` says what to write, and makes the field required."""

    def __init__(self, *, label: str, most: int, help_text: str = "", missing: str = "", rows: int = 4) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            max_length=most,
            required=bool(missing),
            widget=forms.Textarea(attrs={"rows": rows}),
            error_messages={"required": missing, "max_length": f"Shorten it to {most:,} characters."},
        )


class AddContributionForm(SettingsForm):
    """What one did outside the products."""

    what = Longer(
        label="What did you do?",
        most=MOST_TOLD,
        rows=3,
        help_text="In a sentence that those who had something of it would sign.",
        missing="Say what you did, in a sentence.",
    )
    kind = Choice(
        label="Kind", choices=[("", "Choose…"), *ContributionKind.choices], missing="Choose the kind that fits best."
    )
    since = Day(label="From", missing="Say when it began.")
    until = Day(label="Last day", help_text="Leave it empty if it goes on.")
    asked = Colleague(label="Who had something of it, and can confirm it?")

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data)
        self.fields["asked"].required = False
        self.fields[
            "asked"
        ].help_text += " Leave it empty to ask later; until somebody confirms it, it stands as claimed."

    def clean(self) -> dict[str, Any]:
        """``told`` is what a valid form says."""
        given: dict[str, Any] = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day is before the first. Swap them, or leave it empty if it goes on.")
        if not self.errors:
            end = until + timedelta(days=1) if until else None
            given["told"] = Told(given["kind"], " ".join(given["what"].split()), since, end)
        return given


class AskConfirmForm(SettingsForm):
    """One more colleague to ask."""

    asked = Colleague(label="Who had something of it?")


class ConfirmForm(SettingsForm):
    """What whoever is asked says."""

    answer = Choice(
        label="Was it so?",
        choices=[
            (ContributionAnswer.CONFIRMED.value, "Yes, I had something of it"),
            (ContributionAnswer.DECLINED.value, "I cannot confirm it"),
        ],
        missing="Say whether it was so.",
        widget=forms.RadioSelect,
    )
    words = Longer(
        label="In a sentence, if you like", most=MOST_ANSWERED, rows=2, help_text="Read by them and their lead."
    )


class TalkForm(SettingsForm):
    """What the next talk should be about."""

    talk_on = Day(label="Next talk on")
    going_well = Longer(label="Going well", most=MOST_NOTED)
    in_the_way = Longer(label="In the way", most=MOST_NOTED)
    to_try = Longer(label="Would like to try", most=MOST_NOTED)

    def __init__(self, data: QueryDict | None, *, newest: TalkNote | None) -> None:
        names = Talk.__dataclass_fields__
        super().__init__(data, initial={name: getattr(newest, name) for name in names} if newest else {})

    def clean(self) -> dict[str, Any]:
        """``talk`` is what a valid form says."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            given["talk"] = Talk(**{name: given.get(name) for name in Talk.__dataclass_fields__})
        return given


class LeadNoteForm(SettingsForm):
    """A lead's own judgement. ``version`` is the one that stood when the form was made, 0 for none."""

    version = forms.IntegerField(required=False, min_value=0, max_value=32_000, widget=forms.HiddenInput)
    text = Longer(
        label="What do you make of the quarter?",
        most=MOST_JUDGED,
        rows=8,
        help_text="Beside the numbers, which do not say everything. The person reads it; older versions stay.",
        missing="Write what you make of it.",
    )

    def __init__(self, data: QueryDict | None, *, newest: LeadNote | None) -> None:
        super().__init__(
            data, initial={"version": newest.version if newest else 0, "text": newest.text if newest else ""}
        )

    def clean(self) -> dict[str, Any]:
        """Says so where nobody could tell whether somebody wrote meanwhile."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("version") is None:
            self.errors.pop("version", None)  # nobody sees the field, so the words stand above the form
            self.add_error(None, NO_VERSION)
        return given


class PackForm(SettingsForm):
    """Which days a review pack is of."""

    since = Day(label="From", missing="Say from which day on.")
    until = Day(label="Last day", missing="Say until which day.")

    def __init__(self, data: QueryDict | None, *, since: date, until: date) -> None:
        super().__init__(data, initial={"since": since, "until": until})

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        given: dict[str, Any] = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day is before the first. Swap them.")
        return given
