"""The form that thanks an ally."""

from django import forms

from feedback.models import MOST_THANKED
from products.forms.fields import SettingsForm


class ThankAllyForm(SettingsForm):
    """A few words, or none."""

    words = forms.CharField(
        label="What for?",
        required=False,
        max_length=MOST_THANKED,
        help_text="If you like. It stands on the product’s page and on their record: name no customer.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": f"Shorten it to {MOST_THANKED} characters."},
    )
