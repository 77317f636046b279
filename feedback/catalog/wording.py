"""Words around what was heard: whether it asks for a fix, and what to write to those who are asked or told. Pure text."""

import re
from datetime import UTC, datetime

# The first words of somebody who already knows the solution (screens.md §5), with the politeness before them.
FIX = re.compile(
    r"""(?:[\s"'“”‘’«»„(\[*_>,:.!-]|(?:please|pls|just|also|and|so|hi|hello|they\s+say|he\s+says|she\s+says)\b)*
    (?:
        (?:add|build|create|implement|provide|introduce)\b
        | make\s+(?:a|an|the|it|this|that|us)\b
        | (?:we|i|they|our\s+\w+)\s+(?:really\s+|urgently\s+)?(?:need|want|require)s?\b(?!\s+to\b)
        | (?:can|could|would|will)\s+(?:you|we|somebody|someone)\b
        | give\s+(?:us|me)\b
        | there\s+should\s+be\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
LONGEST_OPENING = 160


def asks_for_a_fix(text: str) -> bool:
    """Whether ``text`` opens by asking for a solution rather than telling a problem. A hint, never a judgement."""
    return FIX.match(text[:LONGEST_OPENING]) is not None


def day_of(at: datetime) -> str:
    """``8 Jun 2026``, in UTC."""
    day = at.astimezone(UTC)
    return f"{day.day} {day:%b %Y}"


def time_of(at: datetime) -> str:
    """``8 Jun 2026, 14:05 UTC``."""
    return f"{day_of(at)}, {at.astimezone(UTC):%H:%M} UTC"


def cut(text: str, most: int) -> str:
    """``text`` on one line, shortened at a word to ``most`` characters."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    return (line[: most - 1].rsplit(" ", 1)[0] if " " in line[: most - 1] else line[: most - 1]) + "…"


def first_name(name: str) -> str:
    """How a colleague is addressed."""
    return name.split()[0] if name.split() else name


def asking_subject(product: str) -> str:
    """The subject of a message that asks."""
    return f"A question about {product}"


def asking_message(*, to: str, by: str, purpose: str, quote: str, account: str, address: str, ask_consent: bool) -> str:
    """The message that asks a colleague, or asks him to bring us together with ``account``; plain text with a link."""
    lines = [f"Hi {first_name(to)},", ""]
    if account and ask_consent:
        lines += [f"could you ask {account} whether they would talk with us? We would like to understand this:"]
    elif account:
        lines += [f"could you set up a talk with {account}? We would like to understand this:"]
    else:
        lines += ["could you help me to understand this?"]
    lines += ["", purpose]
    if quote:
        lines += ["", f"It is about: “{cut(quote, 300)}”"]
    lines += ["", f"Answer here, or tell me when we can talk: {address}", "", "Thank you", by]
    return "\n".join(lines)


def telling_message(*, to: str, by: str, decision: str, reason: str, quote: str, account: str, product: str) -> str:
    """What to tell somebody about a diagnosis that is watched or declined; ``to`` is the one who gets the message."""
    lines = [f"Hi {first_name(to)},", ""]
    lines += [f"thank you for what {account or 'you'} told us about {product}: “{cut(quote, 300)}”", ""]
    if decision == "decline":
        lines += ["We looked into it and will not build anything for it now. The reason:", "", reason]
    else:
        lines += [
            "We looked into it. For now we watch how often it comes up and build nothing yet. The reason:",
            "",
            reason,
        ]
    lines += ["", "If we misunderstood, or something changes, please tell us.", "", by]
    return "\n".join(lines)


def releasing_message(*, to: str, by: str, title: str, quote: str, account: str, product: str) -> str:
    """What to tell somebody of a release; ``to`` is the one who gets the message."""
    lines = [f"Hi {first_name(to)},", ""]
    lines += [f"some time ago {account or 'you'} told us about {product}: “{cut(quote, 300)}”", ""]
    lines += [f"{title} is there now because of it. Does it solve it: yes, partly, or not?", "", "Thank you", by]
    return "\n".join(lines)
