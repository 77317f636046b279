"""What an upload would do and has done, in words."""

from collections.abc import Sequence
from typing import Any

from metrics.models import Kpi
from metrics.services.readings import Pushed
from metrics.services.uploads import Checked
from products.catalog.words import counted, in_words, listed, sentence

SHOWN = 20
OTHER = "Nothing of this file can be stored under this source."


def dry_run(checked: Checked, *, stays_out: bool) -> dict[str, Any]:
    """What the page prints of a dry run: its verdict, titles, and the first rows of each kind.

    ``stays_out``: the file comes from a source that the KPI does not take.
    """
    words: dict[str, Any] = {"verdict": OTHER if stays_out else verdict(checked)}
    kinds: Sequence[tuple[str, Sequence[Any], str]] = (
        ("created", checked.created, "new day"),
        ("corrected", checked.corrected, "corrected day"),
        ("refused", checked.refused, "refused row"),
    )
    for name, rows, noun in kinds:
        words[name] = rows[:SHOWN]
        words[f"{name}_title"] = sentence(in_words(len(rows), noun))
        words[f"{name}_more"] = f"The first {SHOWN} of {counted(len(rows), noun)}." if len(rows) > SHOWN else ""
    known = "says" if checked.unchanged == 1 else "say"
    words["unchanged_text"] = f"{sentence(in_words(checked.unchanged, 'row'))} {known} what is held already."
    words["store_title"] = "Store it" if checked.changes_something and not stays_out else "There is nothing to store"
    words["store_label"] = f"Store {counted(len(checked.created) + len(checked.corrected), 'day')}"
    return words


def verdict(checked: Checked) -> str:
    """One sentence on what storing the file would do."""
    does = [f"add {in_words(len(checked.created), 'new day')}"] if checked.created else []
    does += [f"correct {in_words(len(checked.corrected), 'day')}"] if checked.corrected else []
    refused = sentence(in_words(len(checked.refused), "row"))
    left_out = f" {refused} cannot be stored." if checked.refused else ""
    if does:
        return f"Storing this file would {listed(does)}.{left_out}"
    if checked.unchanged:
        return f"Everything in this file that can be stored is held already; storing it would change nothing.{left_out}"
    return "No row of this file can be stored."


def told(kpi: Kpi, pushed: Pushed, refused: int) -> str:
    """What storing did, in words."""
    left_out = (
        f" {counted(refused, 'row')} {'was' if refused == 1 else 'were'} refused and left out." if refused else ""
    )
    if not pushed.created and not pushed.corrected:
        return (
            f"Nothing changed in {kpi.name}: it held {counted(pushed.unchanged, 'row')} of the file already.{left_out}"
        )
    known = f" {counted(pushed.unchanged, 'row')} said what was known." if pushed.unchanged else ""
    done = f"{counted(pushed.created, 'new day')} and {counted(pushed.corrected, 'corrected day')}"
    return f"Stored in {kpi.name}: {done}.{known}{left_out}"
