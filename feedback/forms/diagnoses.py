"""Forms around a diagnosis: the four questions, choosing another, taking entries in, deciding, and noting who was told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django import forms

from feedback.models import Channel, Decision, Diagnosis
from feedback.queries.diagnosing import NEW, QUESTIONS, Answers, Candidate
from feedback.services.diagnoses import REQUIRED
from products.forms.fields import Choice, EditForm

HINTS = {
    "trying_to": "The job, not the button: what would be done when it works?",
    "in_the_way": "What happens instead, and what does it cost them?",
    "known_from": "Name a person, or link a recording or ticket.",
    "solved_when": "A KPI or a thing you would see.",
}
SAVE, DONE, ASK, PARK, BOTH = "save", "done", "ask", "park", "both"
KEY = re.compile(r"\A\s*(?:FB-)?([0-9]{1,18})\s*\Z", re.IGNORECASE)
MOST_TAKEN = 100
TOLD_BY = (Channel.CHAT, Channel.MAIL, Channel.CALL, Channel.MEETING, Channel.ACCOUNT_MANAGER, Channel.TICKET)


class Long(forms.CharField):
    """Text in as many lines as it needs, 2,000 characters unless told. The browser cuts nothing off: we say it is too long."""

    def __init__(self, *, label: str, help_text: str = "", rows: int = 2, missing: str = "", most: int = 2000) -> None:
        too_long = f"Shorten it to {most:,} characters; it has %(show_value)d."
        super().__init__(
            label=label,
            help_text=help_text,
            max_length=most,
            required=bool(missing),
            error_messages={"max_length": too_long, "required": missing},
            widget=forms.Textarea(attrs={"rows": rows, "class": "inp"}),
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Without ``maxlength``, which would cut a pasted text silently."""
        return {}

    def clean(self, value: Any) -> str:
        """Lines end as everywhere else."""
        text: str = super().clean(value.replace("\r\n", "\n") if isinstance(value, str) else value)
        return text


class AnswersForm(EditForm):
    """The four questions; ``then`` says what happens after saving."""

    then = forms.ChoiceField(
        choices=[(one, one) for one in (SAVE, DONE, ASK, PARK, BOTH)], required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, question in QUESTIONS:
            self.fields[name] = Long(label=question, help_text=HINTS[name])

    @classmethod
    def of(cls, answers: Answers, version: str, data: Any = None) -> "AnswersForm":
        """The form for a diagnosis as it stands."""
        return cls(data, initial={**asdict(answers), "version": version})

    def clean(self) -> dict[str, Any]:
        """Marking it diagnosed needs the first three, a draft at least one."""
        given: dict[str, Any] = super().clean() or {}
        is_empty = not any(given.get(name) for name, _ in QUESTIONS)
        if given.get("then") in ("", SAVE) and given.get("version") == NEW and is_empty and not self.errors:
            raise forms.ValidationError("Answer one of the questions first; the others can wait.")
        if given.get("then") == DONE:
            for name, words in REQUIRED.items():
                if name in given and not given[name]:
                    self.add_error(name, f"Say {words}: it is needed to mark it diagnosed.")
        return given

    @staticmethod
    def answers_in(given: Mapping[str, Any], stored: Answers) -> Answers:
        """What was typed, out of cleaned data; beside what is ``stored`` where both shall be kept."""
        typed = Answers(**{name: given[name] for name, _ in QUESTIONS})
        return stored.beside(typed) if given["then"] == BOTH else typed


class ThisIsForm(forms.Form):
    """Which existing diagnosis the entry belongs to."""

    to = forms.TypedChoiceField(
        coerce=int,
        error_messages={
            "required": "Choose the diagnosis that says it.",
            "invalid_choice": "Choose one from the list; only diagnoses of the same product fit.",
        },
    )

    def __init__(self, *args: Any, candidates: Sequence[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", "Choose…"), *[(one.number, one.text) for one in candidates]]  # type: ignore[attr-defined]


class TakeInForm(forms.Form):
    """Which open entries the diagnosis covers too: ticked ones, and one by its key."""

    entries = forms.TypedMultipleChoiceField(coerce=int, required=False)
    key = forms.CharField(label="Another entry by its key", max_length=30, required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        # Whatever is a number may be asked for; who may work on it is the view's question.
        sent = data.getlist("entries")[:MOST_TAKEN]
        self.fields["entries"].choices = [(one, one) for one in sent if KEY.match(one)]  # type: ignore[attr-defined]
        self.fields["entries"].error_messages["invalid_choice"] = "Tick entries of the list."

    def clean_key(self) -> int | None:
        """The number in FB-402, or None where nothing was typed."""
        text = self.cleaned_data["key"]
        found = KEY.match(text)
        if text and found is None:
            raise forms.ValidationError("Write the key like FB-402.")
        return int(found[1]) if found else None

    def clean(self) -> dict[str, Any]:
        """At least one."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.numbers():
            raise forms.ValidationError("Tick an entry, or write the key of one.")
        return given

    def numbers(self) -> list[int]:
        """Every entry that was named."""
        key = self.cleaned_data.get("key")
        return [*self.cleaned_data.get("entries", []), *([] if key is None else [key])]

    def ticked(self) -> list[int]:
        """What was ticked, for showing it again."""
        return [int(value) for value, _ in self.fields["entries"].choices]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Option:
    """A radio button: what it is, and in a few words what it means."""

    value: str
    text: str
    note: str
    is_refused: bool = False


DECISIONS = (
    Option(Decision.BUILD.value, "Build", "something is made for it"),
    Option(Decision.WATCH.value, "Watch", "nothing is made yet; it stays in sight"),
    Option(Decision.DECLINE.value, "Decline", "nothing is made, and those who spoke hear why"),
)


class DecisionForm(EditForm):
    """Build, watch, decline, or open again."""

    decision = Choice(missing="Choose what becomes of it.", label="What becomes of it?")
    reason = Long(label="Why?", help_text="Needed to watch or decline. Those who spoke are told these words.", rows=3)

    def __init__(self, *args: Any, is_done: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options = [one for one in DECISIONS if is_done or one.value != Decision.BUILD]
        self.fields["decision"].choices = [(one.value, one.text) for one in self.options]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, row: Diagnosis, data: Any = None) -> "DecisionForm":
        """The form for what is decided now."""
        held = {"decision": row.decision, "reason": row.reason, "version": str(row.revision)}
        return cls(data, initial=held, is_done=row.diagnosed_at is not None)

    def clean(self) -> dict[str, Any]:
        """Watching and declining are told with a reason."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("decision") in (Decision.WATCH, Decision.DECLINE) and not given.get("reason"):
            self.add_error("reason", "Say why. Those who spoke are told these words.")
        return given


class ReopenForm(EditForm):
    """Nothing to fill in: the page says what it means."""


class ToldForm(forms.Form):
    """That somebody was told, and how."""

    voice = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    channel = forms.ChoiceField(choices=[(one.value, one.label) for one in TOLD_BY])
