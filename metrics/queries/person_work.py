"""What a person shipped, by the assignments that held on the day: releases, what they did, and what arrived from before."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from metrics.queries.benefit_lists import BenefitList, benefits_among
from metrics.queries.effect_lists import EffectList, Light, list_of
from metrics.queries.effects import Effect
from metrics.queries.periods import Period
from metrics.queries.prepared import rows_of
from products.access import Actor
from products.models import Assignment, User

MOST_ROWS = 200
Row = tuple[Any, ...]
# Whose release it was: whoever was assigned to the product on the day on which customers or colleagues first had it, on the product's
# clock. Later changes of roles change nothing of it.
SHIPPED = """
SELECT DISTINCT release.id, coalesce(nullif(release.name, ''), release.version), release.state, at.live_on, product.id,
    product.name, product.type
FROM products_assignment AS duty
JOIN products_product AS product ON product.id = duty.product_id
JOIN products_release AS release ON release.product_id = product.id AND release.environment = product.production_environment
CROSS JOIN LATERAL (SELECT (release.live_at AT TIME ZONE product.time_zone)::date AS live_on) AS at
WHERE duty.user_id = %(person)s AND release.live_at >= %(start)s AND release.live_at < %(end)s AND duty.period @> at.live_on
ORDER BY at.live_on, release.id
"""
READ = """
SELECT held.id, held.word, held.effect, held.se, held.p, held.form, kpi.id, kpi.direction, release.id,
    release.state = 'live', held.live_on
FROM metrics_estimate AS held
JOIN products_release AS release ON release.id = held.release_id
JOIN metrics_kpi AS kpi ON kpi.id = held.kpi_id
"""
EFFECTS = f"{READ} WHERE held.is_preferred AND release.id = ANY(%(releases)s)"
# Shipped by somebody else before the person came, and measured while the person is there.
INHERITED_EFFECTS = f"""{READ}
JOIN products_assignment AS duty ON duty.product_id = release.product_id AND duty.user_id = %(person)s
WHERE held.is_preferred AND held.effect IS NOT NULL AND release.state = 'live' AND held.live_on < lower(duty.period) AND duty.period @> held.as_of
    AND held.as_of >= %(first)s AND held.as_of < %(last)s AND NOT EXISTS (
        SELECT FROM products_assignment AS own
        WHERE own.user_id = %(person)s AND own.product_id = release.product_id AND own.period @> held.live_on
    )
"""
GRADED = "('measured', 'confirmed', 'adjusted', 'claimed')"
BENEFITS = f"""
SELECT said.id, said.state, said.days_high::float8, said.upstream_release_id
FROM metrics_enablement AS said LEFT JOIN products_release AS helping ON helping.id = said.upstream_release_id
WHERE said.state IN {GRADED} AND CASE WHEN helping.id IS NULL
    THEN said.made_at >= %(start)s AND said.made_at < %(end)s AND EXISTS (
        SELECT FROM products_assignment AS duty JOIN products_product AS product ON product.id = duty.product_id
        WHERE duty.user_id = %(person)s AND duty.product_id = said.upstream_product_id
            AND duty.period @> (said.made_at AT TIME ZONE product.time_zone)::date)
    ELSE helping.state = 'live' AND helping.id = ANY(%(releases)s) END
"""
INHERITED_BENEFITS = """
SELECT said.id, said.state, said.days_high::float8, said.upstream_release_id
FROM metrics_enablement AS said
JOIN products_product AS product ON product.id = said.upstream_product_id
JOIN products_release AS helping ON helping.id = said.upstream_release_id AND helping.state = 'live'
JOIN products_assignment AS duty ON duty.product_id = product.id AND duty.user_id = %(person)s
CROSS JOIN LATERAL (
    SELECT (helping.live_at AT TIME ZONE product.time_zone)::date AS live_on,
        (said.answered_at AT TIME ZONE product.time_zone)::date AS answered_on
) AS at
WHERE said.state IN ('measured', 'confirmed', 'adjusted') AND at.live_on < lower(duty.period) AND duty.period @> at.answered_on
    AND said.answered_at >= %(start)s AND said.answered_at < %(end)s AND NOT EXISTS (
        SELECT FROM products_assignment AS own
        WHERE own.user_id = %(person)s AND own.product_id = product.id AND own.period @> at.live_on
    )
"""


@dataclass(frozen=True, slots=True)
class Duty:
    """For which product a person stood, from when to when (None: still), inside the days that are looked at."""

    pk: int
    product: int
    slug: str
    name: str
    type: str
    start: date
    end: date | None
    first: date
    last: date

    @property
    def is_over(self) -> bool:
        """Whether it ended inside the period."""
        return self.end is not None and self.end <= self.last


@dataclass(frozen=True, slots=True)
class Shipped:
    """A release that the person shipped. ``mark`` is its telling verdict (E) or ``help``, ``none`` where nothing is known yet."""

    pk: int
    title: str
    product: int
    product_name: str
    type: str
    live_on: date
    is_gone: bool
    mark: str
    words: str

    @property
    def key(self) -> str:
        """``R-1005``."""
        return f"R-{self.pk}"


@dataclass(frozen=True, slots=True)
class Work:
    """What a person shipped in a period and what came of it; ``inherited_…`` came of what others shipped there before."""

    duties: tuple[Duty, ...]
    shipped: tuple[Shipped, ...]
    effects: EffectList
    benefits: BenefitList | None
    inherited_effects: EffectList
    inherited_benefits: BenefitList | None


def work_of(user: Actor, person: User, *, period: Period) -> Work:
    """The work of ``person``, whom the reader may read about (``readable_people``). Ten statements at most."""
    start, end = period.instants
    given = {"person": person.pk, "start": start, "end": end, "first": period.start, "last": period.end}
    rows = rows_of(SHIPPED, given)
    given["releases"] = [row[0] for row in rows]
    every = [Light(*row) for row in rows_of(EFFECTS, given)] if rows else []
    effects, helped = list_of(user, every, most=MOST_ROWS), rows_of(BENEFITS, given)
    return Work(
        duties=duties_of(person, period=period),
        shipped=_shipped(rows, effects, helped),
        effects=effects,
        benefits=benefits_among(user, helped, most=MOST_ROWS),
        inherited_effects=list_of(user, [Light(*row) for row in rows_of(INHERITED_EFFECTS, given)], most=MOST_ROWS),
        inherited_benefits=benefits_among(user, rows_of(INHERITED_BENEFITS, given), most=MOST_ROWS),
    )


def duties_of(person: User, *, period: Period) -> tuple[Duty, ...]:
    """The products for which the person stood in the period, in the order in which that began. One statement."""
    held = Assignment.objects.filter(user=person, period__overlap=DateRange(period.start, period.end))
    return tuple(_duty(one, period) for one in held.select_related("product").order_by("period", "product__name"))


def _duty(held: Assignment, period: Period) -> Duty:
    start, end = held.period.lower or date.min, held.period.upper
    product = held.product
    return Duty(
        held.pk, product.pk, product.slug, product.name, product.type, start, end,
        first=max(start, period.start), last=min(end or period.end, period.end),
    )  # fmt: skip


def _shipped(rows: Iterable[Row], effects: EffectList, helped: Iterable[Row]) -> tuple[Shipped, ...]:
    backed = Counter(release for _, state, _, release in helped if release and state != "claimed")
    telling: dict[str, Effect] = {}
    for one in effects.rows:  # the telling ones come first
        telling.setdefault(one.effect.release, one.effect)
    return tuple(_told(row, telling.get(f"R-{row[0]}"), backed[row[0]]) for row in rows)


def _told(row: Row, effect: Effect | None, helped: int) -> Shipped:
    pk, title, state, live_on, product, name, type = row
    is_gone = state == "rolled_back"
    mark, words = (effect.kind, f"{effect.kpi_name} {WORDS[effect.kind]}") if effect else ("none", WORDS["none"])
    if is_gone:
        mark, words = "none", "rolled back"
    elif helped and (type == "I" or effect is None):
        mark, words = "help", f"helped {helped} {'piece' if helped == 1 else 'pieces'} of work"
    elif type == "I" and effect is None:
        words = "nobody said yet what it helped"
    return Shipped(pk, title, product, name, type, live_on, is_gone, mark, words)


WORDS = {
    "better": "clearly better",
    "better-ish": "probably better",
    "worse": "clearly worse",
    "worse-ish": "probably worse",
    "unsure": "cannot tell",
    "flat": "no real change",
    "early": "too early",
    "withdrawn": "withdrawn",
    "none": "no figures yet",
}
