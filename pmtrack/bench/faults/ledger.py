"""What the server acknowledged, how quickly, and what it said that it should not have said."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self


@dataclass(slots=True)
class Ledger:
    """The facts that the server said it has; ``seconds`` of each acknowledged request, ``fresh`` until it was shown."""

    events: set[str] = field(default_factory=set)
    entries: dict[str, tuple[str, date]] = field(default_factory=dict)
    readings: dict[tuple[str, date], int] = field(default_factory=dict)
    usage: dict[tuple[str, str, date], int] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)

    @property
    def facts(self) -> int:
        """How many different facts were acknowledged."""
        return sum(map(len, (self.events, self.entries, self.readings, self.usage)))

    @property
    def writes(self) -> int:
        """How many requests were acknowledged, corrections among them."""
        return len(self.seconds)

    @property
    def retries(self) -> int:
        """How often a client had to send again: no answer, or 503 with Retry-After."""
        return self.answers[0] + self.answers[503]

    @classmethod
    def of(cls, parts: Iterable["Ledger"]) -> Self:
        """One ledger of several clients, whose keys are their own."""
        whole = cls()
        for part in parts:
            whole.events |= part.events
            whole.entries |= part.entries
            whole.readings |= part.readings
            whole.usage |= part.usage
            whole.surprises += part.surprises
            whole.answers += part.answers
            whole.seconds += part.seconds
            whole.fresh += part.fresh
        return whole


def share_below(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of ``values`` do not exceed; 0 where there are none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1_000_000) * len(ordered) // 1_000_000) - 1))]


def in_words(values: Sequence[float], *, unit: str = "ms") -> str:
    """Median, p99 and largest of seconds, in ``ms`` or ``s``."""
    scale, digits = (1e3, 0) if unit == "ms" else (1.0, 2)
    middle, high = (share_below(values, share) * scale for share in (0.5, 0.99))
    largest = max(values, default=0.0) * scale
    return f"median {middle:.{digits}f}, p99 {high:.{digits}f}, largest {largest:.{digits}f} {unit} of {len(values):,}"
