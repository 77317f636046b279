"""Forms in which a password is typed. Nothing typed there is ever sent back."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password

from products.forms.fields import SettingsForm
from products.models import User

TIP = "Three or four words that have nothing to do with each other are long and easy to keep in mind."


def _password(label: str, missing: str, autocomplete: str) -> forms.CharField:
    """Spaces count, at either end as well."""
    return forms.CharField(
        label=label,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        error_messages={"required": missing, "max_length": "Use at most 200 characters."},
    )


class SignInName(forms.TextInput):
    """Tells password managers whose password this is; people see it in words above."""

    is_hidden = True

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "username", "readonly": True, "hidden": True})


class NewPasswordForm(SettingsForm):
    """A password, twice, because nobody sees what he types."""

    username = forms.CharField(required=False, widget=SignInName)
    password = _password("New password", "Write the password that you choose.", "new-password")
    again = _password("New password, once more", "Write the same password once more.", "new-password")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.initial["username"] = person.email
        self.fields["password"].help_text = " ".join([*password_validators_help_texts(), TIP])

    def clean_password(self) -> str:
        """A password that passes the rules of this deployment."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password

    def clean(self) -> dict[str, Any]:
        """Both the same."""
        given = super().clean() or self.cleaned_data
        if "password" in given and "again" in given and given["password"] != given["again"]:
            self.add_error("again", "The two are not the same. Write both anew.")
        return given


class ChangePasswordForm(NewPasswordForm):
    """The same, by somebody who says first that it is him."""

    current = _password("Your password now", "Write the password with which you signed in.", "current-password")
    field_order = ("current", "password", "again")
