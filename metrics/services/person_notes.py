"""Write down what a person wants to talk about, and what his lead makes of a quarter: always a new row, the older ones stay."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from metrics.catalog.quarters import Quarter
from metrics.models import LeadNote, TalkNote
from pmtrack.web.conflicts import Conflict
from products.access import led_people
from products.models import User
from products.queries.edits import ago


@dataclass(frozen=True, slots=True)
class Talk:
    """The next talk: when, and what it should be about."""

    talk_on: date | None
    going_well: str
    in_the_way: str
    to_try: str


class NotTheirLead(Exception):
    """Not a lead of the person today."""


class QuarterAhead(Exception):
    """The quarter has not begun."""


class WrittenMeanwhile(Conflict):
    """Somebody wrote another version after the form was opened; the message says who and when. Nothing was stored."""


@transaction.atomic
def write_talk(*, talk: Talk, by: User, now: datetime) -> TalkNote:
    """Write one's own notes for the next talk; the same words again write nothing."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    newest = TalkNote.objects.filter(person=by).order_by("-pk").first()
    words = asdict(talk)
    if newest is not None and all(getattr(newest, name) == value for name, value in words.items()):
        return newest
    return TalkNote.objects.create(person=by, written_at=now, **words)


@transaction.atomic
def write_lead_note(
    *, person: User, quarter: Quarter, text: str, by: User, now: datetime, standing: int | None = None
) -> LeadNote:
    """Write the next version about a person's quarter; the same words again write none.

    ``standing`` is the version on the form's page (0: none). Raises ``NotTheirLead``, ``QuarterAhead`` and ``WrittenMeanwhile``;
    then nothing is stored.
    """
    if not led_people(by, day=now.date()).filter(pk=person.pk).exists():
        raise NotTheirLead(f"Only a lead of {person.name} writes this, for as long as he leads.")
    if quarter.start > now.date():
        raise QuarterAhead(f"The {quarter.text} has not begun.")
    User.objects.select_for_update(no_key=True).get(pk=person.pk)  # those who write about one person take turns
    rows = LeadNote.objects.filter(person=person, quarter=quarter.start).select_related("written_by")
    newest = rows.order_by("-version").first()
    version = newest.version if newest else 0
    if newest is not None and standing is not None and standing != version:
        raise WrittenMeanwhile(
            f"{newest.written_by.name} wrote version {version} {ago(newest.written_at, now=now)}. Nothing was stored yet."
        )
    if newest is not None and newest.text == text:
        return newest
    return LeadNote.objects.create(
        person=person, quarter=quarter.start, version=version + 1, text=text, written_by=by, written_at=now
    )
