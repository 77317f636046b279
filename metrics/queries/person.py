"""One person's record across changes of role, as a frozen value: what was shipped, what came of it, what was done besides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from feedback.queries.allies import Thank, thanks_to
from metrics.access import may_write_about
from metrics.charts.record import Bar, Dot, Line, RecordPicture
from metrics.queries.contributions import ContributionRow, contributions_of, waiting_for
from metrics.queries.effects import axis_labels
from metrics.queries.periods import Period
from metrics.queries.person_notes import (
    LeadNoteShown,
    PackShown,
    TalkShown,
    lead_notes_of,
    newest_talk,
    packs_of,
    talk_shown,
)
from metrics.queries.person_pace import DutyPace, paces_of
from metrics.queries.person_words import duties_line, label_of, leads_of, seen_by, verdict_of
from metrics.queries.person_work import Duty, Shipped, Work, work_of
from metrics.queries.words import instant_text
from products.access import Actor, readable_people
from products.catalog.words import counted, listed
from products.models import User

AXIS = (-10.0, 10.0)


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What the person and his lead read, both the same. ``is_own`` where the reader is the person; ``may_judge`` for his lead."""

    number: int
    name: str
    line: str
    seen_by: str
    is_own: bool
    may_judge: bool
    period: str
    as_of: datetime
    verdict: str
    work: Work
    paces: tuple[DutyPace, ...]
    contributions: tuple[ContributionRow, ...]
    waiting: tuple[ContributionRow, ...]
    thanks: tuple[Thank, ...]
    talk: TalkShown | None
    lead_notes: tuple[LeadNoteShown, ...]
    packs: tuple[PackShown, ...]
    picture: RecordPicture

    @property
    def internal(self) -> str:
        """The head over what was done for the work of others: ``At Switchyard``; "" where no internal product was held."""
        return _at([one for one in self.work.duties if one.type == "I"])

    @property
    def external(self) -> str:
        """The same for what was done to KPIs."""
        return _at([one for one in self.work.duties if one.type == "E"])

    @property
    def shipped(self) -> tuple[Shipped, ...]:
        """What was shipped, the newest first."""
        return self.work.shipped[::-1]

    @property
    def shipped_title(self) -> str:
        """How much was shipped, as the panel's finding."""
        return f"{counted(len(self.work.shipped), 'release')} in {self.period}"

    @property
    def domain(self) -> tuple[float, float]:
        """The axis that all effects share."""
        return AXIS

    @property
    def labels(self) -> tuple[tuple[float, str], ...]:
        """The axis' words."""
        return axis_labels(AXIS)

    @property
    def as_of_text(self) -> str:
        """When the values were read."""
        return instant_text(self.as_of)


def person_asked(user: Actor, number: int, *, day: date) -> User | None:
    """Whose record is asked for, where the reader may read it. One statement."""
    return readable_people(user, day=day).filter(pk=number).first()


def person_record(user: Actor, person: User, *, period: Period, now: datetime) -> PersonRecord:
    """The record of ``person`` (``person_asked``). Twenty statements at most, at any number of releases."""
    day = now.date()
    start, end = period.instants
    work = work_of(user, person, period=period)
    contributions = contributions_of(user, person, period=period, day=day)
    leads = leads_of(person, day=day)
    is_own = isinstance(user, User) and user.pk == person.pk
    return PersonRecord(
        number=person.pk,
        name=person.name,
        line=duties_line(work.duties, leads),
        seen_by=seen_by(person.name, leads, is_own=is_own),
        is_own=is_own,
        may_judge=may_write_about(user, person, day=day),
        period=period.text,
        as_of=now,
        verdict=verdict_of(work, contributions),
        work=work,
        paces=paces_of(work.duties, now=now),
        contributions=contributions,
        waiting=waiting_for(person) if is_own else (),
        thanks=tuple(thanks_to(person, start=start, end=end)),
        talk=talk_shown(newest_talk(user, person, day=day)),
        lead_notes=lead_notes_of(user, person, period=period, day=day),
        packs=packs_of(user, person, day=day),
        picture=_picture(work, contributions, period, day),
    )


def _at(duties: Sequence[Duty]) -> str:
    return f"At {listed(list(dict.fromkeys(one.name for one in duties)))}" if duties else ""


def _picture(work: Work, contributions: Sequence[ContributionRow], period: Period, today: date) -> RecordPicture:
    last = max(min(period.end, today), period.start)
    bars = [Bar(one.name, one.type, one.first, min(one.last, last)) for one in work.duties if one.first < last]
    dots = [Dot(one.live_on, one.title, one.words, one.mark) for one in work.shipped]
    lines = [
        Line(one.what, max(one.first, period.start), min(one.last or last, last))
        for one in sorted(contributions, key=lambda one: (one.first, one.number))
    ]
    return RecordPicture(period.start, period.end, bars, dots, lines, label_of(work, contributions, period.text))
