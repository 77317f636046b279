"""What an account told one of ours about being contacted."""

from typing import Any

from django import forms
from django.http import QueryDict

from feedback.models import Account, Consent
from feedback.services.consent import CONSENT_COLUMNS
from products.forms.fields import Choice, Colleague, EditForm
from products.models import User
from products.queries.edits import version_of

THROUGH = "Name the colleague through whom we may contact them: their mail address or whole name."


class Through(Colleague):
    """A colleague, or nobody."""

    def __init__(self) -> None:
        super().__init__(label="Through whom")
        self.required = False
        self.help_text = "The colleague who heard it, by mail address or whole name. Needed for a yes."

    def clean(self, value: Any) -> User | None:  # type: ignore[override]
        """The one person that the text means, None for an empty field."""
        return super().clean(value) if str(value or "").strip() else None


class ConsentForm(EditForm):
    """The answer, and who heard it."""

    consent = Choice(
        label="May we contact them about what they said?",
        choices=Consent.choices,
        missing="Choose one of the answers.",
    )
    via = Through()

    @classmethod
    def of(cls, account: Account, data: QueryDict | None) -> "ConsentForm":
        """The form as the account stands, or with what was typed."""
        via = account.consent_via or account.manager
        version = version_of(account, CONSENT_COLUMNS)
        return cls(data, initial={"consent": account.consent, "via": via.email if via else "", "version": version})

    def clean(self) -> dict[str, Any]:
        """A yes names somebody of ours."""
        given = self.cleaned_data
        if given.get("consent") == Consent.YES and "via" in given and given["via"] is None:
            self.add_error("via", forms.ValidationError(THROUGH))
        return given
