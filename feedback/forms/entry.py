"""Forms for one entry: what it says, and what it is merged into."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from feedback.models import Channel, Feedback, Sentiment
from feedback.queries.entries import ProductChoice
from products.models import Product

KEY = re.compile(r"\s*(?:FB-?)?([1-9][0-9]{0,17})\s*", re.IGNORECASE)
SEVERITIES = (("", "Not said"), ("1", "1, a nuisance"), ("2", "2"), ("3", "3"), ("4", "4, cannot work"))


class EntryForm(forms.Form):
    """What an entry says. ``version`` is the revision that was seen."""

    text = forms.CharField(
        label="What was heard",
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "inp", "rows": 4, "dir": "auto"}),
        error_messages={
            "required": "Write what was heard; to take the entry back, use “Take back” on its page.",
            "max_length": "Shorten it to 2,000 characters; it has %(show_value)d.",
        },
    )
    product = forms.ChoiceField(
        label="Product",
        required=False,
        widget=forms.Select(attrs={"class": "inp"}),
        error_messages={"invalid_choice": "Choose one of your products. Others are moved by those who work on them."},
    )
    channel = forms.ChoiceField(
        label="How it was heard", choices=Channel.choices, widget=forms.Select(attrs={"class": "inp"})
    )
    severity = forms.ChoiceField(
        label="How bad it is", required=False, choices=SEVERITIES, widget=forms.Select(attrs={"class": "inp"})
    )
    sentiment = forms.ChoiceField(
        label="How it was said", required=False, choices=Sentiment.choices, widget=forms.Select(attrs={"class": "inp"})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: Any, *, entry: Feedback, text: str, products: Sequence[ProductChoice], **kwargs: Any
    ) -> None:
        initial = {
            "text": text,
            "product": entry.product.slug if entry.product else "",
            "channel": entry.channel,
            "severity": str(entry.severity or ""),
            "sentiment": entry.sentiment,
            "version": entry.revision,
        }
        super().__init__(data, initial=initial, **kwargs)
        choices = [("", "Not sure"), *[(one.slug, one.name) for one in products]]
        self.fields["product"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """As the service takes it."""
        given = super().clean() or {}
        if self.errors:
            return given
        product = Product.objects.filter(slug=given["product"]).first() if given["product"] else None
        severity = int(given["severity"]) if given["severity"] else None
        kept = {name: given[name] for name in ("text", "channel", "sentiment")}
        return {**kept, "product": product, "severity": severity, "revision": given["version"]}


class MergeForm(forms.Form):
    """The entry that says the same; ``differs`` says that a suggested one does not."""

    into = forms.CharField(max_length=24, error_messages={"required": "Choose an entry, or write its key like FB-398."})
    differs = forms.BooleanField(required=False)

    def clean_into(self) -> int:
        """The number in the key."""
        match = KEY.fullmatch(self.cleaned_data["into"])
        if match is None:
            raise forms.ValidationError("Write a key like FB-398.")
        return int(match[1])
