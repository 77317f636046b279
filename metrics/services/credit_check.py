"""Prove and mend credit: compare every row with a recompute from the facts as they are now, or make all of it anew."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from metrics.models import Credit, CreditMark, CreditPart, CreditSplit
from metrics.services.credit_drain import mark_credit
from metrics.services.credit_rows import answer, ask
from metrics.services.rollups import Refreshed, refresh
from metrics.sources.credits import read_credit_facts

# What two recomputes of the same facts may differ in.
OF_THE_ROW = {"id", "computed_at", "split_id"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A row on one side only: ``side`` says whether it is stored or recomputed."""

    side: str
    words: str


def check_credit(*, now: datetime) -> list[Difference]:
    """Every row that differs from its facts; nothing while marks wait, as credit is then known to be behind."""
    if CreditMark.objects.exists():
        return []
    parts = CreditPart.objects.select_related("split")
    stored = _told([*Credit.objects.all(), *CreditSplit.objects.all(), *parts])
    recomputed: dict[str, str] = {}
    for asked in ask(read_credit_facts()):
        rows = answer(asked, now=now)
        recomputed |= _told([*rows.credits, *rows.splits, *rows.parts])
    return [
        *(Difference("stored", stored[key]) for key in sorted(stored.keys() - recomputed.keys())),
        *(Difference("recomputed", recomputed[key]) for key in sorted(recomputed.keys() - stored.keys())),
    ]


def rebuild_credit(*, now: datetime) -> Refreshed:
    """Make all credit anew from the facts; pages show the old rows until then."""
    Credit.objects.update(digest="")
    mark_credit(now=now)
    return refresh(now=now)


def _told(rows: Iterable[Model]) -> dict[str, str]:
    """Each row by everything that it says, with the words that show it."""
    return {repr(_values(row)): str(row) for row in rows}


def _values(row: Model) -> list[tuple[str, Any]]:
    told = [(one.attname, getattr(row, one.attname)) for one in row._meta.concrete_fields]
    split = [_values(row.split)] if isinstance(row, CreditPart) else []
    return [(row._meta.model_name or "", split), *(pair for pair in told if pair[0] not in OF_THE_ROW)]
