"""Forms about features: their words, moves, waivers, diagnoses behind them and design questions."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from products.forms.fields import Choice, Colleague, EditForm, SettingsForm, Words
from products.models import FeatureStage, Intent, User
from products.models.features import LONGEST_REQUIREMENT
from products.queries.people import colleagues_called
from products.services.features import FeatureFacts

DIAGNOSIS_KEY = re.compile(r"D-?([1-9][0-9]{0,17})", re.IGNORECASE)
MOST_COLLEAGUES = 50
INTENT_WORDS = (
    (Intent.EARNS, "Earns: a revenue KPI would show it"),
    (Intent.DELIGHTS, "Delights: a satisfaction KPI would show it"),
    (Intent.CLOSES_A_GAP, "Closes a gap: conversion or churn would show it"),
    (Intent.ENABLES, "Enables: what others build on it would show it"),
    (Intent.OTHER, "Other"),
)


COLLEAGUES_WORDS = "Colleagues who shape it with you: mail addresses or whole names, with commas between them."
CUSTOMERS_WORDS = "Customers take part through their account manager: ask him a design question on the feature’s page."
CO_DESIGN: Mapping[str, str] = {
    "I": COLLEAGUES_WORDS,
    "E": f"{COLLEAGUES_WORDS} {CUSTOMERS_WORDS}",
    "": f"{COLLEAGUES_WORDS} Customers of an external product take part through their account manager.",
}


class Paragraphs(forms.CharField):
    """Plain text of several paragraphs; line ends are made the same before it is measured."""

    def __init__(self, *, most: int, rows: int, missing: str = "", **kwargs: Any) -> None:
        told = {"required": missing, "max_length": f"Shorten it to {most:,} characters; it has %(show_value)d."}
        widget = forms.Textarea(attrs={"rows": rows, "class": "inp"})
        super().__init__(required=bool(missing), max_length=most, error_messages=told, widget=widget, **kwargs)
        self.widget.attrs.pop("maxlength", None)  # a browser would cut what is pasted, without a word

    def to_python(self, value: Any) -> str:
        """With plain line ends."""
        text: str = super().to_python(value)
        return text.replace("\r\n", "\n").replace("\r", "\n")


class Colleagues(forms.CharField):
    """Several colleagues, by mail address or whole name. ``kept`` are those who stand there already, gone or not."""

    kept: Sequence[User] = ()

    def clean(self, value: Any) -> list[User]:
        """The people whom the text means, each once."""
        text: str = super().clean(value)
        words = [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]
        if len(words) > MOST_COLLEAGUES:
            raise forms.ValidationError(f"Name at most {MOST_COLLEAGUES} colleagues.")
        known = {key: one for one in self.kept for key in (one.email.lower(), one.name.lower())}
        return list({one.pk: one for one in (known.get(word.lower()) or _called(word) for word in words)}.values())


def _called(word: str) -> User:
    found = colleagues_called(word)
    if len(found) == 1:
        return found[0]
    if not found:
        raise forms.ValidationError(f"Nobody here is called “{word}”. Look under People, or use the mail address.")
    addresses = ", ".join(one.email for one in found)
    raise forms.ValidationError(f"Several people are called “{word}”. Use one of their addresses: {addresses}.")


class FeatureWords(SettingsForm):
    """What people write about a feature."""

    title = Words(
        label="Title",
        max_length=200,
        help_text="What people will be able to do, in a few words.",
        missing="Write a title; a few words are enough.",
    )
    requirement = Paragraphs(
        label="Requirement",
        most=LONGEST_REQUIREMENT,
        rows=8,
        help_text="Plain text; paragraphs are kept. Who does what with it, and what it leaves out.",
    )
    intent = Choice(
        label="What it is for",
        choices=INTENT_WORDS,
        initial=Intent.OTHER,
        help_text="It suggests the KPI that is named before the release.",
        missing="Choose what it is for.",
    )
    co_designers = Colleagues(label="Co-designers", required=False, max_length=4000)

    def __init__(self, data: Any = None, *, type: str = "", kept: Sequence[User] = (), **kwargs: Any) -> None:
        if data is not None:  # so that an edit conflict compares words, not line ends
            data = data.copy()
            data["requirement"] = data.get("requirement", "").replace("\r\n", "\n")
        super().__init__(data, **kwargs)
        field = self.fields["co_designers"]
        field.kept = kept  # type: ignore[attr-defined]
        field.help_text = CO_DESIGN[type]


class FeatureForm(FeatureWords, EditForm):
    """A feature that is there; ``version`` is its revision."""


def facts_of(given: Mapping[str, Any]) -> FeatureFacts:
    """What was written, from a valid form's data."""
    return FeatureFacts(given["title"], given["requirement"], given["intent"], given["co_designers"])


class NewFeatureForm(FeatureWords):
    """A feature from one or more diagnoses, or from none yet."""

    product = Choice(label="Product", choices=(), missing="Choose a product from the list.")
    diagnoses = forms.CharField(
        label="Diagnoses behind it",
        required=False,
        max_length=400,
        help_text="Keys like D-12, with commas between them. Without one it can be planned, not built.",
    )
    field_order = ("product", "title", "requirement", "intent", "co_designers", "diagnoses")

    def __init__(self, data: Any = None, *, products: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["product"].choices = list(products)  # type: ignore[attr-defined]

    def clean_diagnoses(self) -> list[int]:
        """The numbers of the diagnoses named."""
        words = [part for part in re.split(r"[\s,;]+", self.cleaned_data["diagnoses"]) if part]
        matches = [DIAGNOSIS_KEY.fullmatch(word) for word in words]
        for word, match in zip(words, matches, strict=True):
            if match is None:
                raise forms.ValidationError(f"“{word}” is no key of a diagnosis. Write it like D-12.")
        return list(dict.fromkeys(int(match[1]) for match in matches if match))


class MoveForm(forms.Form):
    """Where a feature goes and why; ``revision`` is that of the page from which it is moved."""

    use_required_attribute = False
    to = Choice(
        label="Move it to",
        choices=FeatureStage.choices,
        missing="Choose a stage from the list.",
        widget=forms.Select(attrs={"class": "inp"}),
    )
    reason = forms.CharField(
        label="Why",
        required=False,
        max_length=500,
        help_text="Parking needs a reason; those who wait for it will read it.",
        error_messages={"max_length": "Shorten it to 500 characters; it has %(show_value)d."},
        widget=forms.TextInput(attrs={"class": "inp"}),
    )
    revision = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    next = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)


class WaiverForm(SettingsForm):
    """Why something is built without a diagnosis."""

    reason = Paragraphs(
        label="Why it is built without a diagnosis",
        most=500,
        rows=3,
        help_text="It stays on the feature and on the board for good, with your name.",
        missing="Say why it is built without a diagnosis. The reason stays visible.",
    )


class QuestionForm(SettingsForm):
    """A small question to a colleague."""

    question = Paragraphs(
        label="Question",
        most=500,
        rows=3,
        help_text="One question that unblocks building. Name no person outside the company.",
        missing="Write the question; one sentence is best.",
    )
    asked = Colleague(label="Whom to ask")


class AnswerForm(SettingsForm):
    """What the answer was."""

    answer = Paragraphs(
        label="Answer",
        most=2000,
        rows=4,
        help_text="What was said. It is written down once. Name no person outside the company.",
        missing="Write what the answer was.",
    )
