"""The form that makes a token: safe defaults, so that a name is enough."""

from typing import Any

from django import forms

from products.models import Scope, TokenKind
from products.queries.tokens import ReachChoices
from products.services.tokens import DEFAULT_LIFE, LONGEST_LIFE, LONGEST_NAME

DEFAULTS = {"kind": TokenKind.CI.value, "scopes": [Scope.RELEASE_WRITE.value], "days": DEFAULT_LIFE.days}
BAD_DAYS = f"Write a whole number of days from 1 to {LONGEST_LIFE.days}."


class TokenForm(forms.Form):
    """What a token is called, for what it is, what it may do and how long."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        error_messages={
            "required": "Give the token a name, for example that of the pipeline that will hold it.",
            "max_length": f"Shorten the name to {LONGEST_NAME} characters.",
        },
    )
    reach = forms.ChoiceField(
        error_messages={
            "required": "Choose the product or team that the token is for.",
            "invalid_choice": "Choose one of your products or teams.",
        }
    )
    kind = forms.ChoiceField(
        choices=TokenKind.choices,
        error_messages={
            "required": "Choose who will hold the token.",
            "invalid_choice": "Choose a kind from the list.",
        },
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        error_messages={
            "required": "Choose at least one thing that the token may do.",
            "invalid_choice": "Choose what the token may do from the list.",
        },
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_LIFE.days,
        error_messages={"required": BAD_DAYS, "invalid": BAD_DAYS, "min_value": BAD_DAYS, "max_value": BAD_DAYS},
    )

    def __init__(self, *args: Any, reach: ReachChoices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = (("Products", reach.products), ("Teams, with all their products", reach.teams))
        self.fields["reach"].choices = [
            (label, [(one.value, one.name) for one in choices]) for label, choices in groups if choices
        ]
