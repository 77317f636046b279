"""What one enablement came to, in full: each release's split with its arithmetic, effects without a share, and the records behind it."""

from collections.abc import Iterator
from dataclasses import dataclass

from metrics.queries.credits_facts import CreditFacts, credit_facts
from metrics.queries.credits_records import Record, records_of
from metrics.queries.credits_shares import Came, Taken, came
from metrics.queries.credits_split import SplitTold, split_told
from metrics.queries.enablement_rows import EnablementRow
from products.access import Actor
from products.catalog.words import counted, listed


@dataclass(frozen=True, slots=True)
class EvidenceCredit:
    """``splits`` are those of which the enablement is part, or which were refused; ``records`` are in order of time."""

    row: EnablementRow
    came: Came
    splits: tuple[SplitTold, ...]
    records: tuple[Record, ...]

    @property
    def title(self) -> str:
        """The finding, in words."""
        if not self.came.taken:
            return "It is given no share of an effect"
        return f"Its share of {counted(len(self.came.taken), 'effect')}"

    @property
    def lede(self) -> str:
        """What its share comes to, KPI by KPI and never over them; or why there is none."""
        if not self.came.taken:
            return self.came.why_none
        return f"{self.row.product} is given {listed([_told(one) for one in self.came.taken], most=6)}."

    @property
    def without(self) -> tuple[tuple[str, str], ...]:
        """Effects of the helped work of which it has no share, with the reason."""
        if not self.came.taken:
            return ()
        return tuple(
            (f"{one.effect.title}, {one.effect.kpi_name}", one.missing) for one in self.came.outcomes if one.missing
        )

    @property
    def is_assumed(self) -> bool:
        """Whether a share rests on days that nobody stated."""
        return any(one.is_assumed for one in self.came.taken)


def evidence_credit(user: Actor, row: EnablementRow) -> EvidenceCredit:
    """The credit of one enablement. A constant number of statements."""
    facts = credit_facts(user, [row])
    found = came(row, facts)
    return EvidenceCredit(row, found, tuple(_splits(row, facts)), records_of(user, row, facts))


def _splits(row: EnablementRow, facts: CreditFacts) -> Iterator[SplitTold]:
    """One for each release, its measured KPIs first; those of which the help is no part only where they were refused."""
    for release in facts.releases_of(row):
        held = [split for split in facts.splits[release.pk] if split.row.effect is not None or split.arrived]
        mine = [split for split in held if split.part_of(row.number) or split.row.refused]
        mine.sort(key=lambda split: (split.row.effect is None, split.row.kpi.name))
        if mine:
            yield split_told(mine, row.number)


def _told(one: Taken) -> str:
    interval = f", 95% interval {one.interval_text}" if one.interval_text else ""
    handed = f" handed down to {one.title}" if one.effect is None else f" after {one.title}"
    return f"{one.text} of {one.kpi_name}{handed}{interval}"
