"""The filter of the audit page, as its address carries it."""

from typing import Any

from django import forms

from products.models import AuditTopic
from products.queries.audit import AuditFilter

WRITE_A_DAY = "Write the day like 2026-06-15."


class AuditFilterForm(forms.Form):
    """Who, what, from and to, and where the page starts. All of it may be left out."""

    who = forms.CharField(required=False, max_length=254, error_messages={"max_length": "Shorten the name or address."})
    topic = forms.ChoiceField(
        required=False,
        choices=[("", "Everything"), *AuditTopic.choices],
        error_messages={"invalid_choice": "Choose what to show from the list."},
    )
    since = forms.DateField(required=False, input_formats=["%Y-%m-%d"], error_messages={"invalid": WRITE_A_DAY})
    until = forms.DateField(required=False, input_formats=["%Y-%m-%d"], error_messages={"invalid": WRITE_A_DAY})
    before = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), "There is no such page. Start from the newest."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """The days must follow each other."""
        cleaned = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", f"Choose a last day on or after {since}.")
        return cleaned

    def wanted(self) -> AuditFilter:
        """The filter of a valid form."""
        return AuditFilter(**self.cleaned_data)
