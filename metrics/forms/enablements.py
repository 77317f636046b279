"""Forms about enablements: claim, thank, answer, hand on, ask again, open again."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from feedback.forms.diagnoses import Option
from feedback.forms.outreach import Somebody
from metrics.models import EnablementKind
from metrics.queries.enabling_choices import feature_named, helper_named, owner_named
from products.forms.fields import Colleague, EditForm, SettingsForm

DAYS_WORDS = "Write a number like 4 or 2.5."
KINDS = (
    Option("enabled", "It made it possible", "else it would have had to be built or bought"),
    Option("unblocked", "It removed a wait", "without it there had been no release"),
    Option("accelerated", "It made it faster", "by the days below"),
)
VERDICTS = (
    Option("enabled", "Yes, it made it possible", "else we would have had to build or buy it"),
    Option("unblocked", "Yes, it removed a wait", "without it there had been no release"),
    Option("accelerated", "Yes, it was faster", "by the days below"),
    Option("no", "No", "it did not help this work"),
    Option("unknown", "I do not know", "somebody else may be asked"),
)


class Days(forms.DecimalField):
    """Working days, or nothing."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 4, "autocomplete": "off"}),
            error_messages={"invalid": DAYS_WORDS},
        )


class Prose(forms.CharField):
    """A sentence or two."""

    def __init__(self, *, missing: str = "", rows: int = 2, **kwargs: Any) -> None:
        super().__init__(
            required=bool(missing), max_length=500, widget=forms.Textarea(attrs={"rows": rows}),
            error_messages={"required": missing}, **kwargs,
        )  # fmt: skip


class Typed(forms.CharField):
    """Something named by its key or name, with a list of what is likely."""

    def __init__(self, *, options: str, missing: str = "", **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": options, "autocomplete": "off"})
        told = {"required": missing}
        super().__init__(required=bool(missing), max_length=300, widget=widget, error_messages=told, **kwargs)


class DayFields(SettingsForm):
    """A span of working days; written the wrong way round it is turned, and told."""

    days_low = Days("From")
    days_high = Days("to")

    def clean(self) -> dict[str, Any]:
        """Refuse a reversed span with both numbers changed over, so that pressing the button once more is enough."""
        given: dict[str, Any] = super().clean() or {}
        low, high = given.get("days_low"), given.get("days_high")
        if isinstance(low, Decimal) and isinstance(high, Decimal) and low > high:
            self.data = self.data.copy()
            self.data["days_low"], self.data["days_high"] = self.data["days_high"], self.data["days_low"]
            self.add_error(
                "days_low", "The range was the wrong way round. It is turned now: look at it and send it again."
            )
        return given


class HelpForm(DayFields):
    """What claims and thanks have in common."""

    helper = Typed(
        label="What helped?",
        options="helpers",
        help_text="A release like R-123, or a product’s name.",
        missing="Name a release by its key, like R-123, or a product by its name.",
    )
    feature = Typed(
        label="Which feature was helped?",
        options="features",
        help_text="Its key, like W-88. Work that is no feature goes below.",
    )
    work = forms.CharField(
        label="Or other work, in words", required=False, max_length=200, help_text="For work that is no feature here."
    )
    owner = Typed(
        label="Whose work is that?", options="owners", help_text="The product or team, by name. For other work only."
    )
    kind = forms.ChoiceField(
        label="How did it help?",
        choices=EnablementKind.choices,
        error_messages={"required": "Choose how it helped.", "invalid_choice": "Choose how it helped."},
    )
    statement = Prose(label="What would have happened otherwise?", help_text="A sentence. Those who are asked read it.")
    evidence = forms.CharField(
        label="Where it can be seen", required=False, max_length=6000, help_text="Web addresses, one a line, at most five.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    kinds = KINDS
    field_order = ("helper", "feature", "work", "owner", "kind", "days_low", "days_high", "statement", "evidence")

    def clean_helper(self) -> Any:
        """The product, and the release where one is named."""
        return self._named("helper", helper_named)

    def clean_feature(self) -> Any:
        """The feature, or None."""
        text = self.cleaned_data["feature"]
        return self._named("feature", feature_named) if text.strip() else None

    def clean_owner(self) -> Any:
        """The product or the team, or neither."""
        text = self.cleaned_data["owner"]
        return self._named("owner", owner_named) if text.strip() else None

    def clean_evidence(self) -> list[str]:
        """One address a line."""
        return [line for line in self.cleaned_data["evidence"].split() if line]

    def _named(self, field: str, find: Any) -> Any:
        text = self.cleaned_data[field].strip()
        found = find(text)
        if found is None:
            raise forms.ValidationError(f"There is no “{text[:60]}” here. Write its key or its whole name.")
        return found


class ClaimForm(HelpForm):
    """Claim that one's own product helped."""

    asked = Somebody(label="Whom to ask")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["asked"].required = False
        self.fields["asked"].help_text = "Leave it empty to ask the PM of that work. Nobody confirms their own claim."


class ThankForm(HelpForm):
    """Say whose work helped one's own."""


class AnswerForm(DayFields, EditForm):
    """The one screen on which whoever was asked answers. Nothing is chosen beforehand: that would be half an answer."""

    verdict = forms.ChoiceField(
        label="Did it help?",
        choices=[(one.value, one.text) for one in VERDICTS],
        error_messages={"required": "Choose one of the five.", "invalid_choice": "Choose one of the five."},
    )
    words = Prose(label="A word about it", rows=1)
    verdicts: Sequence[Option] = VERDICTS

    @property
    def revision(self) -> int | None:
        """The state of the question that the form was made from."""
        text = self.cleaned_data.get("version", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


class HandOnForm(SettingsForm):
    """Who did the work."""

    colleague = Colleague(label="Who did this work?")


class AskAgainForm(SettingsForm):
    """Whom to ask this time."""

    asked = Somebody(label="Whom to ask")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["asked"].required = False
        self.fields["asked"].help_text = "Leave it empty to ask the PM of that work."


class ReasonForm(SettingsForm):
    """Why it is opened again."""

    words = Prose(label="Why?", missing="Say why it is opened again. Both sides read it.")


class WithdrawForm(SettingsForm):
    """Why it is taken back, if one likes."""

    words = Prose(label="Why?")
