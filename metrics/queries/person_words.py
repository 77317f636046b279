"""The sentences of a person's record: written by rule from what is known, never a sum and never a rank."""

from collections.abc import Sequence
from datetime import date

from metrics.queries.contributions import ContributionRow, confirmed_text
from metrics.queries.person_work import Duty, Work
from metrics.queries.product_effects import effects_tail
from metrics.queries.words import day_text
from products.catalog.words import counted, in_words, listed, sentence
from products.models import Membership, User


def leads_of(person: User, *, day: date) -> tuple[str, ...]:
    """Who leads the person on ``day``, by name. One statement."""
    teams = Membership.objects.filter(user=person, period__contains=day).exclude(role=Membership.Role.LEAD)
    leading = Membership.objects.filter(
        team__in=teams.values("team"), role=Membership.Role.LEAD, period__contains=day, user__is_active=True,
        user__is_admin=False,
    )  # fmt: skip
    return tuple(leading.exclude(user=person).order_by("user__name").values_list("user__name", flat=True).distinct())


def seen_by(name: str, leads: Sequence[str], *, is_own: bool) -> str:
    """Who sees the page, in a sentence."""
    who = "you" if is_own else name
    if not leads:
        return f"Seen by {who} alone: nobody leads {'you' if is_own else name} today."
    return f"Seen by {listed([who, *leads])} only, who see exactly this page. Each read by a lead is written down under About me."


def duties_line(duties: Sequence[Duty], leads: Sequence[str]) -> str:
    """``Checkout since 6 April 2026, before that Switchyard · lead Ines Okafor``."""
    now = [one for one in duties if one.end is None]
    before = list(dict.fromkeys(one.name for one in duties if one.end is not None))
    parts = [f"{one.name} since {day_text(one.start)}" for one in now]
    if before:
        parts.append(f"{'before that ' if now else ''}{listed(before)}")
    said = ", ".join(parts) or "no product in this period"
    return f"{said} · {'lead' if len(leads) == 1 else 'leads'} {listed(list(leads))}" if leads else said


def verdict_of(work: Work, contributions: Sequence[ContributionRow]) -> str:
    """What came of the work: help for others that is backed, then what is clear about KPIs, then what was done besides."""
    told = [one for one in (_internal(work), _external(work)) if one]
    if not told:
        told = ["Nothing went live in this period." if work.duties else "No product was held in this period."]
    if contributions:
        told.append(f"Outside the products: {confirmed_text(contributions)}.")
    return " ".join(told)


def label_of(work: Work, contributions: Sequence[ContributionRow], period: str) -> str:
    """The months' picture in words."""
    held = [
        f"{one.name}, {'internal' if one.type == 'I' else 'external'}, from {day_text(one.first)}"
        for one in work.duties
    ]
    parts = [
        listed(held, most=12) or "no product",
        counted(len(work.shipped), "release"),
        counted(len(contributions), "contribution"),
    ]
    return f"{period}: {'; '.join(parts)}; all of them are listed below."


def _internal(work: Work) -> str:
    shipped = [one for one in work.shipped if one.type == "I"]
    helped = work.benefits
    names = listed(list(dict.fromkeys(one.name for one in work.duties if one.type == "I")))
    if helped and helped.backed:
        pieces = in_words(helped.backed, "piece of work of others was helped", "pieces of work of others were helped")
        return sentence(f"{'at ' + names + ', ' if names else ''}{pieces}, confirmed by those who did it.")
    if helped:
        return f"{sentence(in_words(helped.total, 'claim'))} of help {'waits' if helped.total == 1 else 'wait'} for an answer."
    if not shipped:
        return ""
    return f"At {names}, {in_words(len(shipped), 'release')} went live; nobody said yet what {'it' if len(shipped) == 1 else 'they'} made possible."


def _external(work: Work) -> str:
    shipped = [one for one in work.shipped if one.type == "E"]
    names = listed(list(dict.fromkeys(one.product_name for one in shipped)))
    if not shipped and not work.effects.total:
        return ""
    said = effects_tail([one.effect for one in work.effects.rows])
    return f"{f'At {names}, ' if names else ''}{said[:1].lower() if names else said[:1]}{said[1:]}"
