"""Features as several pages need them: by their keys, and how long their small questions waited for an answer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from products.access import Actor, visible_features
from products.catalog.words import took
from products.models import Feature

FEATURE_KEY = re.compile(r"W-([1-9][0-9]{0,17})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """How long design questions of one product type took: the median and the middle half of ``n`` answers, in seconds.

    ``open`` counts those asked in the same time that wait still. Without an answer there is no median.
    """

    type: str
    n: int
    open: int
    median: float | None
    lower: float | None
    upper: float | None

    @property
    def text(self) -> str:
        """The figures as a page tells them, never without their n."""
        waiting = f"{self.open} still open" if self.open else "none open"
        if self.median is None or self.lower is None or self.upper is None:
            return f"no answer yet, {waiting}"
        half = f"the middle half {took(self.lower)} to {took(self.upper)}" if self.n > 1 else "one answer only"
        return f"{took(self.median)}, {half}, n {self.n}, {waiting}"


# By when they were asked: counting by answers would leave out those that wait longest.
ANSWER_TIMES = """
SELECT kind.type, count(asked.answered_at), count(asked.id) - count(asked.answered_at),
    percentile_cont(ARRAY[0.5, 0.25, 0.75]) WITHIN GROUP (ORDER BY extract(epoch FROM asked.answered_at - asked.asked_at))
FROM unnest(ARRAY['E', 'I']) AS kind (type)
LEFT JOIN (
    SELECT product.type, question.id, question.asked_at, question.answered_at
    FROM products_designquestion AS question
    JOIN products_feature AS feature ON feature.id = question.feature_id
    JOIN products_product AS product ON product.id = feature.product_id
    WHERE question.asked_at >= %(since)s AND question.asked_at < %(until)s
) AS asked ON asked.type = kind.type
GROUP BY kind.type ORDER BY kind.type
"""


def design_answer_times(since: datetime, until: datetime) -> tuple[AnswerTimes, ...]:
    """How long the questions asked in ``[since, until)`` took to be answered, E before I. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(ANSWER_TIMES, {"since": since, "until": until})
        rows = cursor.fetchall()
    return tuple(AnswerTimes(kind, n, waiting, *(points or (None, None, None))) for kind, n, waiting, points in rows)


@dataclass(frozen=True, slots=True)
class NamedFeature:
    """A key that a release names; ``number`` and ``title`` only where a feature of the product has it."""

    key: str
    number: int | None
    title: str


def features_named(user: Actor, product: int, keys: Iterable[str]) -> tuple[NamedFeature, ...]:
    """What the keys of a release lead to, in their order. One statement, none without a key of ours."""
    named = list(keys)
    numbers = [int(match[1]) for match in map(FEATURE_KEY.fullmatch, named) if match]
    rows = visible_features(user).filter(product=product, pk__in=numbers) if numbers else Feature.objects.none()
    titles = dict(rows.values_list("pk", "title"))
    return tuple(_named(key, titles) for key in named)


def _named(key: str, titles: dict[int, str]) -> NamedFeature:
    match = FEATURE_KEY.fullmatch(key)
    number = int(match[1]) if match and int(match[1]) in titles else None
    return NamedFeature(key, number, titles[number] if number else "")
