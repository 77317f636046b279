"""A whole campaign: write, watch and do harm at the same time, let it settle, compare, and report."""

import time
from collections import Counter
from dataclasses import dataclass

from pmtrack.bench.faults.ledger import Ledger, in_words
from pmtrack.bench.faults.saboteur import Saboteur
from pmtrack.bench.faults.stack import Stack
from pmtrack.bench.faults.verdict import missing_facts, quarantined, settle, wrong_cells, wrong_figures
from pmtrack.bench.faults.watch import Watch
from pmtrack.bench.faults.writers import at_work, writers

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, what clients were told, and what is wrong now; empty and 0 where all is well."""

    seed: int
    deeds: tuple[str, ...]
    took: float
    ledger: Ledger
    missing: tuple[str, ...]
    wrong_figures: tuple[str, ...]
    wrong_cells: int
    quarantined: int

    @property
    def complaints(self) -> list[str]:
        """Everything that must not be, in words; each line fails a campaign."""
        found = [*self.ledger.surprises, *self.missing, *self.wrong_figures][:MOST_NAMED]
        if self.wrong_cells:
            found.append(f"{self.wrong_cells} cells differ from a recompute")
        if self.quarantined:
            found.append(f"{self.quarantined} healthy buckets are in trouble")
        return found

    def report(self) -> str:
        """The outcome for people."""
        done, ledger = Counter(self.deeds), self.ledger
        kinds = ", ".join(f"{count} × {kind}" for kind, count in sorted(done.items()))
        return "\n".join(
            [
                f"PMTRACK_SEED={self.seed}: {len(self.deeds)} actions in {self.took:.0f} s: {kinds}",
                f"  {ledger.facts:,} facts by {ledger.writes:,} acknowledged writes; sent again {ledger.retries:,} times "
                f"({ledger.answers[503]} × 503, {ledger.answers[0]} × no answer); surprises {len(ledger.surprises)}",
                f"  facts lost, doubled or changed {len(self.missing)}, wrong cells {self.wrong_cells} "
                f"(against a full recompute), in quarantine {self.quarantined}",
                f"  acknowledged writes: {in_words(ledger.seconds)}",
                f"  acknowledged until shown: {in_words(ledger.fresh, unit='s')} (outages of the database included)",
            ]
        )


def run(
    stack: Stack, token: str, *, seed: int, deeds: int = 1_000_000, seconds: float = float("inf"), pause: float
) -> Outcome:
    """Do ``deeds`` harms, or as many as fit into ``seconds``, while clients write. Raises ``NotInTime`` if marks stay."""
    saboteur, clients = Saboteur(stack, seed), [*writers(stack, token, seed=seed), Watch(stack, token)]
    began = time.monotonic()
    with at_work(clients):
        saboteur.run(deeds=deeds, seconds=seconds, pause=pause)
    took = time.monotonic() - began
    settle(stack)
    ledger = Ledger.of(client.ledger for client in clients)
    return Outcome(
        seed=seed,
        deeds=tuple(saboteur.deeds),
        took=took,
        ledger=ledger,
        missing=tuple(missing_facts(ledger, stack)),
        wrong_figures=tuple(wrong_figures(ledger, stack)),
        wrong_cells=wrong_cells(stack),
        quarantined=quarantined(stack),
    )
