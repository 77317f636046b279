"""What it takes to name a KPI: which ones the intent suggests, which may be controls, and what each could show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from metrics.access import visible_kpis
from metrics.models import Commitment, Kpi, KpiFamily
from metrics.queries.detectable import outlooks
from products.access import Actor
from products.models import Feature, Intent, Release
from products.queries.features import FEATURE_KEY

MOST_SHOWN = 24
USUAL_WINDOW = 14
# What a feature is for suggests which figures should move.
SUGGESTED: dict[str, tuple[str, ...]] = {
    Intent.EARNS: (KpiFamily.REVENUE,),
    Intent.DELIGHTS: (KpiFamily.SATISFACTION,),
    Intent.CLOSES_A_GAP: (KpiFamily.CONVERSION, KpiFamily.CHURN),
    Intent.ENABLES: (KpiFamily.ADOPTION,),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A KPI that may be named. ``why`` says what suggests it, or ""; ``named`` what it is named as already, or ""."""

    slug: str
    name: str
    family: str
    form_text: str
    why: str
    named: str
    detectable: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The product's KPIs, the suggested ones first, and the addresses of all the others by product."""

    candidates: tuple[Candidate, ...]
    elsewhere: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    window_days: int = USUAL_WINDOW


def kpi_choice(user: Actor, subject: Feature | Release, *, now: datetime) -> Choice:
    """Which KPIs a feature or release may name, with the smallest effect that each could show. Nine statements at most."""
    every = list(visible_kpis(user).select_related("product").order_by("product__name", "name"))
    mine = [kpi for kpi in every if kpi.product_id == subject.product_id]
    intents = intents_of(subject)
    families = {family: intent for intent in intents for family in SUGGESTED.get(intent, ())}
    mine.sort(key=lambda kpi: (kpi.family not in families, not kpi.is_main, kpi.name))
    of = {"feature": subject} if isinstance(subject, Feature) else {"release": subject}
    named = {row.kpi_id: row for row in Commitment.objects.filter(**of, superseded_at__isnull=True)}
    shown = mine[:MOST_SHOWN]
    found = outlooks(shown, window_days=USUAL_WINDOW, now=now) if shown else {}
    candidates = [
        Candidate(
            slug=kpi.slug,
            name=kpi.name,
            family=kpi.get_family_display(),
            form_text=kpi.get_form_display(),
            why=_why(families.get(kpi.family)),
            named=_named(named.get(kpi.pk)),
            detectable=found[kpi.pk].text,
        )
        for kpi in shown
    ]
    return Choice(tuple(candidates), _elsewhere([kpi for kpi in every if kpi not in shown]))


def intents_of(subject: Feature | Release) -> Sequence[str]:
    """What a feature is for, or the features that a release carries. One statement for a release, none for a feature."""
    if isinstance(subject, Feature):
        return [subject.intent]
    numbers = [int(match[1]) for match in map(FEATURE_KEY.fullmatch, subject.feature_keys) if match]
    rows = Feature.objects.filter(pk__in=numbers, product=subject.product_id)
    return list(rows.order_by("pk").values_list("intent", flat=True))


def control_choices(user: Actor, subject: Feature | Release, kpi: Kpi) -> QuerySet[Kpi]:
    """KPIs that may be controls as far as a list can tell: of other products, read as often."""
    others = visible_kpis(user).exclude(product__in=[subject.product_id, kpi.product_id])
    return others.filter(cadence=kpi.cadence).select_related("product").order_by("product__name", "name")


def _elsewhere(kpis: Sequence[Kpi]) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    found: dict[str, list[tuple[str, str]]] = {}
    for kpi in kpis:
        found.setdefault(kpi.product.name, []).append((kpi.slug, kpi.name))
    return tuple((product, tuple(names)) for product, names in found.items())


def _why(intent: str | None) -> str:
    return f"suggested: it {Intent(intent).label.lower()}" if intent else ""


def _named(row: Commitment | None) -> str:
    if row is None:
        return ""
    return "main KPI" if row.is_main else "guardrail" if row.is_guardrail else "named"
