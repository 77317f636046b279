"""What people did outside the products, with who confirms it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Prefetch, QuerySet

from metrics.access import visible_contributions
from metrics.models import Contribution, ContributionAnswer, ContributionAsk
from metrics.queries.periods import Period
from metrics.queries.words import short_day
from products.access import Actor
from products.catalog.words import counted, listed
from products.models import User

MOST_ROWS = 100
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A colleague who is asked, and what he says; ``answer`` is "" while he says nothing."""

    name: str
    answer: str
    answer_text: str
    words: str
    when: str


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """One contribution. ``grade`` is confirmed from the first colleague on who confirms it, else claimed."""

    number: int
    key: str
    person: str
    kind: str
    what: str
    first: date
    last: date | None
    when: str
    grade: str
    asked: tuple[Asked, ...]
    is_withdrawn: bool

    @property
    def who(self) -> str:
        """``by Ines Okafor and Tom Li``; who is asked; or that nobody is."""
        named = [one.name for one in self.asked if one.answer == ContributionAnswer.CONFIRMED]
        if named:
            return f"by {listed(named)}"
        waiting = [one.name for one in self.asked if not one.answer]
        if waiting:
            return f"{listed(waiting)} {'is' if len(waiting) == 1 else 'are'} asked"
        return "nobody could confirm it yet" if self.asked else "nobody is asked"


def contributions_of(user: Actor, person: User, *, period: Period, day: date) -> tuple[ContributionRow, ...]:
    """What ``person`` did in the period, the newest first. Two statements."""
    rows = visible_contributions(user, day=day).filter(person=person, withdrawn_at__isnull=True)
    inside = rows.filter(period__overlap=DateRange(period.start, period.end))
    return tuple(_row(one) for one in _named(inside).order_by("-period", "-pk")[:MOST_ROWS])


def contribution_asked(user: Actor, number: int, *, day: date) -> Contribution | None:
    """The contribution with this number, where the reader may see it. Two statements."""
    return _named(visible_contributions(user, day=day)).filter(pk=number).first()


def contribution_row(row: Contribution, *, only: User | None = None) -> ContributionRow:
    """One contribution in words; ``only`` leaves out what others are asked and say. No statement."""
    return _row(row, only)


def waiting_for(user: User) -> tuple[ContributionRow, ...]:
    """What the reader is asked to confirm, the oldest first. Two statements."""
    asks = ContributionAsk.objects.filter(asked=user, answer="", contribution__withdrawn_at__isnull=True)
    rows = Contribution.objects.filter(pk__in=asks.values("contribution"))
    return tuple(_row(one) for one in _named(rows).order_by("pk")[:MOST_ROWS])


def confirmed_text(rows: Sequence[ContributionRow]) -> str:
    """``3 of 4 confirmed``."""
    backed = sum(one.grade == "confirmed" for one in rows)
    return f"{backed} of {counted(len(rows), 'contribution')} confirmed" if rows else "nothing added"


def _named(rows: QuerySet[Contribution]) -> QuerySet[Contribution]:
    asks = ContributionAsk.objects.select_related("asked").order_by("pk")
    return rows.select_related("person").prefetch_related(Prefetch("asks", queryset=asks, to_attr="held"))


def _row(row: Contribution, only: User | None = None) -> ContributionRow:
    held: list[ContributionAsk] = row.held  # type: ignore[attr-defined]
    confirmed = any(one.answer == ContributionAnswer.CONFIRMED for one in held)
    first, end = row.period.lower or date.min, row.period.upper
    return ContributionRow(
        number=row.pk,
        key=row.key,
        person=row.person.name,
        kind=str(row.get_kind_display()),
        what=row.what,
        first=first,
        last=end,
        when=_when(first, end),
        grade="confirmed" if confirmed else "claimed",
        asked=tuple(_asked(one) for one in held if only is None or one.asked_id == only.pk),
        is_withdrawn=row.withdrawn_at is not None,
    )


def _asked(one: ContributionAsk) -> Asked:
    text = str(one.get_answer_display()) if one.answer else "asked"
    return Asked(one.asked.name, one.answer, text, one.words, short_day((one.answered_at or one.asked_at).date()))


def _when(first: date, end: date | None) -> str:
    """``since Nov 2025``, ``Feb 2026``, ``Feb 2026 to Apr 2026``."""
    if end is None:
        return f"since {first:%b %Y}"
    last = end - DAY
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%b %Y}"
    return f"{first:%b %Y} to {last:%b %Y}"
