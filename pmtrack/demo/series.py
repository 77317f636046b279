"""Draws the days of each KPI from its shape, the calendar and the true effects. Seeded for each KPI by its slug."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from pmtrack.demo.days import Calendar, Floats
from pmtrack.demo.effects import TrueEffect
from pmtrack.demo.kpis import Measure, Shape

SCORES = np.arange(1, 6)


@dataclass(frozen=True, slots=True)
class Day:
    """One day's mergeable sums, as a reading has them."""

    day: date
    numerator: Decimal
    denominator: Decimal
    n: int
    squares: Decimal


@dataclass(frozen=True, slots=True)
class Shift:
    """A true effect on the calendar: ``change`` from index ``start`` on, full after ``rollout`` days, until ``end``."""

    change: float
    start: int
    rollout: int
    end: int | None


def generator(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one named part of the story: adding a part never changes another."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def shift(effect: TrueEffect, *, calendar: Calendar, exposed: date, rolled_back: date | None) -> Shift:
    """Where on the calendar an effect holds."""
    end = None if rolled_back is None else (rolled_back - calendar.first).days
    return Shift(effect.change, (exposed - calendar.first).days, effect.rollout_days, end)


def wandering(random: np.random.Generator, length: int, *, step: float, memory: float) -> Floats:
    """A slow walk that forgets: x[t] = memory · x[t − 1] + step · noise, started in its long-run state."""
    steps = random.normal(0.0, step, length)
    steps[0] /= np.sqrt(1 - memory**2)
    walk = np.empty(length)
    level = 0.0
    for index, value in enumerate(steps):
        level = memory * level + value
        walk[index] = level
    return walk


def common_demand(seed: int, calendar: Calendar) -> Floats:
    """The company's demand for freight, in logarithms: what all its KPIs feel, each to its own degree."""
    return wandering(generator(seed, "demand"), len(calendar.days), step=0.012, memory=0.97)


def draw(measure: Measure, *, seed: int, calendar: Calendar, demand: Floats, shifts: Iterable[Shift] = ()) -> list[Day]:
    """The days of one KPI, gaps and closed days left out."""
    random = generator(seed, measure.slug)
    moved = shifted(len(calendar.days), shifts)
    rows = {"sum": sums, "ratio": shares, "mean": means}[measure.form](measure.shape, random, calendar, demand, moved)
    return [row for index, row in enumerate(rows) if row is not None and is_told(measure, len(rows) - index)]


def is_told(measure: Measure, ago: int) -> bool:
    """Whether a reading was pushed for the day ``ago`` days before today."""
    if measure.gap is not None and measure.gap[1] <= ago <= measure.gap[0]:
        return False
    return ago >= measure.last and (measure.first is None or ago <= measure.first)


def shifted(length: int, shifts: Iterable[Shift]) -> Floats:
    """The sum of all changes on each day."""
    total = np.zeros(length)
    index = np.arange(length)
    for one in shifts:
        share = np.clip((index - one.start + 1) / (one.rollout + 1), 0.0, 1.0)
        share[index < one.start] = 0.0
        if one.end is not None:
            share[index >= one.end] = 0.0
        total += one.change * share
    return total


def volume(shape: Shape, calendar: Calendar, demand: Floats) -> Floats:
    """How busy each day is, as a multiple of a usual one."""
    busy: Floats = np.array(shape.week)[calendar.weekday] * calendar.holiday * np.exp(shape.demand * demand)
    return busy


def own_course(shape: Shape, random: np.random.Generator, calendar: Calendar) -> Floats:
    """Season, growth and slow wandering of one KPI, in logarithms or log-odds around its level."""
    length = len(calendar.days)
    growth = shape.trend * np.linspace(-0.5, 0.5, length)
    return shape.year * calendar.year + growth + wandering(random, length, step=shape.drift, memory=shape.wander)


def sums(
    shape: Shape, random: np.random.Generator, calendar: Calendar, demand: Floats, moved: Floats
) -> list[Day | None]:
    """A day's total: whole units of a size (1: counts; else money, to the cent)."""
    course = np.exp(own_course(shape, random, calendar)) * volume(shape, calendar, demand) * (1 + moved)
    expected = shape.level / shape.units * course * random.lognormal(0.0, shape.noise, len(course))
    counts = random.poisson(expected)
    sizes = random.normal(shape.units, shape.units * 0.02, len(counts)) if shape.units != 1.0 else np.ones(len(counts))
    return [
        None if course[index] == 0 else _sum(calendar.days[index], count, sizes[index])
        for index, count in enumerate(counts.tolist())
    ]


def shares(
    shape: Shape, random: np.random.Generator, calendar: Calendar, demand: Floats, moved: Floats
) -> list[Day | None]:
    """A share of the units that were there: no units, no reading."""
    units = random.poisson(shape.units * volume(shape, calendar, demand))
    odds = np.log(shape.level / (1 - shape.level)) + own_course(shape, random, calendar)
    share = np.clip(1 / (1 + np.exp(-odds)) + moved, 0.001, 0.999)
    hits = random.binomial(units, share)
    zero = Decimal(0)
    return [
        Day(day, Decimal(hit), Decimal(unit), unit, zero) if unit else None
        for day, hit, unit in zip(calendar.days, hits.tolist(), units.tolist(), strict=True)
    ]


def means(
    shape: Shape, random: np.random.Generator, calendar: Calendar, demand: Floats, moved: Floats
) -> list[Day | None]:
    """A mean of scores from 1 to 5: their sum, count and squares."""
    units = random.poisson(shape.units * volume(shape, calendar, demand))
    place = (shape.level - 1) / 4
    odds = np.log(place / (1 - place)) + own_course(shape, random, calendar)
    mean = np.clip(1 / (1 + np.exp(-odds)) + moved / 4, 0.01, 0.99)
    return [
        _mean(day, random.multinomial(unit, score_chances(chance))) if unit else None
        for day, unit, chance in zip(calendar.days, units.tolist(), mean.tolist(), strict=True)
    ]


def score_chances(place: float) -> Floats:
    """The chances of the scores 1 to 5 whose mean lies at ``place`` (0 to 1) between 1 and 5: binomial, of four."""
    ways = np.array([1, 4, 6, 4, 1])
    return ways * place ** (SCORES - 1) * (1 - place) ** (5 - SCORES)


def _sum(day: date, count: int, size: float) -> Day:
    return Day(day, Decimal(f"{count * size:.2f}") if size != 1.0 else Decimal(count), Decimal(0), count, Decimal(0))


def _mean(day: date, counts: np.ndarray) -> Day:
    n, total, squares = (int(value) for value in (counts.sum(), counts @ SCORES, counts @ SCORES**2))
    return Day(day, Decimal(total), Decimal(n), n, Decimal(squares))
