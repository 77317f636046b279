"""Close the cycle: a released feature is measured once an effect of its release is read in full or its help is confirmed."""

from collections.abc import Sequence
from datetime import datetime

from metrics.sources.known import known_features
from products.models import Feature
from products.services.feature_moves import CannotMove, mark_measured

LONGEST_REASON = 500


def follow_what_is_known(*, now: datetime, products: Sequence[int] | None = None) -> int:
    """Move the features of which something is known to measured, each on the day on which it was known; gives back how many.

    Whoever moved a feature meanwhile is left alone. Again changes nothing. With ``products`` only by effects on their KPIs.
    """
    known = known_features(now=now, products=products)
    return sum(_follow(one.feature, one.at, one.words[:LONGEST_REASON], now) for one in known)


def _follow(feature: int, at: datetime, words: str, now: datetime) -> bool:
    try:
        mark_measured(feature=Feature(pk=feature), now=now, known_at=at, reason=words)
    except CannotMove:
        return False
    return True
