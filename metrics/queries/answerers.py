"""Who can say whether something helped: the people behind the helped work who did not stand for the helping one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Case, IntegerField, QuerySet, Value, When

from metrics.queries.periods import local_day
from products.access import writable_products
from products.models import Assignment, Feature, Membership, Product, Release, Team, User

STANDS = "SELECT metrics_stands_upstream(%s, %s, %s, %s, %s)"
BY_ROLE = Case(
    When(role="owner", then=Value(0)),
    When(role="co_owner", then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
LEADS_FIRST = Case(When(role="lead", then=Value(0)), default=Value(1), output_field=IntegerField())
MOST_CONTINUED = 5


@dataclass(frozen=True, slots=True)
class Work:
    """What was helped: a feature, or work told in ``words`` of a product or a team."""

    feature: Feature | None = None
    words: str = ""
    product: Product | None = None
    team: Team | None = None


def stands_upstream(
    person: User, *, product: Product, release: Release | None, made: datetime, answered: datetime
) -> bool:
    """Whether ``person`` stood for what helped, so that he confirms nothing about it. The rule is the database's own."""
    with connection.cursor() as cursor:
        cursor.execute(STANDS, [person.pk, product.pk, release.pk if release else None, made, answered])
        (stands,) = cursor.fetchone()
    return bool(stands)


def who_answers(
    work: Work, *, product: Product, release: Release | None, claimant: User | None, made: datetime, now: datetime
) -> User | None:
    """The first of those behind the work who is here and may answer, None where there is none.

    In this order: its PM on the day it went live, its PMs today, those of the product that continued it, its team. Whoever
    belongs to both sides (leads both teams, say) is asked only where nobody else is left.
    """
    seen: set[int] = {claimant.pk} if claimant else set()
    of_both: User | None = None
    for person in _behind(work, now):
        if person.pk in seen or not person.is_active:
            continue
        seen.add(person.pk)
        if stands_upstream(person, product=product, release=release, made=made, answered=now):
            continue
        if not writable_products(person, day=now.date()).filter(pk=product.pk).exists():
            return person
        of_both = of_both or person
    return of_both


def _behind(work: Work, now: datetime) -> Iterator[User]:
    product = work.product
    if product is not None:
        today = local_day(now, product.time_zone)
        shipped = _went_live(work.feature, product) if work.feature else None
        if shipped is not None:
            yield from _pms(product, shipped)
        yield from _pms(product, today)
        yield from _successors(product, today)
        held = product.ownerships.filter(period__contains=today).values("team")
        yield from _people(Team.objects.filter(pk__in=held), ("pm", "lead"), today)
    if work.team is not None:
        yield from _people(Team.objects.filter(pk=work.team.pk), ("lead", "pm", "member"), now.date())


def _went_live(feature: Feature, product: Product) -> date | None:
    """The day on which the first release that names the feature went live."""
    named = Release.objects.filter(
        product=product, feature_keys__overlap=[feature.key, feature.key.lower()], live_at__isnull=False
    )
    first = named.order_by("live_at").values_list("live_at", flat=True).first()
    return local_day(first, product.time_zone) if first else None


def _pms(product: Product, day: date) -> Iterator[User]:
    held = Assignment.objects.filter(product=product, period__contains=day).select_related("user")
    yield from (one.user for one in held.order_by(BY_ROLE, "pk"))


def _successors(product: Product, day: date) -> Iterator[User]:
    """PMs of the product that continued this one, and of the one that continued that."""
    for _ in range(MOST_CONTINUED):
        following = Product.objects.filter(continues=product).order_by("pk").first()
        if following is None:
            return
        product = following
        yield from _pms(product, day)


def _people(teams: QuerySet[Team], roles: tuple[str, ...], day: date) -> Iterator[User]:
    held = Membership.objects.filter(team__in=teams, role__in=roles, period__contains=day).select_related("user")
    order = LEADS_FIRST if roles[0] == "lead" else LEADS_FIRST.desc()
    yield from (one.user for one in held.order_by(order, "pk"))
