"""Personal data of people outside the company in a text: mail addresses, phone numbers, "Mr" and a name. Pure text.

It notices what looks like it and offers to take it out; it never claims to have found all.
"""

import re
from collections.abc import Iterator

# Every repetition is bounded or of single signs that cannot match twice, so the time grows with the text and no faster.
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
PHONE = re.compile(r"(?<![\w.,/-])(?:\+|00|0)[0-9](?:[ ()/.-]{0,2}[0-9]){6,13}(?![\w/-])")
TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Mme|M|Sr|Sra|Mevrouw|Meneer)\b\.?[ ]{1,2}[A-ZÄÖÜÉÈÁÀÅÆØÇÑ][\w'’-]{1,40}(?:[ ][A-ZÄÖÜÉÈÁÀÅÆØÇÑ][\w'’-]{1,40})?"
)
INSTEAD = "[removed]"


def personal_data(text: str, *, ours: str = "") -> tuple[str, ...]:
    """What in ``text`` looks like personal data, in its order; addresses at our own domain ``ours`` are colleagues'."""
    return tuple(dict.fromkeys(text[start:end] for start, end in _spans(text, ours)))


def without_personal_data(text: str, *, ours: str = "") -> str:
    """``text`` with "[removed]" in place of what looks like personal data; doing it again changes nothing."""
    kept, at = [], 0
    for start, end in _spans(text, ours):
        kept += [text[at:start], INSTEAD]
        at = end
    return "".join([*kept, text[at:]])


def _spans(text: str, ours: str) -> list[tuple[int, int]]:
    """The stretches from left to right; of those that overlap the first."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted(_found(text, ours)):
        if not spans or start >= spans[-1][1]:
            spans.append((start, end))
    return spans


def _found(text: str, ours: str) -> Iterator[tuple[int, int]]:
    for pattern in (ADDRESS, PHONE, TITLED):
        for match in pattern.finditer(text):
            if not (pattern is ADDRESS and ours and match[0].casefold().endswith(f"@{ours.casefold()}")):
                yield match.span()
