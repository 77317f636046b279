"""Forms that ask who said it: a colleague, or a customer through one of us."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from feedback.queries.sources import Source, Sources

LONGEST_HOURS = Decimal("744")
MOST_PEOPLE = 2**31 - 1


class SpeakerForm(forms.Form):
    """Who said it. ``find_sources`` looks up what was typed without script; ``found`` are those whom it may mean."""

    ids: ClassVar = "vo"  # the fields' ids in the page begin with it
    said_by = forms.CharField(max_length=200, required=False)
    source = forms.CharField(max_length=30, required=False)
    via = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "Choose the colleague through whom the customer spoke."}
    )

    def __init__(
        self, *args: Any, vias: Sequence[tuple[int, str]] = (), find_sources: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, auto_id=f"{self.ids}-%s", **kwargs)
        self.find_sources = find_sources
        self.fields["via"].choices = [("", "Nobody"), *[(str(number), name) for number, name in vias]]  # type: ignore[attr-defined]
        self.found: Sources | None = None

    def clean(self) -> dict[str, Any]:
        """Who said it: chosen from the list, or the only one whom the typed name fits."""
        given = super().clean() or {}
        if self.find_sources is None or "said_by" not in given:
            return given
        try:
            given["speaker"] = self._speaker(given.get("source", ""), given["said_by"].strip())
        except forms.ValidationError as problem:
            self.add_error("said_by", problem)
            return given
        speaker: Source | None = given["speaker"]
        if speaker and speaker.value.startswith("a") and not given.get("via") and "via" in given:
            if speaker.via is None:
                self.add_error("via", f"Choose the colleague through whom {speaker.name} spoke.")
            given["via"] = str(speaker.via or "")
        return given

    def _speaker(self, value: str, typed: str) -> Source | None:
        """Raises ``ValidationError`` where nobody or more than one is meant."""
        chosen, self.found = self.find_sources(value, typed)
        if value and chosen is None:
            raise forms.ValidationError("Whom you chose cannot be named here. Choose again, or leave it empty.")
        if chosen is not None or not typed:
            return chosen  # type: ignore[no-any-return]
        exact = [one for one in self.found.all if typed.casefold() in (one.name.casefold(), one.label.casefold())]
        fitting = exact or list(self.found.all)
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            raise forms.ValidationError(
                f"Nobody whom you may name is called “{typed}”. Choose a colleague or a customer, or leave it empty."
            )
        raise forms.ValidationError(f"“{typed}” may be {len(fitting)} people or customers. Choose one of them.")


class VoiceForm(SpeakerForm):
    """One more who said what an entry says, and how much it costs them."""

    people = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_PEOPLE,
        error_messages={
            "invalid": "Write a whole number of people, like 12.",
            "min_value": "Write 1 or more, or leave it empty.",
            "max_value": "Write how many people it is, or leave it empty.",
        },
    )
    hours = forms.DecimalField(
        required=False,
        min_value=0,
        max_value=LONGEST_HOURS,
        decimal_places=2,
        error_messages={
            "invalid": "Write hours like 1.5.",
            "min_value": "Write 0 or more, or leave it empty.",
            "max_value": "A month has 744 hours. Write what each person loses.",
            "max_decimal_places": "Write hours with two decimals at most.",
        },
    )

    def clean(self) -> dict[str, Any]:
        """Somebody has to be named here."""
        given = super().clean()
        if "speaker" in given and given["speaker"] is None:
            self.add_error("said_by", "Write the name of a colleague or of a customer.")
        return given
