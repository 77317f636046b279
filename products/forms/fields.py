"""What the settings' forms are made of: days, colleagues, slugs, and the version a form was made from."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import Model

from products.models import User
from products.queries.edits import version_of
from products.queries.people import colleagues_called

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
DAY_WORDS = "Write the day like 2026-06-15."
RANGE_WORDS = "Choose a day between 2000 and 2099."
RESERVED = {"new"}


class SettingsForm(forms.Form):
    """Label, hint, field."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.HiddenInput):
                field.widget.attrs.setdefault("class", "inp")


class EditForm(SettingsForm):
    """A row that is there; ``version`` is the state of it that the form was made from."""

    version = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


def standing(row: Model, columns: Iterable[str]) -> dict[str, Any]:
    """What an ``EditForm`` starts with: the columns as they stand, and their version."""
    columns = tuple(columns)
    return {**{column: getattr(row, column) for column in columns}, "version": version_of(row, columns)}


class Words(forms.CharField):
    """One line of text. ``missing`` says what to write."""

    def __init__(self, *, missing: str = "", **kwargs: Any) -> None:
        super().__init__(required=bool(missing), error_messages={"required": missing}, **kwargs)


class Choice(forms.ChoiceField):
    """One of a list. ``missing`` says what to choose."""

    def __init__(self, *, missing: str, **kwargs: Any) -> None:
        told = {"required": missing, "invalid_choice": missing}
        super().__init__(error_messages=told, **kwargs)


class Day(forms.DateField):
    """A day within the years that a calendar of ours may name. ``missing`` says what the day is for."""

    def __init__(self, *, missing: str = "", **kwargs: Any) -> None:
        super().__init__(
            required=bool(missing),
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            error_messages={"required": missing, "invalid": DAY_WORDS},
            validators=[MinValueValidator(FIRST_DAY, RANGE_WORDS), MaxValueValidator(LAST_DAY, RANGE_WORDS)],
            **kwargs,
        )


class Slug(forms.CharField):
    """The short name in addresses: small letters, digits, hyphens; chosen once."""

    def __init__(self, *, max_length: int) -> None:
        super().__init__(
            label="Short name for addresses",
            max_length=max_length,
            help_text="Small letters, digits and hyphens, for example rate-desk. It is chosen once: links and clients use it.",
            error_messages={"required": "Choose a short name, for example rate-desk."},
            validators=[
                RegexValidator(
                    r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", "Use small letters, digits and single hyphens, like rate-desk."
                )
            ],
        )

    def clean(self, value: Any) -> str:
        """A slug that none of our own addresses has."""
        slug: str = super().clean(value)
        if slug in RESERVED:
            raise forms.ValidationError(f"'{slug}' is the address of a page of ours. Choose another short name.")
        return slug


class Colleague(forms.CharField):
    """Somebody who is here, by mail address or whole name."""

    def __init__(self, *, label: str) -> None:
        super().__init__(
            label=label,
            max_length=254,
            help_text="Their mail address, or their whole name. People lists everybody.",
            error_messages={"required": "Name a colleague by mail address or whole name."},
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def clean(self, value: Any) -> User | None:
        """The one person that the text means; None for no text, where that is allowed."""
        text: str = super().clean(value)
        if not text:
            return None
        found = colleagues_called(text)
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(f"Nobody here is called “{text}”. Look under People, or use the mail address.")
        addresses = ", ".join(person.email for person in found)
        raise forms.ValidationError(f"Several people are called “{text}”. Use one of their addresses: {addresses}.")
