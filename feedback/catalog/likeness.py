"""How alike two texts are, from the words they share: rare words say more than common ones. Pure arithmetic."""

from collections.abc import Iterable, Mapping
from math import log

# The share of entries that a word is taken to stand in when statistics do not know it.
RARE = 0.0005
# From here on an entry is worth showing: half of what was typed, weighted by how telling the words are, stands in it.
ALIKE = 0.5
# A long text may tell a short one among other things: most of an entry's words, and at least so many, stand in it.
TOLD, TOLD_WORDS = 0.6, 3
# Typing mistakes share letters, not words: this share of letter groups in common is as good.
SPELT_ALIKE = 0.45


def weight(share: float | None) -> float:
    """How telling a word is that stands in such a share of the entries: −ln(share), never less than a tenth."""
    return max(0.1, -log(max(share or RARE, RARE)))


def telling(shares: Mapping[str, float | None], most: int) -> list[str]:
    """The ``most`` most telling of the words, the rarest first; equal ones in the alphabet's order."""
    return sorted(shares, key=lambda word: (-weight(shares[word]), word))[:most]


def shared(shares: Mapping[str, float | None], words: Iterable[str]) -> float:
    """Which part of the typed words, weighted, stands among ``words``: 0 (nothing) to 1 (all). 0 if nothing was typed."""
    total = sum(weight(share) for share in shares.values())
    known = set(words)
    found = sum(weight(share) for word, share in shares.items() if word in known)
    return found / total if total else 0.0


def told(typed: Iterable[str], words: Iterable[str]) -> float:
    """Which part of an entry's ``words`` was typed, 0 to 1; 0 where fewer than three were."""
    entry = set(words)
    common = len(entry & set(typed))
    return common / len(entry) if common >= TOLD_WORDS else 0.0
