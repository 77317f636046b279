"""Why there is no estimate. A reason is a value of its own, so that nobody can take its absence for an effect of 0."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Every way in which a release cannot be read."""

    FUTURE = "future"
    FEED_STOPPED = "feed_stopped"
    TOO_CLOSE = "too_close"
    FEW_AFTER = "few_after"
    SHORT_HISTORY = "short_history"
    NEW_DEFINITION = "new_definition"
    NO_VALUES = "no_values"
    MISSING = "missing"
    CONTROL_MISSING = "control_missing"
    FEW_PAST = "few_past"
    NO_VARIATION = "no_variation"


@dataclass(frozen=True, slots=True)
class NoEstimate:
    """No effect is said; ``words`` say why, as the rest of "Not enough data: …"."""

    reason: Reason
    words: str


def count_of(number: int, noun: str) -> str:
    """ "1 day", "2 days": a number with its noun, for reasons."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
