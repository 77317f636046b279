"""A reading as the sentence that people read: what happened, what was expected, and what quiet dates do."""

from metrics.stats.cadence import WEIGHTS
from metrics.stats.effects import Estimate
from metrics.stats.natural import PERCENT
from metrics.stats.series import Form
from metrics.stats.verdicts import Verdict, Word

NUMBERS = ("no", "one", "two", "three", "four")


def sentence(reading: Estimate, verdict: Verdict, *, release: str, kpi: str, step: str = "day") -> str:
    """In the 14 days after ``release``, ``kpi`` was 8 % above what was expected; on so many quiet dates …: the verdict."""
    window = reading.window
    weeks = "the week before" if window.weeks == 1 else f"the {NUMBERS[min(window.weeks, len(WEIGHTS))]} weeks before"
    by_weekday = ", weekday by weekday," if step == "day" else ""
    dates = f"{reading.quiet_dates:,} {'dates' if reading.is_busy else 'quiet dates'} in the year before"
    busy = ", other releases among them," if reading.is_busy else ","
    return (
        f"In the {window.horizon} {step}s after {release}, {kpi} was {_against(reading)} what {weeks}{by_weekday} led us to "
        f"expect. On {dates}{busy} the same comparison stayed within ±{_size(reading, reading.usual)}: {_end(verdict)}."
    )


def span(reading: Estimate, level: float) -> str:
    """An interval in words: "−13 % to +34 %"."""
    interval = reading.interval(level)
    return f"{_signed(reading, interval.low)} to {_signed(reading, interval.high)}"


def _against(reading: Estimate) -> str:
    way = "above" if reading.effect > 0 else "below"
    return f"{_size(reading, reading.effect)} {way}"


def _signed(reading: Estimate, effect: float) -> str:
    return f"{'+' if effect >= 0 else '−'}{_size(reading, effect)}"


def _size(reading: Estimate, effect: float) -> str:
    """How large an effect is, without its sign: per cent, percentage points or points."""
    form = reading.expected.form
    size = abs(reading.expected.comparable(effect))
    if form in (Form.COUNT, Form.MONEY):
        return f"{_short(PERCENT * size)} %"
    return f"{_short(size)} {'percentage points' if form is Form.RATE else 'points'}"


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")


def _end(verdict: Verdict) -> str:
    return "we cannot tell" if verdict.word is Word.CANNOT_TELL else verdict.words[:1].lower() + verdict.words[1:]
