"""One release asked about one KPI: all that the answer hangs on and nothing else, so that an unchanged question is not asked again.

Steps are counted from a common origin here: days by their ordinal number, weeks by the number of their Monday. The answers are
those of ``effects.estimate`` for the KPI's own steps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

import numpy as np

from metrics.stats.cadence import DAILY, METHOD, Cadence
from metrics.stats.effects import Estimate, estimate
from metrics.stats.past import Past
from metrics.stats.pictures import Picture, picture
from metrics.stats.reasons import NoEstimate, Reason
from metrics.stats.series import Bools, Floats, Form, Series, amounts, rates, scores
from metrics.stats.verdicts import Good, Verdict, verdict
from metrics.stats.windows import Feed, Intervention, Window, window_of

# Names what is stored of a reading; raised when the same method is told in other figures.
VERSION = f"{METHOD}, stored 1"


class Kind(StrEnum):
    """What a KPI's days are, which decides how they are compared."""

    AMOUNT = "amount"  # counted where all is whole before the release, otherwise measured
    MONEY = "money"
    RATE = "rate"
    SCORE = "score"


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A KPI's steps from ``first`` to its last loaded one; NaN where there is none.

    ``bases`` and ``squares`` are not looked at for amounts and money. ``masked`` steps are left out of a reading with masks;
    ``breaks`` are the steps on which a new definition begins. ``usual_lag`` is how many steps readings are usually behind.
    """

    kind: Kind
    first: int
    tops: Floats
    bases: Floats
    squares: Floats
    masked: Bools
    breaks: tuple[int, ...] = ()
    usual_lag: int = 1
    cadence: Cadence = DAILY
    first_fraction: int = field(init=False)

    def __post_init__(self) -> None:
        with np.errstate(invalid="ignore"):
            fractions = np.flatnonzero(~np.isnan(self.tops) & (self.tops != np.rint(self.tops)))
        object.__setattr__(self, "first_fraction", int(fractions[0]) if fractions.size else len(self.tops))

    def __len__(self) -> int:
        return len(self.tops)

    def like(self, other: "Known") -> "Known":
        """These steps over the span and under the masks of ``other``, which it is a control of."""
        size, shift = len(other), other.first - self.first
        tops, bases, squares = (_moved(part, shift, size) for part in (self.tops, self.bases, self.squares))
        breaks = tuple(step - shift for step in self.breaks if 0 < step - shift < size)
        return Known(self.kind, other.first, tops, bases, squares, other.masked, breaks, self.usual_lag, self.cadence)


@dataclass(frozen=True, slots=True)
class Live:
    """A release that named the KPI: live on step ``at`` for some, ``roll_out`` steps later for all; taken back on ``withdrawn``."""

    at: int
    roll_out: int = 0
    withdrawn: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What ``release`` did to ``kpi`` among the ``others`` that named it; ``controls`` are keys of KPIs, ``today`` the calendar's step."""

    kpi: int
    release: Live
    others: tuple[Live, ...]
    horizon: int
    controls: tuple[int, ...] = ()
    good: Good = Good.NEITHER
    worth: float | None = None
    today: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A reading with its verdict; ``plain`` is the one without masks where masks made a difference to what was read."""

    reading: Estimate | NoEstimate
    verdict: Verdict
    picture: Picture | None
    plain: "Answer | None" = None


@dataclass(slots=True, eq=False)
class Reader:
    """Answers questions about ``known`` KPIs. What a KPI's releases share is worked out once, and kept until another KPI is asked about."""

    known: Mapping[int, Known]
    _kpi: int | None = field(init=False, default=None)
    _pasts: dict[tuple[int, int, bool, bool], Past] = field(init=False, default_factory=dict)

    def window(self, question: Question) -> Window | NoEstimate:
        """The steps that would be read, counted from the KPI's first, or why there are none."""
        known = self.known[question.kpi]
        if not len(known) or bool(np.isnan(known.tops).all()):
            return NoEstimate(Reason.NO_VALUES, "no reading has arrived yet")
        feed = Feed(question.today - known.first, known.usual_lag) if question.today is not None else None
        release, others = self._among(question)
        horizon = max(question.horizon, known.cadence.least_after)
        return window_of(release, others, horizon=horizon, cadence=known.cadence, loaded=len(known), feed=feed)

    def digest(self, question: Question, window: Window | NoEstimate, *, said: str = "") -> str:
        """A hash of all that the answer hangs on, and of what else was ``said``: readings after the window leave it as it is."""
        known = self.known[question.kpi]
        end = len(known) if isinstance(window, NoEstimate) else min(window.end, len(known))
        near = sorted(repr(one) for one in question.others if one.at - known.first < end)
        told = (VERSION, said, known.kind, known.cadence.step, question.release, near, question.horizon,
                question.good, question.worth, window, _withdrawn(question, known, window))  # fmt: skip
        found = blake2b(repr(told).encode(), digest_size=16)
        for one in (known, *[self.known[key].like(known) for key in question.controls]):
            found.update(repr([step for step in one.breaks if step < end]).encode())
            for part in (one.tops, one.bases, one.squares, one.masked):
                found.update(part[:end].tobytes())
        return found.hexdigest()

    def answer(self, question: Question, window: Window | NoEstimate) -> Answer:
        """The reading over ``window`` (from this reader) with its verdict and picture."""
        known = self.known[question.kpi]
        withdrawn = _withdrawn(question, known, window)
        if isinstance(window, NoEstimate):
            return Answer(window, _verdict(window, question, withdrawn), None)
        if withdrawn is not None and (window.is_early or window.end > withdrawn):
            nothing = NoEstimate(Reason.FEW_AFTER, "taken back before its days were over")
            return Answer(nothing, _verdict(nothing, question, withdrawn), None)
        found = self._read(question, withdrawn, is_masked=True)
        since = max(window.start - known.cadence.past - known.cadence.baseline, 0)
        if not known.masked[since : window.end].any():
            return found
        return Answer(found.reading, found.verdict, found.picture, self._read(question, withdrawn, is_masked=False))

    def _read(self, question: Question, withdrawn: int | None, *, is_masked: bool) -> Answer:
        known = self.known[question.kpi]
        if question.kpi != self._kpi:
            self._kpi = question.kpi
            self._pasts.clear()
        release, others = self._among(question)
        has_fractions = known.first_fraction < release.at
        past = self._past(question.kpi, known, is_masked=is_masked, has_fractions=has_fractions)
        controls = [self._control(key, question, release.at, is_masked=is_masked) for key in question.controls]
        horizon = max(question.horizon, known.cadence.least_after)
        reading = estimate(past, release, horizon=horizon, others=others, controls=controls)
        said = _verdict(reading, question, withdrawn)
        drawn = None
        if is_masked and isinstance(reading, Estimate):
            found = picture(past, reading, others, controls)
            drawn = found if isinstance(found, Picture) else None
        return Answer(reading, said, drawn)

    def _among(self, question: Question) -> tuple[Intervention, list[Intervention]]:
        first = self.known[question.kpi].first
        release, *others = [Intervention(one.at - first, one.roll_out) for one in (question.release, *question.others)]
        return release, others

    def _past(self, key: int, known: Known, *, is_masked: bool, has_fractions: bool) -> Past:
        place = (key, key, is_masked, has_fractions)
        if place not in self._pasts:
            self._pasts[place] = Past(series_of(known, is_masked=is_masked, has_fractions=has_fractions))
        return self._pasts[place]

    def _control(self, key: int, question: Question, at: int, *, is_masked: bool) -> Past:
        target = self.known[question.kpi]
        control = self.known[key]
        has_fractions = control.first_fraction + control.first < at + target.first
        place = (question.kpi, key, is_masked, has_fractions)
        if place not in self._pasts:
            moved = control.like(target)
            self._pasts[place] = Past(series_of(moved, is_masked=is_masked, has_fractions=has_fractions))
        return self._pasts[place]


def series_of(known: Known, *, is_masked: bool = True, has_fractions: bool = False) -> Series:
    """What is known as a series to be read; amounts are counts until there are ``has_fractions``."""
    mask = known.masked if is_masked else None
    shared = {"mask": mask, "breaks": known.breaks, "cadence": known.cadence}
    if known.kind is Kind.RATE:
        return rates(known.tops, known.bases, **shared)  # type: ignore[arg-type]
    if known.kind is Kind.SCORE:
        return scores(known.tops, known.bases, known.squares, **shared)  # type: ignore[arg-type]
    form = Form.MONEY if known.kind is Kind.MONEY or has_fractions else Form.COUNT
    return amounts(known.tops, form=form, **shared)  # type: ignore[arg-type]


def _verdict(reading: Estimate | NoEstimate, question: Question, withdrawn: int | None) -> Verdict:
    return verdict(reading, good=question.good, worth=question.worth, withdrawn_at=withdrawn)


def _withdrawn(question: Question, known: Known, window: Window | NoEstimate) -> int | None:
    """The step on which the release, or any member of its bundle, was taken back; counted from the KPI's first."""
    members: Sequence[Live] = (question.release,)
    if isinstance(window, Window) and window.is_joint:
        together = sorted((question.release, *question.others), key=lambda one: (one.at, one.roll_out))
        since = [one for one in together if one.at - known.first >= window.start]
        members = since[: window.members]
    steps = [one.withdrawn - known.first for one in members if one.withdrawn is not None]
    return min(steps, default=None)


def _moved(part: Floats, shift: int, size: int) -> Floats:
    """``size`` steps of ``part`` from ``shift`` on, NaN outside it."""
    found = np.full(size, np.nan)
    low, high = max(shift, 0), min(shift + size, len(part))
    if high > low:
        found[low - shift : high - shift] = part[low:high]
    return found


__all__ = ["VERSION", "Answer", "Kind", "Known", "Live", "Question", "Reader", "series_of"]
