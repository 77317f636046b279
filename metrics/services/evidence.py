"""What people bring to a release: results of experiments, with their corrections, and decisions. Nothing is overwritten."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from metrics.models import EffectScale, Experiment, Kpi, KpiForm, ReleaseDecision
from pmtrack.web.conflicts import Conflict
from products.models import Release, User
from products.queries.edits import ago


@dataclass(frozen=True, slots=True)
class ExperimentFacts:
    """An effect with its interval of ``level``, relative (0.02 = 2 %) or in points, and how many units each group had."""

    effect: Decimal
    low: Decimal
    high: Decimal
    scale: str
    with_it: int
    without_it: int
    level: Decimal = Decimal("0.95")
    url: str = ""
    note: str = ""


EXPERIMENT_COLUMNS = tuple(ExperimentFacts.__dataclass_fields__)


class BadInterval(Exception):
    """The interval cannot be that of the effect; the message says why."""


class BadScale(Exception):
    """The KPI's effects are not said on this scale."""


class NoResult(Exception):
    """No result stands for this KPI of the release."""


class EnteredMeanwhile(Conflict):
    """Somebody entered another result after the form was opened; the message says who and when. Nothing was stored."""


@transaction.atomic
def enter_experiment(
    *, release: Release, kpi: Kpi, facts: ExperimentFacts, by: User, now: datetime, standing: int | None = None
) -> Experiment:
    """Enter a result; one that stands is superseded by it, saying the same again changes nothing.

    ``standing`` is the key of the result on the form's page (0: none). Raises ``BadInterval``, ``BadScale`` and
    ``EnteredMeanwhile``; then nothing is stored.
    """
    _refuse_bad_result(kpi, facts)
    held = _hold(release, kpi, standing=standing, now=now)
    if held is not None:
        if _says(held) == asdict(facts):
            return held
        now = _end(held, by=by, now=now)
    return Experiment.objects.create(release=release, kpi=kpi, **asdict(facts), entered_by=by, entered_at=now)


@transaction.atomic
def take_experiment_back(
    *, release: Release, kpi: Kpi, by: User, now: datetime, standing: int | None = None
) -> Experiment:
    """Let the estimate speak again; the result stays visible as taken back. Raises ``NoResult`` and ``EnteredMeanwhile``."""
    held = _hold(release, kpi, standing=standing, now=now)
    if held is None:
        raise NoResult(f"No result stands for {kpi.name} of {release.key}. Somebody may have taken it back already.")
    _end(held, by=by, now=now)
    return held


@transaction.atomic
def decide(*, release: Release, decided: str, reason: str, by: User, now: datetime) -> ReleaseDecision:
    """Say what becomes of a release, and why. The newest decision holds; saying it again word for word changes nothing.

    Rolling back is done by whoever ships: this writes down that it was decided.
    """
    Release.objects.select_for_update(no_key=True).get(pk=release.pk)
    newest = ReleaseDecision.objects.filter(release=release).order_by("-at", "-pk").first()
    if newest is not None and (newest.decided, newest.reason, newest.by_id) == (decided, reason, by.pk):
        return newest
    at = max(now, newest.at) if newest else now
    return ReleaseDecision.objects.create(release=release, decided=decided, reason=reason, by=by, at=at)


def _hold(release: Release, kpi: Kpi, *, standing: int | None, now: datetime) -> Experiment | None:
    """The result that stands; those who enter results of one release take turns."""
    Release.objects.select_for_update(no_key=True).get(pk=release.pk)
    rows = Experiment.objects.filter(release=release, kpi=kpi, superseded_at__isnull=True)
    held = rows.select_related("entered_by").first()
    if standing is None or standing == (held.pk if held else 0):
        return held
    if held is None:
        raise EnteredMeanwhile(f"The result for {kpi.name} was taken back meanwhile.")
    raise EnteredMeanwhile(f"{held.entered_by.name} entered a result for {kpi.name} {ago(held.entered_at, now=now)}.")


def _end(held: Experiment, *, by: User, now: datetime) -> datetime:
    """Supersede a result; when that was."""
    held.superseded_by, held.superseded_at = by, max(now, held.entered_at)
    held.save(update_fields=["superseded_by", "superseded_at"])
    return held.superseded_at


def _says(held: Experiment) -> dict[str, Any]:
    return {column: getattr(held, column) for column in EXPERIMENT_COLUMNS}


def _refuse_bad_result(kpi: Kpi, facts: ExperimentFacts) -> None:
    if kpi.form == KpiForm.SUM and facts.scale == EffectScale.POINTS:
        raise BadScale(f"{kpi.name} is a sum: say its effect as a part of what was expected, 0.02 for 2 %.")
    if not facts.low <= facts.effect <= facts.high:
        raise BadInterval(f"The effect {facts.effect} lies outside {facts.low} to {facts.high}. Look at the signs.")
    if facts.scale == EffectScale.RELATIVE and facts.low < -1:
        raise BadInterval("Nothing falls by more than all of it: the lower end is −1 (−100 %) at least.")
    if facts.with_it < 1 or facts.without_it < 1:
        raise BadInterval("Both groups have somebody in them: write how many had the release and how many did not.")
    if not Decimal("0.5") <= facts.level < 1:
        raise BadInterval("The level is a share from 0.5 to below 1, for example 0.95.")
