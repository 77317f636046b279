"""The sentence at the top of an impact page, written by rule: what is clear and where, what is backed, what is stuck."""

from collections.abc import Iterable
from dataclasses import dataclass

from metrics.queries.benefit_lists import BenefitList
from metrics.queries.effect_lists import EffectList
from metrics.queries.periods import HEARD_DAYS, Period
from products.catalog.words import counted, in_words, listed, number_word, sentence

MOST_NAMED = 3
BACKED = ("measured", "confirmed")


@dataclass(frozen=True, slots=True)
class Said:
    """What the page shows: live releases, what was heard in 90 days, the effects, the benefits, and what is stuck."""

    live: int
    heard: int
    effects: EffectList
    benefits: BenefitList | None
    stuck: int


def verdict_of(scope: str, said: Said, *, period: Period, products: int) -> str:
    """Sentences from what exists; nothing is claimed that nobody computed, and nobody is named."""
    if not products:
        return f"{sentence(scope)} {'own' if ' and ' in scope or scope == 'All teams' else 'owns'} no such product yet."
    clear = _where(said)
    told = [clear] if clear else [_happened(scope, said, period), _effects(said)]
    told += [_worse(said.effects), _helped(said.benefits), _stuck(said.stuck)]
    return " ".join(one for one in told if one)


def _where(said: Said) -> str:
    """The products with a clear effect for the better, then those whose help is backed; nothing where there is neither."""
    better = _unique(one.effect.product_name for one in said.effects.rows if one.effect.kind == "better")
    helped = _unique(row.product for row in (said.benefits.table.rows if said.benefits else ()) if row.grade in BACKED)
    names = _unique([*better[:MOST_NAMED], *helped[: MOST_NAMED if not better else 1]])
    return f"Impact is clearest at {listed(names)}." if names else ""


def _happened(scope: str, said: Said, period: Period) -> str:
    months = "the last month" if period.months == 1 else f"{counted(period.months, 'month')}"
    things = f"heard {in_words(said.heard, 'thing') if said.heard else 'nothing'} in the last {HEARD_DAYS} days"
    return f"{scope} put {in_words(said.live, 'release')} live in {months} and {things}."


def _effects(said: Said) -> str:
    """Why no effect is clear."""
    if not said.live:
        return "Nothing can be measured before a release is live."
    if not said.effects.total:
        return "No effect has been estimated yet."
    if not said.effects.read:
        return "No effect could be read in full yet."
    clear = said.effects.better + said.effects.worse
    return "" if clear else f"Of {in_words(said.effects.read, 'effect')} read, none is clear."


def _worse(effects: EffectList) -> str:
    worst = [one.effect for one in effects.rows if one.effect.kind == "worse"][:MOST_NAMED]
    if not worst:
        return ""
    where = listed([f"{one.kpi_name} at {one.product_name} after {one.title}" for one in worst])
    return f"{where} {'is' if len(worst) == 1 else 'are'} clearly worse."


def _helped(benefits: BenefitList | None) -> str:
    """How many benefits for the work of others are backed; nothing where nobody said anything."""
    if benefits is None:
        return ""
    total, backed = benefits.total, benefits.backed
    whole = f"{in_words(total, 'benefit')} for the work of others"
    if not backed:
        return f"{sentence(whole)} {'is' if total == 1 else 'are'} claimed, none confirmed yet."
    if total == 1:
        return "The one benefit for the work of others is confirmed or measured."
    return f"Of {whole}, {number_word(backed)} {'is' if backed == 1 else 'are'} confirmed or measured."


def _stuck(stuck: int) -> str:
    return f"{sentence(in_words(stuck, 'item'))} {'is' if stuck == 1 else 'are'} stuck." if stuck else ""


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
