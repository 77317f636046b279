"""Whose voices are behind entries: one per person or account, whatever was merged; named only to those who may know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from feedback.access import visible_voices
from feedback.models import Consent, Diagnosis, Feedback, FeedbackQuerySet, Voice
from products.access import Actor
from products.catalog.words import counted
from products.models import Membership

CONSENT_WORDS = {
    Consent.NOT_ASKED: "contact: not asked",
    Consent.YES: "contact: yes",
    Consent.NO: "contact: no",
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """One person or account. ``voice`` is the id of the first voice, ``said`` are those of that entry."""

    voice: int
    voices: tuple[int, ...]
    colleague: int | None
    account: int | None
    name: str
    said: str
    team: str
    email: str
    through: str
    consent: str
    manager: str

    @property
    def consent_text(self) -> str:
        """Whether an account may be contacted; "" for colleagues, whom anybody may ask."""
        return CONSENT_WORDS[Consent(self.consent)] if self.consent else ""

    @property
    def text(self) -> str:
        """The name with what places it: a colleague's team, the colleague between us and an account."""
        if self.colleague is not None:
            return f"{self.name}, colleague in {self.team}" if self.team else f"{self.name}, colleague"
        return f"{self.name} via {self.through}" if self.through else self.name


@dataclass(frozen=True, slots=True)
class Speakers:
    """Distinct voices. ``hidden`` counts the accounts that the reader may not know, within ``accounts``."""

    known: tuple[Speaker, ...]
    colleagues: int
    accounts: int
    hidden: int

    @property
    def total(self) -> int:
        """How many people and accounts spoke."""
        return self.colleagues + self.accounts

    @property
    def text(self) -> str:
        """``5 voices: 2 colleagues and 3 accounts``; one kind alone needs no sum."""
        parts = [counted(self.colleagues, "colleague")] * bool(self.colleagues)
        parts += [counted(self.accounts, "account")] * bool(self.accounts)
        if not parts:
            return "source not given"
        return parts[0] if len(parts) == 1 else f"{counted(self.total, 'voice')}: {' and '.join(parts)}"


def behind(diagnosis: Diagnosis) -> FeedbackQuerySet:
    """The entries that belong to a diagnosis, with those merged into them. One statement that finds them by their keys.

    The two halves have an index each; as one condition, or inside a larger statement, they would have none.
    """
    own = Feedback.objects.filter(diagnosis=diagnosis).values("pk")
    merged = Feedback.objects.filter(merged_into__diagnosis=diagnosis).values("pk")
    keys = [row["pk"] for row in own.union(merged)]
    return Feedback.objects.filter(pk__in=keys, withdrawn_at__isnull=True)


def heard_with(feedback: Feedback) -> FeedbackQuerySet:
    """An entry and those that were merged into it."""
    return Feedback.objects.filter(Q(pk=feedback.pk) | Q(merged_into=feedback), withdrawn_at__isnull=True)


def speakers(user: Actor, entries: QuerySet[Feedback], *, day: date) -> Speakers:
    """Who spoke in ``entries``, by the first that was logged. One statement."""
    team = Membership.objects.filter(user=OuterRef("colleague"), period__contains=day).order_by("team__name")
    voices = (
        Voice.objects.filter(feedback__in=entries)
        .select_related("feedback", "colleague", "account__manager", "via")
        .annotate(
            is_known=Exists(visible_voices(user, day=day).filter(pk=OuterRef("pk"), feedback__in=entries)),
            team=Subquery(team.values("team__name")[:1]),
        )
        .order_by("pk")
    )
    return _distinct(voices)


def _distinct(voices: Iterable[Voice]) -> Speakers:
    found: dict[tuple[int | None, int | None], list[Voice]] = {}
    for voice in voices:
        found.setdefault((voice.colleague_id, voice.account_id), []).append(voice)
    groups = list(found.values())
    known = [_speaker(group) for group in groups if any(_is_known(voice) for voice in group)]
    colleagues = sum(1 for colleague, _ in found if colleague is not None)
    return Speakers(tuple(known), colleagues, len(found) - colleagues, len(groups) - len(known))


def _is_known(voice: Voice) -> bool:
    return bool(getattr(voice, "is_known", False))


def _speaker(group: list[Voice]) -> Speaker:
    first = next(voice for voice in group if _is_known(voice))
    person, account = first.colleague, first.account
    manager = account.manager if account else None
    return Speaker(
        voice=first.pk,
        voices=tuple(voice.pk for voice in group),
        colleague=first.colleague_id,
        account=first.account_id,
        name=person.name if person else account.name if account else "",
        said=first.feedback.text,
        team=getattr(first, "team", "") or "",
        email=person.email if person else "",
        through=first.via.name if first.via else manager.name if manager else "",
        consent=account.consent if account else "",
        manager=manager.name if manager else "",
    )
