"""What credit's pages are read from: the live releases that carry helped work, what they did, and how each was split."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from metrics.access import visible_credits, visible_estimates, visible_parts, visible_splits
from metrics.models import Credit, CreditPart, CreditSplit, Estimate
from metrics.queries.effects import effects_of
from metrics.queries.enablement_rows import EnablementRow
from products.access import Actor, visible_releases
from products.models import Release

Place = tuple[int, date, int]


@dataclass(frozen=True, slots=True)
class HeldSplit:
    """A release's split with its players. ``arrived`` is what others' effects brought to this release in the KPI's unit."""

    row: CreditSplit
    parts: tuple[CreditPart, ...]
    arrived: float
    horizon: int

    def part_of(self, enablement: int) -> CreditPart | None:
        """The player whose share rests on the enablement, with whatever else it did."""
        return next((part for part in self.parts if enablement in part.enablements), None)


@dataclass(slots=True)
class CreditFacts:
    """By owner and feature the releases; by release its preferred readings and splits."""

    carriers: dict[tuple[str, str], list[Release]] = field(default_factory=lambda: defaultdict(list))
    readings: dict[int, list[Estimate]] = field(default_factory=lambda: defaultdict(list))
    splits: dict[int, list[HeldSplit]] = field(default_factory=lambda: defaultdict(list))

    def releases_of(self, row: EnablementRow) -> Sequence[Release]:
        """The live releases of the helped product that carry the helped feature, the newest first."""
        return self.carriers.get((row.owner_slug, f"W-{row.feature}"), []) if row.feature else []


def credit_facts(user: Actor, rows: Iterable[EnablementRow]) -> CreditFacts:
    """The facts of these enablements. Five statements however many there are, none without features."""
    helped = [row for row in rows if row.feature]
    facts = CreditFacts()
    if not helped:
        return facts
    releases = list(_carriers(user, helped))
    for release in releases:
        for key in {key.upper() for key in release.feature_keys}:
            facts.carriers[release.product.slug, key].append(release)
    ids = [release.pk for release in releases]
    readings = visible_estimates(user).filter(release__in=ids, is_preferred=True)
    for reading in effects_of(user, readings).order_by("-is_main", "is_guardrail", "kpi__name", "kpi"):
        facts.readings[reading.release_id].append(reading)
    for split in held_splits(user, visible_splits(user).filter(release__in=ids)):
        facts.splits[split.row.release_id].append(split)
    return facts


def held_splits(user: Actor, rows: QuerySet[CreditSplit]) -> Iterable[HeldSplit]:
    """Splits with their players, and with what reached their releases from others. Three statements."""
    splits = list(rows.select_related("kpi", "product", "release").order_by("-period", "kpi", "release"))
    parts: dict[int, list[CreditPart]] = defaultdict(list)
    told = visible_parts(user).filter(split__in=[split.pk for split in splits])
    for part in told.select_related("product", "team").order_by("-share", "product__name"):
        parts[part.split_id].append(part)
    places = {**{_place(split): (0.0, 0) for split in splits}, **_arrived(user, splits)}
    for split in splits:
        arrived, horizon = places[_place(split)]
        yield HeldSplit(split, tuple(parts[split.pk]), arrived, horizon)


def releases_given() -> Coalesce:
    """Of a row of credit, how many releases its product gave for the KPI and quarter: as many share what arrives."""
    same = CreditSplit.objects.filter(kpi=OuterRef("kpi"), period=OuterRef("period"), product=OuterRef("product"))
    counted = same.order_by().values("product").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), Value(0), output_field=IntegerField())


def _carriers(user: Actor, rows: Sequence[EnablementRow]) -> QuerySet[Release]:
    keys = {f"{letter}-{row.feature}" for row in rows for letter in "Ww"}
    owners = {row.owner_slug for row in rows}
    named = visible_releases(user).filter(product__slug__in=owners, feature_keys__overlap=sorted(keys))
    return named.filter(live_at__isnull=False).select_related("product").order_by("-live_at", "-pk")


def _arrived(user: Actor, splits: Sequence[CreditSplit]) -> Mapping[Place, tuple[float, int]]:
    """At each product, KPI and quarter, what reached one of its releases from others, and the horizon in days."""
    products = {split.product_id for split in splits}
    credits = visible_credits(user).filter(product__in=products, kpi__in={split.kpi_id for split in splits})
    found = credits.annotate(given=releases_given()).values_list(
        "kpi_id", "period", "product_id", "throughput", "own_effect", "given", "horizon_days"
    )
    return {
        (kpi, period, product): ((reached - (own or 0.0)) / max(given, 1), horizon)
        for kpi, period, product, reached, own, given, horizon in found
    }


def _place(split: CreditSplit) -> Place:
    return (split.kpi_id, split.period, split.product_id)


def quarter_credits(user: Actor, slug: str, start: date, end: date) -> QuerySet[Credit]:
    """A product's rows for quarters that start in ``[start, end)``, with how many of its releases were given."""
    rows = visible_credits(user).filter(product__slug=slug, period__gte=start, period__lt=end)
    return rows.select_related("kpi__product").annotate(given=releases_given())
