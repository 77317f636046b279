"""Name the KPIs that a release is to move, before anybody can see what it did; every edit is a version of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, QuerySet

from metrics.models import Commitment, CommitmentControl, ExpectedChange, Kpi, KpiCadence, KpiForm
from metrics.models.commitments import MOST_CONTROLS, WINDOWS
from metrics.queries.detectable import Outlook, outlook_of
from metrics.sources.named import carriers_of
from pmtrack.web.conflicts import Conflict
from products.models import Exposure, Feature, Release, User
from products.queries.edits import ago
from products.services.refusals import refusing

Subject = Feature | Release
HALF_A_YEAR = timedelta(days=182)


@dataclass(frozen=True, slots=True)
class CommitmentFacts:
    """What is said about one KPI. ``expected_change`` has no sign: relative for sums, (percentage) points for others."""

    direction: str
    is_main: bool = False
    expected_change: Decimal | None = None
    window_days: int = 14
    roll_out_days: int = 0
    controls: Sequence[Kpi] = ()

    @property
    def is_guardrail(self) -> bool:
        """A guardrail is to stay as it is."""
        return self.direction == ExpectedChange.STAY


class AnotherMain(Exception):
    """The feature or release has a main KPI already, and one is all it may have."""


class BadControl(Exception):
    """A control is a KPI that the release cannot touch, read on the same days; the message says what is wrong."""


class BadWindow(Exception):
    """The window cannot be read with this KPI."""


class BadExpectation(Exception):
    """What is expected cannot be so."""


class NotNamed(Exception):
    """The KPI is not named, or no longer."""


class NamedMeanwhile(Conflict):
    """Somebody named the KPI anew after the form was opened; the message says who and when. Nothing was stored."""


# What the triggers of 0051 call their refusals, in words; ``_refuse_bad_controls`` says the same before.
CONTROL_RULES = {
    "is_another_kpi": "{control} is the KPI itself. A control is another product’s KPI, which the release cannot touch.",
    "is_of_another_product": (
        "{control} is of {product}, which the release may touch. Choose a KPI of another product as control."
    ),
    "is_read_as_often": "{control} is read {often}, {kpi} is not. Choose a control that is read on the same days.",
    "has_the_same_days": (
        "The days of {control} are cut in {zone}, not as those of {kpi}. Choose a control with the same days."
    ),
}


@transaction.atomic
def name_kpi(
    *, subject: Subject, kpi: Kpi, facts: CommitmentFacts, by: User, now: datetime, version: int | None = None
) -> Commitment:
    """Say what a feature or release is to do to a KPI. What stands until then is superseded, saying the same changes nothing.

    ``version`` is that of the form's page (0: none stood). It is dated no earlier than the newest exposure on record, so that
    what is said after users had the release counts as said afterwards. Raises ``AnotherMain``, ``BadControl``, ``BadWindow``,
    ``BadExpectation`` and ``NamedMeanwhile``; then nothing is stored.
    """
    _hold(subject)
    standing = standing_of(subject).filter(kpi=kpi).select_related("declared_by").first()
    _refuse_if_named_meanwhile(subject, kpi, standing, version=version, now=now)
    _refuse_bad_facts(kpi, facts)
    _refuse_bad_controls(subject, kpi, facts.controls, now)
    if standing is not None and _says(standing) == _said(facts):
        return standing
    _refuse_another_main(subject, kpi, facts)
    at = _no_earlier(subject, now)
    outlook = outlook_of(
        kpi, window_days=facts.window_days, roll_out_days=facts.roll_out_days, controls=facts.controls, now=at
    )
    if standing is not None:
        _end(standing, by=by, at=at)
    with refusing({name: AnotherMain(_another_main(subject)) for name in ONE_MAIN}):
        return _store(subject, kpi, facts, outlook, by=by, at=at)


@transaction.atomic
def take_back(*, subject: Subject, kpi: Kpi, by: User, now: datetime, version: int | None = None) -> Commitment:
    """Name the KPI no longer. The version stays visible, and for releases that users had by then it stays locked.

    Raises ``NotNamed`` and ``NamedMeanwhile``.
    """
    _hold(subject)
    standing = standing_of(subject).filter(kpi=kpi).select_related("declared_by").first()
    _refuse_if_named_meanwhile(subject, kpi, standing, version=version, now=now)
    if standing is None:
        raise NotNamed(f"{kpi.name} is not named for {subject.key}. Somebody may have taken it back already.")
    _end(standing, by=by, at=_no_earlier(subject, now))
    return standing


def standing_of(subject: Subject) -> QuerySet[Commitment]:
    """The versions that stand for a feature or release."""
    return Commitment.objects.filter(**_of(subject), superseded_at__isnull=True)


def _of(subject: Subject) -> dict[str, Any]:
    return {"feature": subject} if isinstance(subject, Feature) else {"release": subject}


def _hold(subject: Subject) -> None:
    """Those who name KPIs of one subject take turns; a release that goes live waits, or is waited for."""
    type(subject)._default_manager.select_for_update(no_key=True).get(pk=subject.pk)


def _refuse_if_named_meanwhile(
    subject: Subject, kpi: Kpi, standing: Commitment | None, *, version: int | None, now: datetime
) -> None:
    stands = standing.version if standing else 0
    if version is None or version == stands:
        return
    if standing is None:
        raise NamedMeanwhile(f"{kpi.name} was taken back for {subject.key} meanwhile.")
    who, when = standing.declared_by.name, ago(standing.declared_at, now=now)
    raise NamedMeanwhile(f"{who} named {kpi.name} for {subject.key} {when}.")


def _refuse_bad_facts(kpi: Kpi, facts: CommitmentFacts) -> None:
    if facts.window_days not in WINDOWS:
        raise BadWindow(f"A window has 7, 14 or 28 days, not {facts.window_days}.")
    if kpi.cadence == KpiCadence.WEEK and facts.window_days == min(WINDOWS):
        raise BadWindow(f"{kpi.name} is read every week: one week is too little. Choose 14 or 28 days.")
    if facts.is_guardrail and facts.is_main:
        raise AnotherMain(f"{kpi.name} is a guardrail: it is to stay. The main KPI is one that is to rise or fall.")
    if facts.expected_change is None:
        return
    if facts.is_guardrail:
        raise BadExpectation("A guardrail is to stay, so no change is expected of it. Leave it empty.")
    if facts.expected_change <= 0:
        raise BadExpectation(
            "Write how large the change is to be, without a sign. Which way it goes is said beside it."
        )
    most = {KpiForm.SUM: 1, KpiForm.RATIO: 100}.get(KpiForm(kpi.form))
    if facts.direction == ExpectedChange.FALL and most is not None and facts.expected_change > most:
        raise BadExpectation(f"{kpi.name} cannot fall by more than all of it.")


def _refuse_bad_controls(subject: Subject, kpi: Kpi, controls: Sequence[Kpi], now: datetime) -> None:
    if len(controls) > MOST_CONTROLS:
        raise BadControl(f"At most {MOST_CONTROLS} controls: choose the closest ones.")
    if len({control.pk for control in controls}) < len(controls):
        raise BadControl("A control is named once.")
    for control in controls:
        broken = control_trouble(subject, kpi, control, now)
        if broken:
            raise BadControl(broken)


def control_trouble(subject: Subject, kpi: Kpi, control: Kpi, now: datetime) -> str:
    """Why ``control`` cannot stand for what would have happened to ``kpi`` anyway, or ""."""
    product, zone = control.product, control.product.time_zone
    broken = ""
    if control.pk == kpi.pk:
        broken = "is_another_kpi"
    elif control.product_id in (subject.product_id, kpi.product_id):
        broken = "is_of_another_product"
    elif control.cadence != kpi.cadence:
        broken = "is_read_as_often"
    elif not same_days(zone, kpi.product.time_zone, now):
        broken = "has_the_same_days"
    words = {"control": control.name, "kpi": kpi.name, "product": product.name, "zone": zone}
    often = "every week" if control.cadence == KpiCadence.WEEK else "every day"
    return CONTROL_RULES[broken].format(**words, often=often) if broken else ""


def same_days(first: str, second: str, now: datetime) -> bool:
    """Whether days are cut at the same hour in both time zones, in summer and in winter."""
    zones = ZoneInfo(first), ZoneInfo(second)
    seen = (now, now + HALF_A_YEAR)
    return all(at.astimezone(zones[0]).utcoffset() == at.astimezone(zones[1]).utcoffset() for at in seen)


ONE_MAIN = ("metrics_commitment_one_main_kpi_of_a_feature", "metrics_commitment_one_main_kpi_of_a_release")


def _refuse_another_main(subject: Subject, kpi: Kpi, facts: CommitmentFacts) -> None:
    if not facts.is_main:
        return
    other = standing_of(subject).filter(is_main=True).exclude(kpi=kpi).select_related("kpi").first()
    if other is not None:
        raise AnotherMain(_another_main(subject, other.kpi.name))


def _another_main(subject: Subject, name: str = "Another KPI") -> str:
    return f"{name} is the main KPI of {subject.key}. One is all it may have: name this one beside it, or change that first."


def _says(held: Commitment) -> tuple[Any, ...]:
    controls = tuple(held.controls.order_by("place").values_list("kpi", flat=True))
    return held.direction, held.is_main, held.expected_change, held.window_days, held.roll_out_days, controls


def _said(facts: CommitmentFacts) -> tuple[Any, ...]:
    controls = tuple(control.pk for control in facts.controls)
    return facts.direction, facts.is_main, facts.expected_change, facts.window_days, facts.roll_out_days, controls


def _no_earlier(subject: Subject, now: datetime) -> datetime:
    """Now, or later where an exposure or a version is on record that another clock dates later."""
    releases = carriers_of(subject.pk) if isinstance(subject, Feature) else [subject.pk]
    exposed = Exposure.objects.filter(release__in=releases).aggregate(at=Max("exposed_at"))
    said = Commitment.objects.filter(**_of(subject)).aggregate(since=Max("declared_at"), until=Max("superseded_at"))
    known: list[datetime] = [at for at in (*exposed.values(), *said.values()) if at]
    return max([now, *known])


def _end(standing: Commitment, *, by: User, at: datetime) -> None:
    standing.superseded_by, standing.superseded_at = by, at
    standing.save(update_fields=["superseded_by", "superseded_at"])


def _store(
    subject: Subject, kpi: Kpi, facts: CommitmentFacts, outlook: Outlook, *, by: User, at: datetime
) -> Commitment:
    newest = Commitment.objects.filter(**_of(subject), kpi=kpi).aggregate(version=Max("version"))["version"]
    commitment = Commitment.objects.create(
        **_of(subject),
        kpi=kpi,
        version=(newest or 0) + 1,
        is_main=facts.is_main,
        is_guardrail=facts.is_guardrail,
        direction=facts.direction,
        expected_change=facts.expected_change,
        window_days=facts.window_days,
        roll_out_days=facts.roll_out_days,
        control_count=len(facts.controls),
        detectable=outlook.detectable,
        detectable_natural=outlook.natural,
        undetectable=outlook.reason,
        declared_by=by,
        declared_at=at,
    )
    CommitmentControl.objects.bulk_create(
        CommitmentControl(commitment=commitment, kpi=control, place=place)
        for place, control in enumerate(facts.controls, start=1)
    )
    return commitment
