"""The notes between a person and his lead, as the record shows them."""

from dataclasses import dataclass
from datetime import date

from metrics.access import visible_lead_notes, visible_review_packs, visible_talk_notes
from metrics.catalog.quarters import Quarter, quarter_of
from metrics.models import LeadNote, TalkNote
from metrics.queries.periods import Period
from metrics.queries.words import day_text, instant_text
from products.access import Actor
from products.models import User

MOST_ROWS, MOST_PACKS = 60, 12


@dataclass(frozen=True, slots=True)
class TalkShown:
    """What stands for the next talk."""

    when: str
    going_well: str
    in_the_way: str
    to_try: str
    written_text: str


@dataclass(frozen=True, slots=True)
class LeadNoteShown:
    """A lead's note about a quarter: the newest version, and how many were before it."""

    quarter: str
    name: str
    text: str
    by: str
    at_text: str
    version: int


@dataclass(frozen=True, slots=True)
class PackShown:
    """A frozen pack as the record lists it."""

    number: int
    period: str
    by: str
    at_text: str
    digest: str


def newest_talk(user: Actor, person: User, *, day: date) -> TalkNote | None:
    """The notes that stand, for whoever may read them. One statement."""
    return visible_talk_notes(user, day=day).filter(person=person).order_by("-pk").first()


def talk_shown(row: TalkNote | None) -> TalkShown | None:
    """The notes in words; None where nothing is written."""
    if row is None or not (row.going_well or row.in_the_way or row.to_try or row.talk_on):
        return None
    when = day_text(row.talk_on) if row.talk_on else ""
    return TalkShown(when, row.going_well, row.in_the_way, row.to_try, instant_text(row.written_at))


def newest_lead_note(user: Actor, person: User, quarter: Quarter, *, day: date) -> LeadNote | None:
    """The version that stands. One statement."""
    rows = visible_lead_notes(user, day=day).filter(person=person, quarter=quarter.start)
    return rows.order_by("-version").first()


def lead_notes_of(user: Actor, person: User, *, period: Period, day: date) -> tuple[LeadNoteShown, ...]:
    """The newest version about each quarter that the period touches, the newest quarter first. One statement."""
    inside = {"quarter__gte": quarter_of(period.start).start, "quarter__lt": period.end}
    rows = visible_lead_notes(user, day=day).filter(person=person, **inside).select_related("written_by")
    newest = rows.order_by("-quarter", "-version").distinct("quarter")[:MOST_ROWS]
    return tuple(_note(one) for one in newest)


def packs_of(user: Actor, person: User, *, day: date) -> tuple[PackShown, ...]:
    """The newest packs, without their bodies. One statement."""
    rows = visible_review_packs(user, day=day).filter(person=person).select_related("made_by").defer("body")
    return tuple(
        PackShown(one.pk, pack_period(one.since, one.until), one.made_by.name, instant_text(one.made_at), one.digest)
        for one in rows.order_by("-pk")[:MOST_PACKS]
    )


def pack_period(since: date, until: date) -> str:
    """``1 September 2025 to 31 October 2026``."""
    return f"{day_text(since)} to {day_text(date.fromordinal(until.toordinal() - 1))}"


def _note(row: LeadNote) -> LeadNoteShown:
    quarter = Quarter(row.quarter)
    return LeadNoteShown(
        quarter.text, quarter.name, row.text, row.written_by.name, instant_text(row.written_at), row.version
    )
