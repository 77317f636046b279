"""Which steps a release is read over: roll-out, horizon, whole baseline weeks, and what neighbouring releases cut off or join."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from metrics.stats.cadence import WEIGHTS, Cadence
from metrics.stats.reasons import NoEstimate, Reason, count_of


@dataclass(frozen=True, slots=True)
class Intervention:
    """A release that named the KPI: live on step ``at``, reaching everybody ``roll_out`` steps later."""

    at: int
    roll_out: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """Post steps ``after`` … ``end`` − 1 of ``start`` + ``roll_out`` on, held against ``weeks`` whole baseline weeks before ``start``.

    ``members`` releases are read together. ``planned`` is the horizon that was asked for; ``is_early`` says that the last loaded
    step ends the window before it is full.
    """

    start: int
    roll_out: int
    horizon: int
    weeks: int
    members: int
    planned: int
    is_early: bool

    @property
    def after(self) -> int:
        """The first post step."""
        return self.start + self.roll_out

    @property
    def end(self) -> int:
        """The step after the last post step."""
        return self.start + self.roll_out + self.horizon

    @property
    def is_joint(self) -> bool:
        """Whether several releases share the one effect."""
        return self.members > 1

    @property
    def is_cut(self) -> bool:
        """Whether a neighbouring release shortened the baseline or what is read after."""
        return self.weeks < len(WEIGHTS) or (self.horizon < self.planned and not self.is_early)


@dataclass(frozen=True, slots=True)
class Feed:
    """When readings come: ``today`` is the calendar's step, ``usual_lag`` how many steps they are usually behind it."""

    today: int
    usual_lag: int


def window_of(
    release: Intervention,
    others: Iterable[Intervention],
    *,
    horizon: int,
    cadence: Cadence,
    loaded: int,
    feed: Feed | None = None,
) -> Window | NoEstimate:
    """The window of ``release`` among the ``others`` (itself left out) that named the same KPI; ``loaded`` steps are known.

    Raises ``ValueError`` for a horizon below the least that can be read, and for a roll-out that ends before it begins.
    """
    if horizon < cadence.least_after or release.roll_out < 0:
        raise ValueError(f"A horizon is at least {count_of(cadence.least_after, cadence.step)}, a roll-out at least 0.")
    known = sorted([(one.at, one.roll_out) for one in (*others, release)])
    first, last = _chain(known, bisect_left(known, (release.at, release.roll_out)), cadence)
    bundle = known[first : last + 1]
    start = bundle[0][0]
    if bundle[-1][0] - start > cadence.longest_bundle:
        words = f"releases too close: {len(bundle)} within {count_of(bundle[-1][0] - start + 1, cadence.step)}"
        return NoEstimate(Reason.TOO_CLOSE, words)
    roll_out = max(at + takes for at, takes in bundle) - start
    most = known[last + 1][0] - start - roll_out if last + 1 < len(known) else horizon
    cut = min(horizon, most)
    before = start - known[first - 1][0] if first else cadence.baseline
    weeks = min(len(WEIGHTS), before // cadence.season)
    if cut < cadence.least_after:
        words = f"{count_of(max(cut, 0), cadence.step)} before the next release; needs {cadence.least_after}"
        return NoEstimate(Reason.TOO_CLOSE, words)
    known_after = loaded - start - roll_out
    if refusal := _too_soon(start, known_after, cut, cadence, loaded, feed):
        return refusal
    is_early = known_after < cut
    return Window(start, roll_out, min(cut, known_after), weeks, len(bundle), horizon, is_early)


def _chain(known: list[tuple[int, int]], place: int, cadence: Cadence) -> tuple[int, int]:
    """The places of the first and last intervention that hang together with the one at ``place``."""
    first = last = place
    while first and known[first][0] - known[first - 1][0] < cadence.chain:
        first -= 1
    while last + 1 < len(known) and known[last + 1][0] - known[last][0] < cadence.chain:
        last += 1
    return first, last


def _too_soon(
    start: int, known_after: int, horizon: int, cadence: Cadence, loaded: int, feed: Feed | None
) -> NoEstimate | None:
    """Why what comes after is not there to be read, if it is not."""
    if feed is not None and known_after < horizon and feed.today >= start:
        behind = feed.today - (loaded - 1)
        if behind > 2 * feed.usual_lag:
            return NoEstimate(Reason.FEED_STOPPED, f"readings stopped {count_of(behind, cadence.step)} ago")
    if start >= loaded:
        return NoEstimate(Reason.FUTURE, "the release is not live yet, or nothing is loaded since")
    if known_after < cadence.least_after:
        has = count_of(max(known_after, 0), cadence.step)
        return NoEstimate(Reason.FEW_AFTER, f"needs {count_of(cadence.least_after, cadence.step)} after; has {has}")
    return None
