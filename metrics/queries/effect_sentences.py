"""The sentence a page opens with when a release was read: by rule from the stored reading, never "caused" or "thanks to"."""

from metrics.models import Estimate, EstimateWord
from metrics.queries.effect_figures import reading_of
from metrics.queries.effects import Effect
from metrics.stats import sentences
from metrics.stats.verdicts import Verdict, Word
from products.catalog.words import counted

ONE_IN = 20


def effect_sentence(effect: Effect, row: Estimate) -> str:
    """What one release did to one KPI, in a sentence."""
    name = _inside(effect.kpi_name)
    if effect.figures is None or not effect.is_shown:
        why = effect.reason_text or "the release was taken back before its days were over"
        return f"What {effect.title} did to {name} cannot be read: {why}."
    if effect.basis == Estimate.Basis.EXPERIMENT:
        low, high = effect.figures.change_95
        told = f"between {_plain(low, effect)} and {_plain(high, effect)}"
        units = f"{effect.figures.df + 2:,.0f}"
        return f"An experiment with {units} units put the change of {name} after {effect.title} {told}: {effect.words.lower()}."
    said = Verdict(Word(effect.word), effect.words, effect.is_struck)
    return sentences.sentence(reading_of(row), said, release=effect.title, kpi=name, step=effect.step)


def chance_sentence(effects: list[Effect]) -> str:
    """How many KPIs were named and read, and how often as many would show something clear by chance alone."""
    read = [one for one in effects if one.figures is not None and one.word != EstimateWord.TOO_EARLY]
    named, counts = counted(len(effects), "KPI"), counted(len(read), "KPI")
    if not read:
        return f"{named} {'was' if len(effects) == 1 else 'were'} named, and none could be read yet."
    first = f"{named} named, {len(read)} read."
    if len(read) == 1:
        return f"{first} By chance alone 1 in {ONE_IN} would show something “clearly”."
    share = 1 - (1 - 1 / ONE_IN) ** len(read)
    return (
        f"{first} About 1 in {round(1 / share)} such sets of {counts} would show one “clearly” by chance alone, if the KPIs "
        f"do not hang together."
    )


def _inside(name: str) -> str:
    """A name inside a sentence: ``booking conversion``, but ``NPS``."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _plain(change: float, effect: Effect) -> str:
    size = f"{abs(change):,.1f}".removesuffix(".0")
    return f"{'+' if change > 0 else '−' if change < 0 else ''}{size}{' %' if effect.unit.is_relative else ' points'}"


__all__ = ["chance_sentence", "effect_sentence"]
