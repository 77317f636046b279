"""Words about enablements: the question, its letters, and figures as people say them. Pure text."""

from dataclasses import dataclass
from decimal import Decimal

LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter needs to know, all as plain words; ``address`` opens the question or the page, ``page`` the page."""

    to: str
    by: str
    helper: str
    work: str
    says: str
    statement: str
    until: str
    address: str
    outcome: str = ""
    words: str = ""


def days_words(low: Decimal | None, high: Decimal | None) -> str:
    """``4 to 9 working days``, ``1 working day``; "" where nobody counted."""
    if low is None or high is None:
        return ""
    span = plain(low) if low == high else f"{plain(low)} to {plain(high)}"
    return f"{span} working day{'' if low == high == 1 else 's'}"


def says_words(kind: str, low: Decimal | None, high: Decimal | None) -> str:
    """How it helped, as what follows "it": ``was faster by 4 to 9 working days``."""
    days = days_words(low, high)
    return {
        "enabled": "made it possible" + (f", instead of {days} of building or buying it" if days else ""),
        "unblocked": "removed a wait" + (f" of {days}" if days else ""),
        "accelerated": "made it faster" + (f" by {days}" if days else ", by how much nobody counted"),
    }[kind]


def plain(value: Decimal) -> str:
    """``4``, ``2.5``."""
    return f"{value.normalize():f}"


def question_of(helper: str, work: str) -> str:
    """``Did Staged rollout help with Bulk rate upload?``"""
    return f"Did {helper} help with {work}?"


def subject_of(kind: str, told: Told) -> str:
    """One line for the head of a letter."""
    question = question_of(told.helper, told.work)
    line = {"question": question, "reminder": f"Reminder: {question}", "answer": f"{told.outcome}: {question}"}[kind]
    line = " ".join(line.split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…"


def letter_of(kind: str, told: Told) -> str:
    """The text of a letter."""
    first = told.to.split()[0] if told.to.split() else told.to
    lines = [f"Hi {first},", ""]
    if kind == "answer":
        lines += [f"{question_of(told.helper, told.work)}", "", f"{told.outcome}: {told.says}."]
        lines += ["", f"“{told.words}”"] * bool(told.words)
        lines += ["", f"The whole chain, and what you can do: {told.address}"]
    else:
        lines += [f"{told.by} says that {told.helper} helped with {told.work}: it {told.says}."]
        lines += ["", f"“{told.statement}”"] * bool(told.statement)
        lines += ["", "Is that so? It takes about 20 seconds; no is as good an answer as yes:", told.address, ""]
        lines += [f"The link answers once, until {told.until}, and needs no password: do not hand it on.", ""]
        lines += ["If somebody else did this work, the same page hands the question on to them."]
    return "\n".join([*lines, "", "pmtrack"])


def contribution_letter(*, to: str, person: str, what: str, address: str) -> tuple[str, str]:
    """Subject and text of the question whether somebody had something of a contribution."""
    subject = " ".join(f"Was it so? {person}: {what}".split())
    subject = subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1]}…"
    return subject, (
        f"Hello {to},\n\n{person} says of work outside the products:\n\n    {what}\n\n"
        f"and that you had something of it. Was it so? You answer in ten seconds, signed in:\n\n    {address}\n\n"
        "“I cannot confirm it” is an answer, too. Only the two of you and their lead see it.\n"
    )
