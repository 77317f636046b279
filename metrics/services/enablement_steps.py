"""What every step of an enablement does: lock, check the figures, change the row, write the step down, tell who waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from metrics.models import (
    MOST_DAYS,
    MOST_LINKS,
    Enablement,
    EnablementDeed,
    EnablementKind,
    EnablementState,
    EnablementStep,
    Letter,
    LetterKind,
)
from metrics.queries.answerers import Work, stands_upstream
from metrics.queries.circles import MOST_UNBLOCKING_TEAMS, team_of, unblocking_teams
from metrics.services.enabling_refusals import BadDays, BadLink, MayNotAnswer, TooManyUnblocked
from products.models import Feature, User

ANSWER_WITHIN = timedelta(days=14)
TENTH = Decimal("0.1")
LONGEST_LINK = 1000


@dataclass(frozen=True, slots=True)
class HelpFigures:
    """How it helped, and how many working days it saved, from ``low`` to ``high``; neither where nobody counted."""

    kind: EnablementKind
    low: Decimal | None = None
    high: Decimal | None = None


def checked(figures: HelpFigures) -> HelpFigures:
    """The figures in tenths of a day; one number alone is both ends. Raises ``BadDays``."""
    low = figures.low if figures.low is not None else figures.high
    high = figures.high if figures.high is not None else figures.low
    if low is None or high is None:
        return figures
    if not (low.is_finite() and high.is_finite()):
        raise BadDays("Write the days as numbers like 4 or 2.5.")
    if low < 0 or high < 0:
        raise BadDays("Days saved are not negative. If it cost time, dispute it and say so.")
    if low > high:
        raise BadDays(f"The range is reversed: write {_plain(high)} to {_plain(low)}.")
    if high > MOST_DAYS:
        raise BadDays(f"At most {MOST_DAYS} working days count: what takes longer would not have happened without it.")
    return HelpFigures(figures.kind, low.quantize(TENTH), high.quantize(TENTH))


def checked_links(links: Sequence[str]) -> list[str]:
    """Web addresses, each once. Raises ``BadLink``."""
    found = list(dict.fromkeys(link.strip() for link in links if link.strip()))
    if len(found) > MOST_LINKS:
        raise BadLink(f"At most {MOST_LINKS} links: keep those that show it best.")
    for link in found:
        try:
            URLValidator(schemes=["https", "http"])(link)
        except ValidationError:
            raise BadLink(
                f"“{link[:80]}” is no web address. Write it whole, like https://wiki.example.com/page."
            ) from None
        if len(link) > LONGEST_LINK:
            raise BadLink(f"A link has at most {LONGEST_LINK} characters.")
    return found


def locked(enablement: Enablement) -> Enablement:
    """The row with what its steps need, locked against everybody else who acts on it."""
    related = ("upstream_product", "upstream_release", "feature", "downstream_product", "downstream_team")
    rows = Enablement.objects.select_for_update(of=("self",))
    held: Enablement = rows.select_related(*related, "asked", "claimed_by", "thanked_by", "answered_by").get(
        pk=enablement.pk
    )
    return held


def work_of(row: Enablement) -> Work:
    """What the enablement says was helped."""
    return Work(row.feature, row.work, row.downstream_product, row.downstream_team)


def refuse_who_may_not(person: User, row: Enablement, *, now: datetime) -> None:
    """Raise ``MayNotAnswer`` for whoever claimed it, stood for what helped, or has left."""
    if not person.is_active:
        raise MayNotAnswer(f"{person.name} has left. Name somebody who is here.")
    if person.pk == row.claimed_by_id:
        raise MayNotAnswer("Nobody confirms their own claim. Name somebody who did the helped work.")
    product, release = row.upstream_product, row.upstream_release
    if stands_upstream(person, product=product, release=release, made=row.made_at, answered=now):
        raise MayNotAnswer(
            f"{person.name} answered for {product.name} then or since, and nobody confirms their own work, "
            "not even after a change of roles. Name somebody else who did the helped work."
        )


def refuse_fifth_unblocker(row: Enablement) -> None:
    """Raise ``TooManyUnblocked`` where four other teams unblocked the same feature. The feature is held until the end."""
    if row.feature_id is None or row.kind != EnablementKind.UNBLOCKED:
        return
    Feature.objects.select_for_update(no_key=True).get(pk=row.feature_id)
    others = unblocking_teams(row)
    if team_of(row) not in others and len(others) >= MOST_UNBLOCKING_TEAMS:
        told = ", ".join(f"{name} ({key})" for name, key in others.items())
        raise TooManyUnblocked(
            f"{MOST_UNBLOCKING_TEAMS} teams are named as having removed a wait for this work already: {told}. "
            "Name those that mattered most: say that this one made it faster, or open one of the others again."
        )


def ask(row: Enablement, person: User, *, now: datetime) -> None:
    """Put the question to ``person`` and send it; the row is saved by ``step``."""
    row.asked, row.asked_at, row.expires_at = person, now, now + ANSWER_WITHIN
    send(row, person, LetterKind.QUESTION, now=now)


def nobody_is_asked(row: Enablement) -> None:
    """The question is over; the row is saved by ``step``."""
    row.asked = row.asked_at = row.expires_at = None


def step(
    row: Enablement,
    deed: EnablementDeed,
    *,
    by: User | None,
    now: datetime,
    state: EnablementState | None = None,
    words: str = "",
    to: User | None = None,
) -> EnablementStep:
    """Save the row as it now is, in ``state`` where one is told, and write the step down."""
    before = EnablementState(row.state)
    row.state = state or before
    row.revision += 1
    row.save(update_fields=[
        "kind", "days_low", "days_high", "asked", "asked_at", "expires_at", "state", "answered_by", "answered_at",
        "revision",
    ])  # fmt: skip
    return write_down(row, deed, by=by, now=now, before=before, words=words, to=to)


def write_down(row: Enablement, deed: EnablementDeed, *, before: str, **told: Any) -> EnablementStep:
    """The step alone, with the figures and the state that stand."""
    by, now, words, to = told["by"], told["now"], told.get("words", ""), told.get("to")
    figures = {"kind": row.kind, "days_low": row.days_low, "days_high": row.days_high}
    return EnablementStep.objects.create(
        enablement=row, deed=deed, by=by, at=now, from_state=before, to_state=row.state, to=to, words=words, **figures
    )


def send(row: Enablement, to: User, kind: LetterKind, *, now: datetime) -> None:
    """Leave a letter for the worker to send."""
    Letter.objects.create(enablement=row, to=to, kind=kind, queued_at=now, due_at=now)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
