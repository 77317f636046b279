"""What each enablement came to: the effects it assisted, whole, and the share of them that it was given, or why it has none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from metrics.catalog.quarters import Quarter
from metrics.models import Estimate, EstimateWord
from metrics.queries.credits_facts import CreditFacts, HeldSplit, credit_facts
from metrics.queries.credits_missing import missing_share, missing_work
from metrics.queries.effect_words import Unit, amount_text, amounts_text
from metrics.queries.effects import Effect, effect_of, unit_of
from metrics.queries.enablement_rows import EnablementRow
from metrics.stats.credit import NORMAL_95
from products.access import Actor
from products.catalog.words import listed

READ = (EstimateWord.CLEARLY, EstimateWord.PROBABLY, EstimateWord.NO_REAL_CHANGE, EstimateWord.CANNOT_TELL)


@dataclass(frozen=True, slots=True)
class Taken:
    """A helper's share of what one release moved or was owed, before its own helpers get theirs.

    ``effect`` and ``error`` are the release's own in the KPI's unit, None where it has none; ``arrived`` is what others' effects
    brought to it. ``together`` are the other enablements that the same share rests on.
    """

    release: str
    title: str
    kpi: str
    kpi_name: str
    unit: Unit
    quarter: Quarter
    share: float
    effect: float | None
    error: float | None
    arrived: float
    is_assumed: bool
    together: tuple[int, ...]

    @property
    def value(self) -> float:
        """What the share comes to: of the release's own effect, and of what arrived there."""
        return self.share * ((self.effect or 0.0) + self.arrived)

    @property
    def of_own(self) -> float | None:
        """Its share of the release's own effect; None where it has none."""
        return None if self.effect is None else self.share * self.effect

    @property
    def text(self) -> str:
        """``+46.7 pts``: the share of the release's own effect, else of what arrived."""
        return amount_text(self.value if self.of_own is None else self.of_own, self.unit)

    @property
    def of_text(self) -> str:
        """``of +100 pts``, or that it was handed down."""
        if self.effect is None:
            return f"of {amount_text(self.arrived, self.unit)} handed down"
        return f"of {amount_text(self.effect, self.unit)}"

    @property
    def interval_text(self) -> str:
        """The 95 % interval of the share of the release's own effect, as far as that effect's error goes; "" without one."""
        if self.effect is None or self.error is None:
            return ""
        middle, reach = self.share * self.effect, self.share * NORMAL_95 * self.error
        return amounts_text(middle - reach, middle + reach, self.unit)

    @property
    def together_text(self) -> str:
        """``together with E-4``, or nothing."""
        return f"together with {listed([f'E-{one}' for one in self.together])}" if self.together else ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One effect of a release that carries the helped work, whole; what of it the help is given, or why nothing."""

    effect: Effect
    is_read: bool
    taken: Taken | None
    missing: str

    @property
    def short_missing(self) -> str:
        """Why there is no share, beside others that have one: the verdict says most of it."""
        return "" if self.taken else self.effect.short_words.lower() if not self.is_read else self.missing


@dataclass(frozen=True, slots=True)
class Came:
    """Everything that came of one enablement. ``handed`` are shares of what reached the helped release from others.

    ``missing`` says why there is neither effect nor share, "" where there is. Only help that counts names effects.
    """

    outcomes: tuple[Outcome, ...] = ()
    handed: tuple[Taken, ...] = ()
    missing: str = ""

    @property
    def taken(self) -> tuple[Taken, ...]:
        """Its shares, those of measured effects first."""
        return (*(one.taken for one in self.outcomes if one.taken), *self.handed)

    @property
    def why_none(self) -> str:
        """Why it is given nothing at all; "" where it is given something."""
        if self.taken:
            return ""
        return self.missing or next((one.missing for one in self.outcomes if one.missing), "")


def came_of(user: Actor, rows: Iterable[EnablementRow]) -> Mapping[int, Came]:
    """What each of these came to, by number. Five statements however many there are."""
    held = tuple(rows)
    facts = credit_facts(user, held)
    return {row.number: came(row, facts) for row in held}


def came(row: EnablementRow, facts: CreditFacts) -> Came:
    """What one enablement came to."""
    uncounted = missing_work(row, has_release=True, has_kpi=True)
    if uncounted:
        return Came(missing=uncounted)
    releases = facts.releases_of(row)
    splits = [split for release in releases for split in facts.splits[release.pk]]
    outcomes = [_outcome(row, reading, facts) for release in releases for reading in facts.readings[release.pk]]
    handed = [_taken(row, split) for split in splits if split.row.effect is None]
    found = tuple(one for one in handed if one is not None and one.value)
    missing = missing_work(row, has_release=bool(releases), has_kpi=bool(outcomes or found))
    return Came(tuple(outcomes), found, missing)


def _outcome(row: EnablementRow, reading: Estimate, facts: CreditFacts) -> Outcome:
    held = [one for one in facts.splits[reading.release_id] if one.row.kpi_id == reading.kpi_id]
    split = next((one for one in held if one.row.effect is not None), None)
    effect = effect_of(reading)
    is_read = reading.word in READ and not reading.is_early
    taken = _taken(row, split) if split and is_read else None
    return Outcome(effect, is_read, taken, "" if taken else missing_share(row, effect, split, is_read=is_read))


def _taken(row: EnablementRow, split: HeldSplit) -> Taken | None:
    part = split.part_of(row.number)
    if part is None:
        return None
    held = split.row
    return Taken(
        release=held.release.key,
        title=held.release.title,
        kpi=held.kpi.slug,
        kpi_name=held.kpi.name,
        unit=unit_of(held.kpi),
        quarter=Quarter(held.period),
        share=part.share,
        effect=held.effect,
        error=held.error,
        arrived=split.arrived,
        is_assumed=part.is_assumed,
        together=tuple(one for one in part.enablements if one != row.number),
    )
