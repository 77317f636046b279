"""Whom to tell what became of what they said: each voice once, through whom, and in which words."""

from dataclasses import dataclass
from datetime import datetime

from feedback.catalog.wording import day_of, telling_message
from feedback.models import Consent, Decision, Diagnosis, LoopClosure
from feedback.queries.speakers import Speaker, Speakers
from products.access import Actor
from products.catalog.words import counted
from products.models import User


@dataclass(frozen=True, slots=True)
class TellRow:
    """Somebody who spoke. ``to`` is the colleague who gets the message, "" where nobody may be told."""

    voice: int
    name: str
    is_account: bool
    to: str
    how: str
    message: str
    told_text: str


@dataclass(frozen=True, slots=True)
class Telling:
    """Everybody who is to be told of a decision; ``told`` of ``total`` were told since it was taken."""

    rows: tuple[TellRow, ...]
    told: int
    total: int
    hidden: int

    @property
    def text(self) -> str:
        """``2 of 5 told``."""
        return f"{self.told} of {self.total} told"

    @property
    def hidden_text(self) -> str:
        """How many customers the reader may not know; "" for none."""
        return f"{counted(self.hidden, 'customer')} that you may not know of" if self.hidden else ""


def telling(diagnosis: Diagnosis, who: Speakers, *, by: Actor) -> Telling | None:
    """Whom to tell of a diagnosis that is watched or declined; None for any other. One statement."""
    if diagnosis.decision not in (Decision.WATCH, Decision.DECLINE) or diagnosis.decided_at is None:
        return None
    closures = {row.voice_id: row for row in LoopClosure.objects.filter(diagnosis=diagnosis).select_related("told_by")}
    writer = by.name if isinstance(by, User) else ""
    rows = tuple(_row(diagnosis, one, closures, writer) for one in who.known)
    told = sum(1 for one in who.known if _is_told(one, closures, diagnosis.decided_at))
    return Telling(rows, told, who.total, who.hidden)


def _row(diagnosis: Diagnosis, one: Speaker, closures: dict[int, LoopClosure], by: str) -> TellRow:
    to, how = way_to(one)
    last = _last(one, closures)
    message = telling_message(
        to=to,
        by=by,
        decision=diagnosis.decision,
        reason=diagnosis.reason,
        quote=one.said,
        account=one.name if one.account is not None else "",
        product=diagnosis.product.name,
    )
    return TellRow(
        voice=one.voice,
        name=one.name,
        is_account=one.account is not None,
        to=to,
        how=how,
        message=message if to else "",
        told_text=_told_text(last, diagnosis.decided_at) if last else "",
    )


def way_to(one: Speaker) -> tuple[str, str]:
    """Who gets the message, and how it reaches the one who spoke."""
    if one.colleague is not None:
        return one.name, f"{one.team}, directly" if one.team else "directly"
    if one.consent == Consent.NO:
        if one.manager:
            return one.manager, f"does not want to be contacted: tell {one.manager}, who decides what to pass on"
        return "", "does not want to be contacted, and nobody here manages them: leave it"
    if one.through:
        return one.through, f"through {one.through}, {one.consent_text}"
    return "", "nobody here speaks to them: name who manages them first"


def _is_told(one: Speaker, closures: dict[int, LoopClosure], decided_at: datetime) -> bool:
    last = _last(one, closures)
    return last is not None and last.told_at >= decided_at


def _last(one: Speaker, closures: dict[int, LoopClosure]) -> LoopClosure | None:
    """When this person or account was told last, by any of their voices."""
    found = [closures[voice] for voice in one.voices if voice in closures]
    return max(found, key=lambda row: row.told_at, default=None)


def _told_text(last: LoopClosure, decided_at: datetime | None) -> str:
    words = f"told by {last.told_by.name} on {day_of(last.told_at)}"
    return words if decided_at is None or last.told_at >= decided_at else f"{words}, of an earlier decision"
