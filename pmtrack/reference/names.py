"""The reader's own names in the examples, so that a copied request is one that works."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from metrics.queries.reader import ReaderNames

ANSWERS = Path(__file__).with_name("answers")
USUAL = ReaderNames(
    product="checkout",
    internal="switchyard",
    kpi="checkout-visits",
    source="warehouse",
    team="booking",
    release="R-57",
    token="",
    entry="FB-412",
    diagnosis="D-12",
    feature="W-88",
    enablement="E-211",
)


def words_of(names: ReaderNames, *, mail: str, today: date) -> dict[str, str]:
    """What stands for each ``$name`` of the examples; the usual word where the reader has nothing of the kind."""
    found = {field: getattr(names, field) or getattr(USUAL, field) for field in names.__struct_fields__}
    yesterday, monday = today - timedelta(days=1), today - timedelta(days=today.weekday() + 7)
    days = {"today": today, "yesterday": yesterday, "before": today - timedelta(days=2), "monday": monday}
    return {
        **found,
        **{name: str(day) for name, day in days.items()},
        "instant": f"{yesterday}T09:30:00+01:00",
        "month": f"{yesterday:%Y-%m}",
        "mail": mail,
    }


def filled(value: Any, words: Mapping[str, str]) -> Any:
    """``value`` with every ``$name`` in its texts replaced."""
    if isinstance(value, str):
        return Template(value).safe_substitute(words)
    if isinstance(value, Mapping):
        return {key: filled(inner, words) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [filled(inner, words) for inner in value]
    return value


@cache
def recorded_answer(operation: str) -> Any:
    """What a running server answered to the operation's example, with names in place of what they stood for."""
    return json.loads((ANSWERS / f"{operation}.json").read_text())
