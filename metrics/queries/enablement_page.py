"""One enablement with its whole chain: who claimed, who was asked, what was answered when, and what would back it better."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from metrics.access import may_speak_for_helped, may_speak_for_helping, visible_enablements
from metrics.catalog.enabling_words import days_words, question_of, says_words
from metrics.models import ANSWERED, Enablement, EnablementDeed, EnablementState, EnablementStep
from metrics.queries.enablement_rows import EnablementRow, named, row_of
from metrics.queries.enabling_names import helper_name, work_name
from metrics.queries.prepared import rows_of
from metrics.queries.words import day_text, instant_text
from products.access import Actor
from products.catalog.words import sentence

BETTER = {
    "claimed": "An answer of somebody who did the helped work would make it Confirmed.",
    "confirmed": "Usage records would make it Measured: that the helped team took the product up after this and before its work went live.",
    "adjusted": "Usage records would make it Measured: that the helped team took the product up after this and before its work went live.",
    "measured": "Nothing: it is confirmed by those who were helped, and usage records show that they took it up before their work went live.",
    "disputed": "Those who were asked say no, so it counts for nothing. Evidence is a reason to open it again.",
    "expired": "Nobody answered in two weeks, so it counts for nothing. Ask again, or ask somebody else.",
    "withdrawn": "It was taken back and counts for nothing.",
}


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One step as people read it: who did what, when, what stood after it, and in what words."""

    who: str
    what: str
    at: str
    figures: str
    changed: bool
    words: str


@dataclass(frozen=True, slots=True)
class EnablementPage:
    """What the page shows, and what its reader may do. ``asked`` says that the reader is the one who is asked."""

    row: EnablementRow
    verdict: str
    question: str
    statement: str
    evidence: tuple[str, ...]
    chain: tuple[ChainStep, ...]
    better: str
    both_sides: str
    rolled_back: bool
    asked_name: str
    until: str
    asked: bool
    may_ask: bool
    may_reopen: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody is asked: enough for the one screen on which it is answered."""

    number: int
    key: str
    question: str
    by: str
    says: str
    statement: str
    evidence: tuple[str, ...]
    work: str
    owner: str
    helper: str
    kind: str
    low: str
    high: str
    asked_text: str
    until: str
    revision: int


def enablement_page(user: Actor, number: int, *, now: datetime) -> EnablementPage | None:
    """E-``number``, or None where there is none. A constant number of statements."""
    row = named(visible_enablements(user)).filter(pk=number).first()
    if row is None:
        return None
    day = now.date()
    helping = may_speak_for_helping(user, row.upstream_product, day=day)
    helped = may_speak_for_helped(user, product=row.downstream_product, team=row.downstream_team, day=day)
    helped = helped or user.pk in {row.answered_by_id, row.asked_id}
    own = helping if row.claimed_by_id else helped and user.pk == row.thanked_by_id
    steps = EnablementStep.objects.filter(enablement=row).select_related("by", "to").order_by("pk")
    return EnablementPage(
        row=row_of(row),
        verdict=_verdict(row),
        question=question_of(helper_name(row), work_name(row)),
        statement=row.statement,
        evidence=tuple(row.evidence),
        chain=tuple(_chain(steps)),
        better=BETTER[row.state],
        both_sides=_both_sides(row, now),
        rolled_back=bool(row.upstream_release and row.upstream_release.state == "rolled_back"),
        asked_name=row.asked.name if row.asked else "",
        until=day_text(row.expires_at.date()) if row.expires_at else "",
        asked=row.asked_id is not None and row.asked_id == user.pk,
        may_ask=own and row.asked_id is None and row.state in (EnablementState.CLAIMED, EnablementState.EXPIRED),
        may_reopen=(helping or helped) and row.state in ANSWERED,
        may_withdraw=own and row.state != EnablementState.WITHDRAWN,
    )


def question_to(row: Enablement) -> Question:
    """The question as it stands; the row needs its names (``named``)."""
    shown = row_of(row)
    return Question(
        number=row.pk,
        key=row.key,
        question=question_of(helper_name(row), work_name(row)),
        by=str(row.claimed_by or row.thanked_by),
        says=says_words(row.kind, row.days_low, row.days_high),
        statement=row.statement,
        evidence=tuple(row.evidence),
        work=shown.work,
        owner=shown.owner,
        helper=helper_name(row),
        kind=row.kind,
        low="" if row.days_low is None else f"{row.days_low.normalize():f}",
        high="" if row.days_high is None else f"{row.days_high.normalize():f}",
        asked_text=day_text(row.asked_at.date()) if row.asked_at else "",
        until=day_text(row.expires_at.date()) if row.expires_at else "",
        revision=row.revision,
    )


IS_ASKED = "SELECT 1 FROM metrics_enablement WHERE asked_id = %(reader)s AND expires_at > %(now)s LIMIT 1"


def questions_for(user: Actor, *, now: datetime) -> tuple[Question, ...]:
    """What waits for the reader's answer, the oldest first. One short statement, and a second where something waits.

    Every impact page asks, and there is mostly nothing: making the long statement would cost it a tenth of its time.
    """
    if not rows_of(IS_ASKED, {"reader": user.pk or 0, "now": now}):
        return ()
    waiting = visible_enablements(user).filter(asked_id=user.pk or 0, expires_at__gt=now).order_by("asked_at", "pk")
    return tuple(question_to(row) for row in named(waiting)[:50])


def _verdict(row: Enablement) -> str:
    helper, work, says = helper_name(row), work_name(row), says_words(row.kind, row.days_low, row.days_high)
    match row.state:
        case EnablementState.MEASURED:
            return f"{helper} helped with {work}: it {says}. {row.answered_by} says so, and usage records show it taken up before."
        case EnablementState.CONFIRMED | EnablementState.ADJUSTED:
            return f"{helper} helped with {work}: it {says}. {row.answered_by} says so, who was helped."
        case EnablementState.DISPUTED:
            return f"{row.answered_by} says that {helper} did not help with {work}. It counts for nothing."
        case EnablementState.WITHDRAWN:
            return f"That {helper} helped with {work} was said and taken back."
        case EnablementState.EXPIRED:
            return f"{_claim(row)} Whoever was asked did not answer in time."
    asked = f"{row.asked} is asked." if row.asked else "Nobody is asked about it now."
    return f"{_claim(row)} {asked}"


def _claim(row: Enablement) -> str:
    says = says_words(row.kind, row.days_low, row.days_high)
    return f"{row.claimed_by or row.thanked_by} says that {helper_name(row)} helped with {work_name(row)}: it {says}."


def _both_sides(row: Enablement, now: datetime) -> str:
    """Who answered and belongs to the helping side, too: allowed, and told. "" where nobody does."""
    person = row.answered_by
    if person is None or not may_speak_for_helping(person, row.upstream_product, day=now.date()):
        return ""
    return f"{person} belongs to both sides today: to this work and to those who may speak for {row.upstream_product.name}."


def _chain(steps: Iterable[EnablementStep]) -> Iterable[ChainStep]:
    before: tuple[object, ...] | None = None
    for one in steps:
        said = (one.kind, one.days_low, one.days_high)
        days = days_words(one.days_low, one.days_high)
        yield ChainStep(
            who=one.by.name if one.by else "pmtrack",
            what=_what(one),
            at=instant_text(one.at),
            figures=f"{one.get_kind_display()}, {days or 'no days given'}",
            changed=before is not None and said != before,
            words=one.words,
        )
        before = said


def _what(one: EnablementStep) -> str:
    deed = EnablementDeed(one.deed).label
    if one.deed == EnablementDeed.CLAIMED and one.to:
        return f"claimed it and asked {one.to}"
    if one.deed == EnablementDeed.REOPENED and one.to:
        return f"opened it again and asked {one.to}"
    if one.deed in {EnablementDeed.ASKED, EnablementDeed.REMINDED, EnablementDeed.HANDED_ON} and one.to:
        return f"{deed[0].lower()}{deed[1:]} {one.to}"
    if one.deed == EnablementDeed.EXPIRED:
        return "ended the question: no answer in time"
    return sentence(deed)[0].lower() + deed[1:]
