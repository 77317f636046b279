"""B9: CPU of reading what releases did: series in, verdict out; alone, with three controls, and 1,000 pairs of release and KPI.
Then the same through the drain (``effects_drain``)."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from time import process_time
from typing import Any

import numpy as np

from metrics.stats.effects import Estimate, estimate
from metrics.stats.past import Past
from metrics.stats.series import Floats, Form, amounts
from metrics.stats.verdicts import verdict
from metrics.stats.windows import Intervention
from pmtrack.bench import effects_drain
from pmtrack.bench.measuring import CannotMeasure, Figure, Plan

ALONE_BOUND, CONTROLS_BOUND, TOGETHER_BOUND = 1.0, 3.0, 0.15
STEPS, START = 460, 430
KPIS, RELEASES = 50, 20
CALLS, CALLS_QUICK = 400, 150


def measure(plan: Plan) -> list[Figure]:
    """Milliseconds of CPU an estimate; where no server takes part, this process' own time is all there is."""
    calls = CALLS_QUICK if plan.quick else CALLS
    series = [_series(number, STEPS) for number in range(4)]
    long = [_series(number, 3 * STEPS // 2 + RELEASES * 17) for number in range(KPIS)]
    _alone(series[0], [])
    alone = tuple(_each(calls, lambda: _alone(series[0], [])) for _ in range(plan.rounds))
    controlled = tuple(_each(calls // 2, lambda: _alone(series[0], series[1:])) for _ in range(plan.rounds))
    together = tuple(_each(1, lambda: _together(long)) / (KPIS * RELEASES) for _ in range(plan.rounds))
    rate = 1e3 / sorted(together)[len(together) // 2]
    return [
        Figure("B9", "one effect alone, ms of CPU", alone, ALONE_BOUND, at_least=False, detail=_rivals(series[0])),
        Figure("B9", "one effect with three controls, ms of CPU", controlled, CONTROLS_BOUND, at_least=False),
        Figure(
            "B9",
            f"{KPIS * RELEASES:,} effects of {KPIS} KPIs, ms of CPU each",
            together,
            TOGETHER_BOUND,
            at_least=False,
            detail=f"{rate:,.0f} effects a second and core",
        ),
        *effects_drain.measure(plan),
    ]


def _series(seed: int, steps: int) -> Floats:
    random = np.random.default_rng(seed)
    drift = np.cumsum(random.normal(0, 0.01, steps))
    weekday = random.normal(0, 0.3, 7)[np.arange(steps) % 7]
    return np.round(10_000 * np.exp(drift + weekday + random.normal(0, 0.05, steps)), 2)


def _each(calls: int, work: Callable[[], object]) -> float:
    """Milliseconds of CPU a call."""
    started = process_time()
    for _ in range(calls):
        work()
    return (process_time() - started) * 1e3 / calls


def _alone(values: Floats, controls: list[Floats]) -> None:
    """From arrays to a verdict, nothing shared with any other release."""
    known = [Past(amounts(one, form=Form.MONEY)) for one in controls]
    reading = estimate(Past(amounts(values, form=Form.MONEY)), Intervention(START), horizon=14, controls=known)
    if not isinstance(reading, Estimate):
        raise CannotMeasure(f"An effect could not be read: {reading.words}.")
    verdict(reading)


def _together(kpis: list[Floats]) -> None:
    """All releases of each KPI through one past, each read with the others as its neighbours."""
    for values in kpis:
        past = Past(amounts(values, form=Form.MONEY))
        releases = [Intervention(START + 17 * number) for number in range(RELEASES)]
        for place, release in enumerate(releases):
            verdict(estimate(past, release, horizon=14, others=[*releases[:place], *releases[place + 1 :]]))


def _rivals(values: Floats) -> str:
    """What others' methods cost for the same release, as far as they are installed; pmtrack needs none of them."""
    return (
        f"a structural model of statsmodels {_structural(values)}, a port of CausalImpact {_causal_impact(values)}, "
        "for the same release"
    )


def _fitted(fit: Callable[[], None]) -> str:
    """What a fit costs, in words. A rival that fails on this machine's versions is no reason to measure nothing."""
    try:
        fit()
    except Exception as problem:
        return f"fails here ({type(problem).__name__})"
    return f"takes {_each(3, fit):,.0f} ms"


def _structural(values: Floats) -> str:
    if find_spec("statsmodels") is None:
        return "is not installed"
    model: Any = import_module("statsmodels.tsa.statespace.structural").UnobservedComponents

    def fit() -> None:
        found = model(np.log(values[:START]), level="local level", seasonal=7).fit(disp=0)
        found.get_forecast(14).conf_int()

    return _fitted(fit)


def _causal_impact(values: Floats) -> str:
    """Whichever port answers to the name: all take the data, the days before and the days after."""
    if find_spec("causalimpact") is None:
        return "is not installed"
    model: Any = import_module("causalimpact").CausalImpact
    frame: Any = import_module("pandas").DataFrame({"y": np.log(values[: START + 14])})

    def fit() -> None:
        model(frame, [0, START - 1], [START, START + 13])

    return _fitted(fit)
