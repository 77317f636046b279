"""Claims that make up more than half of what a product is credited with: shown to leads, as a reason to look and never as a reproach."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db import connection

from metrics.catalog.quarters import Quarter
from metrics.queries.effect_words import signed
from metrics.queries.words import money, number
from products.access import Actor, teams_of
from products.catalog.words import counted
from products.models import Membership

MOST_CLAIMS = 20
MOST_NAMED = 3
Claimed = tuple[tuple[int, ...], str, str, date]  # enablements, who helped, who was helped, the quarter
# What each claim brings a product straight from the releases that it helped: its share of their effects, of which the product keeps a part.
# Several enablements that are one player of a split are told together: nothing says which of them brought how much.
HEAVY = """
WITH mine AS (
    SELECT product_id FROM products_productteam WHERE team_id = ANY (%(led)s) AND period @> %(day)s::date
), brought AS (
    SELECT part.product_id, split.kpi_id, split.period, part.enablements, split.product_id AS helped, sum(part.share * split.effect) AS amount
    FROM metrics_creditpart AS part JOIN metrics_creditsplit AS split ON split.id = part.split_id
    WHERE split.effect IS NOT NULL
        AND (part.product_id IN (SELECT product_id FROM mine) OR split.product_id IN (SELECT product_id FROM mine))
    GROUP BY part.product_id, split.kpi_id, split.period, part.enablements, split.product_id
)
SELECT brought.enablements, product.name, helped.name, brought.period, kpi.name, kpi.currency, kpi.unit,
    brought.amount * credit.kept, credit.credited
FROM brought
JOIN metrics_credit AS credit USING (kpi_id, period, product_id)
JOIN products_product AS product ON product.id = brought.product_id
JOIN products_product AS helped ON helped.id = brought.helped
JOIN metrics_kpi AS kpi ON kpi.id = brought.kpi_id
WHERE abs(brought.amount * credit.kept) > abs(credit.credited) / 2
ORDER BY brought.period DESC, brought.enablements, kpi.name LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class HeavyClaim:
    """A claim, by its keys, with whom it helped and how much of which credit it is."""

    keys: tuple[str, ...]
    names: str
    text: str


def heavy_claims(user: Actor, *, day: date) -> tuple[HeavyClaim, ...]:
    """Heavy claims of or about products that the reader's led teams own today, the newest quarter first. Two statements."""
    led = list(teams_of(user, day=day, roles=(Membership.Role.LEAD,)).values_list("pk", flat=True))
    if not led:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(HEAVY, {"led": led, "day": day, "most": MOST_CLAIMS * 5})
        rows = cursor.fetchall()
    found: dict[Claimed, list[str]] = defaultdict(list)
    for numbers, product, helped, period, kpi, currency, unit, amount, credited in rows:
        told = f"{kpi}: {_amount(amount, currency, unit)} of {_amount(credited, currency, unit)}"
        found[tuple(numbers), product, helped, period].append(told)
    return tuple(_told(*claimed, told) for claimed, told in list(found.items())[:MOST_CLAIMS])


def _told(numbers: tuple[int, ...], product: str, helped: str, period: date, told: list[str]) -> HeavyClaim:
    more = f"; {counted(len(told) - MOST_NAMED, 'more KPI')}" if len(told) > MOST_NAMED else ""
    return HeavyClaim(
        tuple(f"E-{one}" for one in numbers),
        f"{product} for {helped}",
        f"More than half of what {product} is credited with in the {Quarter(period).text}. {'; '.join(told[:MOST_NAMED])}{more}.",
    )


def _amount(value: float, currency: str, unit: str) -> str:
    """``+€4.90k``, ``−0.03 points``, ``+0.16 pts`` of a percentage."""
    if currency:
        return signed(money(value, currency), value)
    return f"{signed(number(value), value)} {'pts' if unit == '%' else unit}".rstrip()
