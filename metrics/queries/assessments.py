"""A product's assessments, quarter by quarter with every version, and what a quarter's assessment may rest on."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from metrics.access import assessable_products, visible_assessments, visible_enablements
from metrics.catalog.quarters import Quarter, quarter_of
from metrics.models import Assessment
from metrics.queries.effects import Effect
from metrics.queries.enablement_rows import EnablementRow, named, row_of
from metrics.queries.periods import Period, local_day
from metrics.queries.product_effects import product_effects
from metrics.queries.reach import Reach, reach_of
from metrics.queries.words import instant_text
from products.access import Actor
from products.models import Product

SHOWN_QUARTERS = 12
MOST_ENABLEMENTS = 30


@dataclass(frozen=True, slots=True)
class Version:
    """One version as it was written."""

    number: int
    became_possible: str
    otherwise: str
    says_who: str
    by: str
    at_text: str


@dataclass(frozen=True, slots=True)
class AssessedQuarter:
    """A quarter with its newest version and the older ones, newest first; ``may_write`` for a lead who may assess it."""

    quarter: Quarter
    newest: Version | None
    older: tuple[Version, ...]
    may_write: bool


@dataclass(frozen=True, slots=True)
class QuarterEvidence:
    """What happened around the product in a quarter, beside the form and the text."""

    enablements: tuple[EnablementRow, ...]
    effects: tuple[Effect, ...]
    reach: Reach


def newest_assessment(user: Actor, product: Product, quarter: Quarter, *, day: date) -> Assessment | None:
    """The version that stands, for whoever may read it. One statement."""
    rows = visible_assessments(user, day=day).filter(product=product, quarter=quarter.start)
    return rows.select_related("written_by").order_by("-version").first()


def assessed_quarters(user: Actor, product: Product, *, day: date) -> tuple[AssessedQuarter, ...]:
    """The quarter that runs and those before that were assessed, newest first. Four statements."""
    rows = visible_assessments(user, day=day).filter(product=product).select_related("written_by")
    found: dict[Quarter, list[Version]] = defaultdict(list)
    for row in rows.order_by("-quarter", "-version"):
        found[Quarter(row.quarter)].append(_version(row))
    running = quarter_of(day)
    before = quarter_of(date.fromordinal(running.start.toordinal() - 1))
    writable = {
        one: assessable_products(user, day=day, quarter=one).filter(pk=product.pk).exists() for one in (running, before)
    }
    shown = sorted({*found, *(one for one in writable if writable[one])} | {running}, reverse=True)[:SHOWN_QUARTERS]
    return tuple(
        AssessedQuarter(one, next(iter(found[one]), None), tuple(found[one][1:]), writable.get(one, False))
        for one in shown
    )


def evidence_of(user: Actor, product: Product, quarter: Quarter, *, now: datetime) -> QuarterEvidence:
    """Enablements said or answered in the quarter, effects of releases that went live in it, its reach. Three statements."""
    zone_start, zone_end = Period(quarter.start, quarter.end, 3, quarter.text).instants
    inside = {"gte": zone_start, "lt": zone_end}
    rows = visible_enablements(user).filter(
        Q(**{f"made_at__{name}": at for name, at in inside.items()})
        | Q(**{f"answered_at__{name}": at for name, at in inside.items()}),
        upstream_product=product,
    )
    effects = [one for one in product_effects(user, product) if quarter.start <= one.live_on < quarter.end]
    period = Period(quarter.start, quarter.end, 3, quarter.text)
    return QuarterEvidence(
        tuple(row_of(row) for row in named(rows.exclude(state="withdrawn")).order_by("-pk")[:MOST_ENABLEMENTS]),
        tuple(effects),
        reach_of(user, product, (), period=period, today=local_day(now, product.time_zone)),
    )


def _version(row: Assessment) -> Version:
    return Version(
        number=row.version,
        became_possible=row.became_possible,
        otherwise=row.otherwise,
        says_who=row.says_who,
        by=row.written_by.name,
        at_text=instant_text(row.written_at),
    )
