"""Forms to ask people and to note what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django import forms

from feedback.forms.diagnoses import Long, Option
from feedback.models import Account, Consent, Outreach
from feedback.queries.outreach import COLUMNS
from feedback.queries.speakers import CONSENT_WORDS, Speaker
from products.forms.fields import Colleague, EditForm, SettingsForm
from products.models import User
from products.queries.edits import version_of

COLLEAGUE = "colleague"
TIME_WORDS = "Write the day and time like 2026-06-15 14:30."
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]


class Moment(forms.DateTimeField):
    """A day and a time, in UTC."""

    def __init__(self, *, missing: str = "", **kwargs: Any) -> None:
        super().__init__(
            required=bool(missing),
            input_formats=FORMATS,
            widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
            error_messages={"required": missing, "invalid": TIME_WORDS},
            **kwargs,
        )


class Somebody(Colleague):
    """A colleague, or nobody where nothing is typed."""

    def clean(self, value: Any) -> User | None:
        """The one person that the text means, None for no text."""
        return super().clean(value) if str(value or "").strip() else None


class AskForm(SettingsForm):
    """Whom to ask what. The people and accounts that spoke are offered; any other colleague can be named."""

    whom = forms.ChoiceField(
        label="Whom do you ask?",
        error_messages={
            "required": "Choose whom you ask.",
            "invalid_choice": "Choose one of those offered, or name another colleague.",
        },
    )
    colleague = Somebody(label="Another colleague")
    via = Somebody(label="Ask the customer through")
    purpose = Long(
        label="What do you want to know?",
        help_text="One thing, in a sentence or two. It goes into the message.",
        rows=3,
        missing="Write what you want to know.",
        most=500,
    )

    def __init__(self, *args: Any, offered: Sequence[Speaker], customers: Sequence[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = [*_spoke(offered), *_others(customers, offered)]
        other = Option(COLLEAGUE, "Another colleague", "name them below")
        self.people.append(other)
        self.fields["whom"].choices = [(one.value, one.text) for one in self.people]  # type: ignore[attr-defined]
        self.fields["colleague"].required = self.fields["via"].required = False
        self.fields["colleague"].help_text = "Their mail address, or their whole name."
        self.fields["via"].help_text = "Only where it is somebody else than the one named above."
        if not self.has_customers:
            del self.fields["via"]

    @property
    def has_customers(self) -> bool:
        """Whether a customer can be chosen."""
        return any(one.value.startswith("account-") for one in self.people)

    def clean(self) -> dict[str, Any]:
        """Another colleague is named."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("whom") == COLLEAGUE and not given.get("colleague") and "colleague" not in self.errors:
            self.add_error("colleague", "Name the colleague by mail address or whole name.")
        return given


class TalkForm(EditForm):
    """A form about one question; ``version`` is the state it was made from."""

    @classmethod
    def of(cls, row: Outreach, data: Any = None) -> Self:
        """The form for a question as it stands."""
        return cls(data, initial={"outcome": row.outcome, "version": version_of(row, COLUMNS), **cls.when(row)})

    @staticmethod
    def when(row: Outreach) -> dict[str, datetime | None]:
        """The time that the form shows."""
        return {}


class HoldForm(TalkForm):
    """What was said, and when."""

    outcome = Long(
        label="What was said?",
        help_text="What they were trying to do, and what gets in the way. No names of people outside.",
        rows=4,
        missing="Write what was said; a few words are enough.",
    )
    at = Moment(label="When (UTC)", help_text="Leave it empty if it was just now.")

    @staticmethod
    def when(row: Outreach) -> dict[str, datetime | None]:
        """When it was held."""
        return {"at": row.held_at}


class BookForm(TalkForm):
    """When to talk."""

    at = Moment(label="When (UTC)", missing="Choose the day and the time.")

    @staticmethod
    def when(row: Outreach) -> dict[str, datetime | None]:
        """What was agreed before."""
        return {"at": row.booked_for}


class CallOffForm(SettingsForm):
    """Nothing to fill in."""


class ConsentForm(forms.Form):
    """What the customer said about being contacted."""

    consent = forms.ChoiceField(choices=[(Consent.YES.value, "Yes"), (Consent.NO.value, "No")])


def _spoke(offered: Sequence[Speaker]) -> list[Option]:
    return [
        Option(f"account-{one.account}", one.text, one.consent_text, one.consent == Consent.NO)
        if one.account is not None
        else Option(f"colleague-{one.colleague}", one.name, f"colleague in {one.team}" if one.team else "colleague")
        for one in offered
    ]


def _others(customers: Sequence[Account], offered: Sequence[Speaker]) -> list[Option]:
    named = {one.account for one in offered}
    return [
        Option(
            f"account-{one.pk}",
            f"{one.name} via {one.manager.name}" if one.manager else one.name,
            f"has not said it, {CONSENT_WORDS[Consent(one.consent)]}",
            one.consent == Consent.NO,
        )
        for one in customers
        if one.pk not in named
    ]
