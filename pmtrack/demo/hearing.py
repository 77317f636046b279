"""Composes the feedback entries: who said what about which product, through whom, how and when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from pmtrack.demo import voices
from pmtrack.demo.company import ALLIES, DUTIES, HISTORY_DAYS, OPENED, PRODUCTS
from pmtrack.demo.customers import Customer, customers_of
from pmtrack.demo.series import generator

SOURCE = "halden/inbox"
HOW_MANY = {
    "checkout": 74,
    "shipper-app": 58,
    "carrier-portal": 47,
    "dock-booking": 16,
    "rate-desk": 44,
    "switchyard": 50,
    "dock-planner": 9,
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One entry; names of colleagues and accounts are looked up by the writer. ``product`` None waits for triage."""

    source_id: str
    product: str | None
    text: str
    channel: str
    received_at: datetime
    logged_by: str
    account: str | None = None
    colleague: str | None = None
    via: str | None = None
    people_affected: int | None = None
    hours_lost_monthly: Decimal | None = None
    severity: int | None = None
    sentiment: str = ""


def heard(*, seed: int, today: date, colleagues: list[str]) -> list[Heard]:
    """All entries, oldest first. ``colleagues`` are the names of those who may have spoken."""
    random = generator(seed, "feedback")
    entries: list[Heard] = []
    for product in PRODUCTS:
        external = product.slug in voices.EXTERNAL
        told = _external(random, product.slug) if external else _internal(random, product.slug, colleagues)
        for number, rest in enumerate(told, start=1):
            ago = _ago(random, product.slug)
            entries.append(
                Heard(
                    source_id=f"{product.slug}-{number}",
                    product=product.slug,
                    received_at=_instant(random, today, ago, product.time_zone),
                    logged_by=_logger(product.slug, ago),
                    **rest,
                )
            )
    entries += _without_product(random, today, colleagues)
    return sorted(entries, key=lambda entry: (entry.received_at, entry.source_id))


def _external(random: np.random.Generator, product: str) -> Iterator[dict[str, object]]:
    """What customers said, each through the colleague who manages the account or an ally of the product."""
    allies = [
        name for slug, name, function in ALLIES if slug == product and function in {"support", "account_management"}
    ]
    customers = customers_of(product)
    for text, channel, praise in _texts(random, voices.EXTERNAL[product], voices.ALLY_OPENINGS, HOW_MANY[product]):
        customer: Customer = customers[min(int(random.exponential(len(customers) / 3)), len(customers) - 1)]
        yield {
            "text": text,
            "channel": channel,
            "account": customer.reference,
            "via": customer.manager if random.random() < 0.8 else _pick(random, tuple(allies)),
            **_feeling(random, praise),
        }


def _internal(random: np.random.Generator, product: str, colleagues: list[str]) -> Iterator[dict[str, object]]:
    """What colleagues said themselves, with how many it hits and the hours it costs, where they knew."""
    for text, channel, praise in _texts(random, voices.INTERNAL[product], voices.COLLEAGUE_OPENINGS, HOW_MANY[product]):
        knows = random.random() < 0.6 and not praise
        yield {
            "text": text,
            "channel": channel,
            "colleague": _pick(random, tuple(colleagues)),
            "people_affected": int(random.integers(1, 25)) if knows else None,
            "hours_lost_monthly": Decimal(int(random.integers(1, 24))) / 2 if knows else None,
            **_feeling(random, praise),
        }


def _texts(
    random: np.random.Generator, problems: tuple[str, ...], openings: tuple[tuple[str, str], ...], count: int
) -> Iterator[tuple[str, str, bool]]:
    """``count`` different texts, the channel of each, and whether it is praise; the first problems of a list are heard most."""
    weights = 1 / np.arange(2, len(problems) + 2)
    said: set[str] = set()
    while len(said) < count:
        problem = problems[int(random.choice(len(problems), p=weights / weights.sum()))]
        praise = any(words in problem for words in voices.PRAISE)
        channel, opening = openings[int(random.integers(len(openings)))]
        opening = opening.format(text=problem, Text=problem[0].upper() + problem[1:])
        text = f"{opening} {_pick(random, voices.PRAISE_TAILS if praise else voices.TAILS)}".strip()
        if text not in said:
            said.add(text)
            yield text, channel, praise


def _feeling(random: np.random.Generator, praise: bool) -> dict[str, object]:
    if praise:
        return {"sentiment": "positive"}
    severity = int(random.choice([1, 2, 3, 4], p=[0.25, 0.4, 0.27, 0.08])) if random.random() < 0.7 else None
    return {"severity": severity, "sentiment": _pick(random, ("negative", "negative", "neutral", ""))}


def _without_product(random: np.random.Generator, today: date, colleagues: list[str]) -> Iterator[Heard]:
    for number, text in enumerate(voices.NO_PRODUCT, start=1):
        yield Heard(
            source_id=f"unsorted-{number}",
            product=None,
            text=text,
            channel="chat",
            received_at=_instant(random, today, int(random.integers(2, 60)), "Europe/Amsterdam"),
            logged_by="Ines Okafor",
            colleague=_pick(random, tuple(colleagues)),
        )


def _ago(random: np.random.Generator, product: str) -> int:
    """Days ago: spread over the span, a little more of late; Dock Planner's end and Dock Booking's start are kept."""
    reach = {"dock-booking": OPENED - 2, "dock-planner": HISTORY_DAYS - OPENED}.get(product, HISTORY_DAYS - 10)
    ago = 1 + int(reach * float(random.beta(1.0, 1.5)))
    return ago + OPENED if product == "dock-planner" else ago


def _instant(random: np.random.Generator, today: date, ago: int, time_zone: str) -> datetime:
    """A moment in office hours of a weekday."""
    day = today - timedelta(days=ago)
    day -= timedelta(days=max(0, day.weekday() - 4))
    moment = time(int(random.integers(8, 18)), int(random.integers(0, 60)), int(random.integers(0, 60)))
    return datetime.combine(day, moment, ZoneInfo(time_zone))


def _logger(product: str, ago: int) -> str:
    """The product's owner on that day."""
    return next(
        duty.person
        for duty in DUTIES
        if duty.product == product and duty.role == "owner" and duty.start >= ago > (duty.end or 0) - 1
    )


def _pick(random: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(random.integers(len(choices)))]
