"""How sure a reading is, and why: a checklist worked out from the stored reading and what it was made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.models import Estimate, EstimateWord
from metrics.queries.effect_words import percent_text
from metrics.queries.effects import Effect
from metrics.queries.words import day_text, number, short_day
from metrics.sources.context import PUBLIC_HOLIDAY, Context
from metrics.stats.cadence import WEIGHTS
from products.catalog.words import counted, listed

MOST_EVENTS = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that makes a reading surer (``is_well``) or less sure, in words."""

    is_well: bool
    text: str


def checks(
    effect: Effect, row: Estimate, *, plain: Effect | None, controls: Sequence[str], context: Sequence[Context],
    worth: float | None,
) -> tuple[Check, ...]:  # fmt: skip
    """The checklist of one KPI's reading from its past; ``worth`` is the change worth having, in per cent or points."""
    found = [_named(effect), _experiment(effect), _controls(controls, effect)]
    if effect.figures is not None:
        found += [_past(effect, row), _window(effect, row), _together(effect)]
    found += [_detectable(effect, worth), _context(context, plain)]
    return tuple(one for one in found if one is not None)


def _named(effect: Effect) -> Check:
    role = "as a guardrail" if effect.is_guardrail else "as the main KPI" if effect.is_main else "as one of its KPIs"
    good = "higher is better" if effect.unit.direction == "up" else "lower is better"
    when = f"on {day_text(effect.named_at.date())}"
    if effect.is_named_before:
        return Check(True, f"Named before release, {when}, {role}; {good}")
    return Check(False, f"Named afterwards, {when}: what is looked for after the fact is found more easily")


def _experiment(effect: Effect) -> Check:
    if effect.basis == Estimate.Basis.EXPERIMENT:
        return Check(True, "A randomised experiment speaks for it; the reading from its past stands beside it")
    return Check(False, "No held-back group: an experiment would say more")


def _controls(names: Sequence[str], effect: Effect) -> Check:
    if names:
        word = counted(len(names), "control KPI")
        return Check(True, f"{word}, declared {short_day(effect.named_at.date())}: {listed(list(names))}")
    return Check(False, "No control KPI: one series alone is weak evidence")


def _past(effect: Effect, row: Estimate) -> Check:
    separate = f"they overlap and count as {number(row.df or 0, 1)} separate ones"
    if effect.is_busy:
        return Check(False, f"A busy past: {effect.quiet_dates:,} dates, other releases among them; {separate}")
    return Check(True, f"A quiet past: {effect.quiet_dates:,} dates on which nothing named this KPI; {separate}")


def _window(effect: Effect, row: Estimate) -> Check:
    length = counted(effect.planned, effect.step)
    if effect.is_early:
        return Check(False, f"{effect.horizon} of {length} so far: an early reading")
    if effect.horizon < effect.planned:
        return Check(
            False, f"Cut short: {effect.horizon} of {length}, then another release that named this KPI went live"
        )
    if row.weeks < len(WEIGHTS):
        return Check(
            False, f"All {length}, but only {counted(row.weeks, 'week')} to compare with since the release before"
        )
    after = f", after {counted(row.roll_out, effect.step)} of roll-out" if row.roll_out else ""
    return Check(True, f"All {length} were read{after}")


def _together(effect: Effect) -> Check:
    if effect.members > 1:
        words = f"Read together with {counted(effect.members - 1, 'other release')} that went live within days: one joint effect"
        return Check(False, words)
    return Check(True, "No other release so close that named this KPI")


def _detectable(effect: Effect, worth: float | None) -> Check:
    worth_text = f"the change worth having is {_size(worth, effect)}" if worth else "no change worth having is set"
    if effect.detectable is None:
        return Check(False, f"When it was named nobody could say what could be detected; {worth_text}")
    is_well = worth is not None and effect.detectable <= worth
    words = (
        f"Smallest effect that could have been detected: {_size(effect.detectable, effect)}, 4 times in 5; {worth_text}"
    )
    return Check(is_well, words)


def _size(change: float, effect: Effect) -> str:
    return percent_text(change, effect.unit).lstrip("+")


def _context(context: Sequence[Context], plain: Effect | None) -> Check:
    if not context:
        return Check(True, "No campaign, outage or holiday is on record around it")
    events = [one for one in context if one.kind != PUBLIC_HOLIDAY]
    told = [
        f"{one.name}, {short_day(one.first)}{f' to {short_day(one.last)}' if one.last != one.first else ''}"
        for one in events
    ]
    if len(told) > MOST_EVENTS:
        told = [*told[:MOST_EVENTS], f"{len(told) - MOST_EVENTS} more"]
    if holidays := len(context) - len(events):
        told.append(counted(holidays, "public holiday"))
    beside = ""
    if plain is not None and plain.figures is not None:
        beside = f". With these days in it: {plain.percent_text} ({plain.interval_text}), {plain.words.lower()}"
    elif plain is not None and plain.word == EstimateWord.NOT_ENOUGH_DATA:
        beside = f". With these days in it: {plain.words.lower()}"
    return Check(False, f"Left out: {'; '.join(told)}{beside}")
