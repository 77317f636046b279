"""Say whose work helped: claimed by those who helped, or thanked for by those who were helped; asked again, or withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from metrics.access import may_speak_for_helped, may_speak_for_helping
from metrics.models import ANSWERED, Enablement, EnablementDeed, EnablementState, LetterKind
from metrics.queries.answerers import Work, who_answers
from metrics.services.enablement_steps import (
    ANSWER_WITHIN,
    HelpFigures,
    ask,
    checked,
    checked_links,
    locked,
    nobody_is_asked,
    refuse_fifth_unblocker,
    refuse_who_may_not,
    send,
    step,
    work_of,
    write_down,
)
from metrics.services.enabling_refusals import (
    HelpsItself,
    MayNotAnswer,
    NobodyHasIt,
    NobodyToAsk,
    NotItsOwn,
    NotOpen,
    NotTheirs,
    NoWork,
    SaidAlready,
)
from products.models import Product, Release, User
from products.services.refusals import refusing


@dataclass(frozen=True, slots=True)
class Help:
    """Who helped what, how, and where that can be seen."""

    product: Product
    release: Release | None
    work: Work
    figures: HelpFigures
    statement: str = ""
    evidence: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """The enablement, and whether it is new: the same claim sent again is the one that is there."""

    enablement: Enablement
    is_new: bool


@transaction.atomic
def claim(*, help: Help, asked: User | None, by: User, now: datetime) -> Said:
    """Say that one's product helped, and ask somebody who did the helped work (found, unless ``asked`` is named).

    The same claim by the same person again changes nothing. Raises what ``_row`` raises, ``TooManyUnblocked``, ``NobodyToAsk``, ``MayNotAnswer``.
    """
    if not may_speak_for_helping(by, help.product, day=now.date()):
        raise NotTheirs(
            f"Only PMs and leads of {help.product.name} claim for it. Those who were helped may say thanks."
        )
    row = _row(help, now=now)
    row.claimed_by, row.state = by, EnablementState.CLAIMED
    if (same := _same(row)) is not None:
        return _said_before(same, row)
    refuse_fifth_unblocker(row)
    to = asked or who_answers(work_of(row), product=help.product, release=help.release, claimant=by, made=now, now=now)
    if to is None:
        raise NobodyToAsk("Nobody is known who did this work and may answer. Name the colleague to ask.")
    refuse_who_may_not(to, row, now=now)
    row.asked, row.asked_at, row.expires_at = to, now, now + ANSWER_WITHIN
    _insert(row)
    write_down(row, EnablementDeed.CLAIMED, before="", by=by, now=now, words=row.statement, to=to)
    send(row, to, LetterKind.QUESTION, now=now)
    return Said(row, True)


@transaction.atomic
def thank(*, help: Help, by: User, now: datetime) -> Said:
    """Say that another's product helped one's own work: born confirmed, since whoever was helped says so.

    Raises what ``_row`` raises, ``MayNotAnswer`` and ``NotTheirs``.
    """
    work = help.work
    if not may_speak_for_helped(by, product=work.product, team=work.team, day=now.date()):
        raise NotTheirs("Only those who did the helped work say thanks for it. Claim it if your product helped.")
    row = _row(help, now=now)
    refuse_who_may_not(by, row, now=now)
    row.thanked_by, row.state = by, EnablementState.CONFIRMED
    row.answered_by, row.answered_at = by, now
    if (same := _same(row)) is not None:
        return _said_before(same, row)
    refuse_fifth_unblocker(row)
    _insert(row)
    write_down(row, EnablementDeed.THANKED, before="", by=by, now=now, words=row.statement)
    return Said(row, True)


@transaction.atomic
def ask_again(*, enablement: Enablement, asked: User | None, by: User, now: datetime) -> Enablement:
    """Ask somebody (found, unless named) about a claim that nobody is asked about any more.

    Raises ``NotOpen``, ``NobodyToAsk``, ``MayNotAnswer``.
    """
    row = locked(enablement)
    if row.state not in (EnablementState.CLAIMED, EnablementState.EXPIRED) or row.asked_id is not None:
        raise NotOpen(_standing(row))
    to = asked or who_answers(
        work_of(row), product=row.upstream_product, release=row.upstream_release,
        claimant=row.claimed_by, made=row.made_at, now=now,
    )  # fmt: skip
    if to is None:
        raise NobodyToAsk("Nobody is known who did this work and may answer. Name the colleague to ask.")
    refuse_who_may_not(to, row, now=now)
    ask(row, to, now=now)
    step(row, EnablementDeed.ASKED, by=by, now=now, state=EnablementState.CLAIMED, to=to)
    return row


@transaction.atomic
def withdraw(*, enablement: Enablement, by: User, now: datetime, words: str = "") -> Enablement:
    """Take back what one's own side said; the page stays with its chain. Twice is once."""
    row = locked(enablement)
    if row.state == EnablementState.WITHDRAWN:
        return row
    nobody_is_asked(row)
    row.answered_by = row.answered_at = None
    step(row, EnablementDeed.WITHDRAWN, by=by, now=now, state=EnablementState.WITHDRAWN, words=words)
    return row


def _row(help: Help, *, now: datetime) -> Enablement:
    """The row to be. Raises ``HelpsItself``, ``NobodyHasIt``, ``NotItsOwn``, ``NoWork``, ``BadDays`` and ``BadLink``."""
    work, release, figures = help.work, help.release, checked(help.figures)
    product = work.feature.product if work.feature else work.product
    if (work.feature is None) == (not work.words):
        raise NoWork("Name the feature that was helped, or tell the work in words: one of the two.")
    if work.feature is None and product is None and work.team is None:
        raise NoWork("Say whose work it was: a product or a team.")
    if product is not None and product.pk == help.product.pk:
        raise HelpsItself(f"{product.name} does not enable itself: name the work of another product or team.")
    if release is not None and release.product_id != help.product.pk:
        raise NotItsOwn(f"{release.key} is no release of {help.product.name}.")
    if release is not None and release.state != Release.State.LIVE:
        raise NobodyHasIt(_not_live(release))
    team = None if work.feature else work.team
    return Enablement(
        upstream_product=help.product, upstream_release=release, feature=work.feature, work=work.words,
        downstream_product=product, downstream_team=team, kind=figures.kind, days_low=figures.low,
        days_high=figures.high, statement=help.statement, evidence=checked_links(help.evidence), made_at=now,
    )  # fmt: skip


def _not_live(release: Release) -> str:
    if release.state == Release.State.ROLLED_BACK:
        return f"{release.title} was rolled back: nobody has it, so it helps nobody. Ship it again first."
    return f"{release.title} is not live yet, so it helped nobody so far."


def _same(row: Enablement) -> Enablement | None:
    """What says the same of the same work and was not withdrawn."""
    about = {
        "upstream_product": row.upstream_product, "upstream_release": row.upstream_release, "feature": row.feature,
        "work": row.work, "downstream_product": row.downstream_product, "downstream_team": row.downstream_team,
    }  # fmt: skip
    return Enablement.objects.filter(**about).exclude(state=EnablementState.WITHDRAWN).first()


def _said_before(same: Enablement, row: Enablement) -> Said:
    """The row that is there, for the same words of the same person. Raises ``SaidAlready`` for all others."""
    told = [
        (one.claimed_by_id, one.thanked_by_id, one.kind, one.days_low, one.days_high, one.statement, one.evidence)
        for one in (same, row)
    ]
    if told[0] == told[1]:
        return Said(same, False)
    raise SaidAlready(f"{same.key} says that already: {_standing(same)}")


def _insert(row: Enablement) -> None:
    own = MayNotAnswer("Nobody confirms work that they answered for, then or since. Ask a colleague who was helped.")
    said = SaidAlready("The same was said of this work a moment ago. Open the list and look.")
    with refusing(
        {
            "metrics_enablement_nobody_confirms_own_work": own,
            "metrics_enablement_said_once_of_a_feature": said,
            "metrics_enablement_said_once_of_work": said,
            "metrics_enablement_release_is_live": NobodyHasIt("The release was taken back a moment ago."),
        }
    ):
        row.save(force_insert=True)


def _standing(row: Enablement) -> str:
    """How it stands, and what can be done about it."""
    if row.state in ANSWERED:
        return "it was answered. Open it again with a reason if that was wrong."
    if row.asked_id is not None:
        return "it waits for an answer."
    return f"it is {row.get_state_display().lower()}."
