"""What an imported table would do and has done, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from products.catalog.words import counted, in_words, number_word, sentence
from products.services.sheets import Line, Looked

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one kind of change: an anchor, a title, the first rows, and how many more there are in words."""

    anchor: str
    title: str
    lines: Sequence[Line]
    more: str


def dry_run(noun: str, looked: Looked) -> dict[str, Any]:
    """What the page prints of a look: its verdict, the groups of changes, the refused rows, the button."""
    kinds = (("new", looked.new, f"new {noun}"), ("changed", looked.changed, f"changed {noun}"))
    ended = ("ended", looked.ended, f"{noun} whose role ends" if len(looked.ended) == 1 else f"{noun}s whose roles end")
    groups = [_group(name, lines, words) for name, lines, words in kinds if lines]
    if looked.ended:
        count = len(looked.ended)
        title = f"{number_word(count)} {ended[2]}"
        groups.append(Group("ended", sentence(title), looked.ended[:SHOWN], _more(count, "row")))
    total = len(looked.new) + len(looked.changed) + len(looked.ended)
    return {
        "verdict": _verdict(noun, looked),
        "groups": groups,
        "refused": looked.refused[:SHOWN],
        "refused_title": sentence(in_words(len(looked.refused), "refused row")),
        "refused_more": _more(len(looked.refused), "refused row"),
        "same_text": f"{sentence(in_words(looked.same, 'row'))} {'says' if looked.same == 1 else 'say'} what is held already.",
        "apply_title": "Apply it" if looked.does_something else "There is nothing to apply",
        "apply_label": f"Apply {counted(total, 'change')}",
    }


def _group(name: str, lines: Sequence[Line], words: str) -> Group:
    return Group(name, sentence(in_words(len(lines), words)), lines[:SHOWN], _more(len(lines), words))


def _more(count: int, noun: str) -> str:
    return f"The first {SHOWN} of {counted(count, noun)}." if count > SHOWN else ""


def _verdict(noun: str, looked: Looked) -> str:
    """One sentence on what applying the file would do."""
    does = [f"add {in_words(len(looked.new), noun)}"] if looked.new else []
    does += [f"change {in_words(len(looked.changed), noun)}"] if looked.changed else []
    does += [f"end the roles of {in_words(len(looked.ended), noun)}"] if looked.ended else []
    refused = f" {sentence(in_words(len(looked.refused), 'row'))} cannot be applied." if looked.refused else ""
    if does:
        listed = " and ".join([", ".join(does[:-1]), does[-1]]) if len(does) > 1 else does[0]
        return f"Applying this file would {listed}.{refused}"
    if looked.same:
        return f"Everything in this file that can be applied is held already; nothing would change.{refused}"
    return "No row of this file can be applied."


def told(noun: str, done: Looked) -> str:
    """What applying did, in words."""
    parts = [counted(len(done.new), f"new {noun}"), f"{len(done.changed):,} changed", f"{len(done.ended):,} ended"]
    refused = f" {counted(len(done.refused), 'row')} left out as refused." if done.refused else ""
    same = f" {counted(done.same, 'row')} said what was known." if done.same else ""
    return f"Applied: {', '.join(parts)}.{same}{refused}"
