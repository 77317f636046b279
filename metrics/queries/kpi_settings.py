"""KPIs as their settings pages show them: by product, and one with every wording it ever had."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower

from metrics.access import visible_kpis
from metrics.models import Kpi
from metrics.queries.words import amount
from products.access import Actor, manageable_products


@dataclass(frozen=True, slots=True)
class KpiChoice:
    """A KPI in the settings' list; ``may_change`` for the reader."""

    slug: str
    name: str
    product: str
    type: str
    family: str
    direction: str
    is_main: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """One version of a definition; ``until`` is the first day of the next. ``state`` is planned, holds or over."""

    text: str
    start: date
    until: date | None
    state: str


@dataclass(frozen=True, slots=True)
class KpiSettings:
    """A KPI with its wordings, newest first; target and smallest change as people read them ("" where not said)."""

    kpi: Kpi
    target: str
    smallest_change: str
    wordings: tuple[Wording, ...]


def kpi_choices(user: Actor, *, day: date) -> tuple[KpiChoice, ...]:
    """Every KPI by product and name. One statement."""
    rows = (
        visible_kpis(user)
        .select_related("product")
        .annotate(may_change=Exists(manageable_products(user, day=day).filter(pk=OuterRef("product"))))
        .order_by(Lower("product__name"), "product", "-is_main", Lower("name"), "pk")
    )
    return tuple(
        KpiChoice(
            slug=row.slug,
            name=row.name,
            product=row.product.name,
            type=row.product.type,
            family=row.get_family_display(),
            direction=row.get_direction_display(),
            is_main=row.is_main,
            may_change=row.may_change,
        )
        for row in rows
    )


def kpi_settings(kpi: Kpi, *, day: date) -> KpiSettings:
    """One KPI whose product is at hand. One statement."""
    versions = list(kpi.definitions.order_by("holds_from"))
    ends = {row.pk: following.holds_from for row, following in pairwise(versions)}
    wordings = [
        Wording(row.wording, row.holds_from, ends.get(row.pk), _state(row.holds_from, ends.get(row.pk), day))
        for row in versions
    ]
    return KpiSettings(kpi, _target(kpi), _smallest(kpi), tuple(reversed(wordings)))


def _state(start: date, until: date | None, day: date) -> str:
    if start > day:
        return "planned"
    return "over" if until is not None and until <= day else "holds"


def _target(kpi: Kpi) -> str:
    if kpi.target is None:
        return ""
    return amount(float(kpi.target), form=kpi.form, unit=kpi.unit, currency=kpi.currency)


def _smallest(kpi: Kpi) -> str:
    if kpi.smallest_change_worth is None:
        return ""
    change = kpi.smallest_change_worth
    return f"{change * 100:f}".rstrip("0").rstrip(".") + " %" if kpi.form == Kpi.Form.SUM else f"{change.normalize():f}"
