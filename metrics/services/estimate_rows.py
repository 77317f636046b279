"""From facts to rows: what the estimates of some products must say. Nothing is written here, so that a check is a comparison."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from metrics.models import Estimate
from metrics.sources.asked import Calendar, calendar_of, known_of, question_of, today_of
from metrics.sources.effects import Facts, Pair, Told
from metrics.stats import experiments
from metrics.stats.effects import Estimate as Reading
from metrics.stats.pictures import Picture
from metrics.stats.questions import VERSION, Answer, Known, Question, Reader
from metrics.stats.reasons import NoEstimate
from metrics.stats.verdicts import Verdict, verdict
from metrics.stats.windows import Window

Key = tuple[int, int, str]
DIGITS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A pair with its question, ready to be answered; ``digest`` tells whether it must be."""

    pair: Pair
    question: Question
    window: Window | NoEstimate
    digest: str
    calendar: Calendar
    known: Known
    today: date

    @property
    def look_again_on(self) -> date | None:
        """From when on time alone may change the answer: tomorrow, as long as days are still to come."""
        waits = isinstance(self.window, NoEstimate) or self.window.is_early
        return self.today + timedelta(days=1) if waits and self.pair.withdrawn_on is None else None

    @property
    def keys(self) -> set[Key]:
        """The rows that must be there whatever is answered."""
        bases = [Estimate.Basis.PAST, *([Estimate.Basis.EXPERIMENT] if self.pair.experiment else [])]
        return {(self.pair.release, self.pair.kpi, basis) for basis in bases}


@dataclass(slots=True, eq=False)
class Batch:
    """The estimates of some products. What releases of a KPI share is worked out once."""

    facts: Facts
    now: datetime
    _reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        facts = self.facts
        self._reader = Reader(
            {one.pk: known_of(one, facts.context.get(one.product, ())) for one in facts.kpis.values()}
        )

    def asked(self) -> Iterable[Asked]:
        """Every pair as a question with its digest."""
        for pair in self.facts.pairs:
            kpi = self.facts.kpis[pair.kpi]
            question = question_of(pair, self.facts, now=self.now)
            window = self._reader.window(question)
            digest = self._reader.digest(question, window, said=repr(pair))
            yield Asked(
                pair, question, window, digest, calendar_of(kpi), self._reader.known[kpi.pk], today_of(kpi, self.now)
            )

    def rows(self, asked: Asked) -> list[Estimate]:
        """The rows that answer a question; the one that lists show comes last, as only one may be preferred."""
        answer = self._reader.answer(asked.question, asked.window)
        told = asked.pair.experiment
        rows = [self._row(asked, answer, Estimate.Basis.PAST, is_preferred=told is None)]
        if answer.plain is not None:
            rows.insert(0, self._row(asked, answer.plain, Estimate.Basis.PLAIN, is_preferred=False))
        if told is not None:
            rows.append(self._experiment(asked, told))
        return rows

    def _row(self, asked: Asked, answer: Answer, basis: str, *, is_preferred: bool) -> Estimate:
        row = self._blank(asked, basis, answer.verdict, is_preferred=is_preferred)
        first, reading = asked.known.first, answer.reading
        last = first + len(asked.known) - 1
        if isinstance(reading, NoEstimate):
            row.reason = reading.reason
            row.as_of = asked.calendar.last_day(last) if len(asked.known) else None
            return row
        window = reading.window
        row.as_of = asked.calendar.last_day(min(last, first + window.end - 1))
        row.window_start = asked.calendar.day(first + window.start)
        row.roll_out, row.horizon, row.weeks = window.roll_out, window.horizon, window.weeks
        row.members, row.is_early, row.is_cut = window.members, window.is_early, window.is_cut
        _figures(row, reading)
        if answer.picture is not None:
            row.picture = _drawn(answer.picture)
        return row

    def _experiment(self, asked: Asked, told: Told) -> Estimate:
        is_relative = told.scale == "relative"
        result = experiments.Result(told.effect, told.low, told.high, told.level, is_relative, told.units)
        reading = experiments.estimate_of(result)
        back = 0 if asked.pair.withdrawn_on else None
        said = verdict(reading, good=asked.question.good, worth=asked.question.worth, withdrawn_at=back)
        row = self._blank(asked, Estimate.Basis.EXPERIMENT, said, is_preferred=True)
        row.method = reading.method
        _figures(row, reading)
        return row

    def _blank(self, asked: Asked, basis: str, said: Verdict, *, is_preferred: bool) -> Estimate:
        pair = asked.pair
        return Estimate(
            product_id=self.facts.kpis[pair.kpi].product,
            kpi_id=pair.kpi,
            release_id=pair.release,
            basis=basis,
            is_preferred=is_preferred,
            is_main=pair.is_main,
            is_guardrail=pair.is_guardrail,
            named_at=pair.named_at,
            is_named_before=pair.is_named_before,
            detectable=pair.detectable,
            control_ids=list(pair.controls),
            word=said.word,
            words=said.words,
            is_struck=said.is_struck,
            live_on=pair.live_on,
            planned=max(asked.question.horizon, asked.known.cadence.least_after),
            method=VERSION,
            digest=asked.digest,
            look_again_on=asked.look_again_on,
            computed_at=self.now,
        )


def changed(asked: Asked, stored: Mapping[Key, str]) -> bool:
    """Whether the stored rows answer another question than the one that is asked now."""
    return any(stored.get(key) != asked.digest for key in asked.keys)


def _figures(row: Estimate, reading: Reading) -> None:
    row.effect, row.p = reading.effect, reading.p
    row.se, row.df, row.reaches = reading.error.se, reading.error.df, list(reading.error.reaches)
    row.least = reading.error.detectable
    row.quiet_dates, row.usual, row.is_busy = reading.quiet_dates, reading.usual, reading.is_busy
    row.form, row.steps, row.shares = reading.expected.form, reading.expected.steps, list(reading.shares)
    row.level = reading.expected.level if reading.expected.level == reading.expected.level else None  # NaN is not known


def _drawn(found: Picture) -> dict[str, list[object]]:
    """The picture as numbers: of each day what was observed, expected, and the ends of both bands; then the past's effects."""
    days = [
        [_short(day.observed), _short(day.expected), *[_short(end) for band in day.bands for end in band]]
        for day in found.days
    ]
    return {"days": [*days], "dots": [_short(dot.effect) for dot in found.dots]}


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")
