"""What the settings pages say: who belongs where from when to when, and what the reader may change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Lower

from products.access import (
    Actor,
    administers,
    manageable_products,
    manageable_teams,
    staffable_products,
    visible_products,
    visible_teams,
    writable_products,
)
from products.catalog.countries import country_name, public_holidays
from products.models import Ally, Assignment, Membership, Product, ProductTeam, Team

NOBODY = "nobody"
MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class Span:
    """One dated row: ``who`` is ``what`` from ``start`` until before ``end``; ``state`` is planned, holds or over."""

    id: int
    who: str
    what: str
    start: date
    end: date | None
    state: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What a reader may change, as products and teams in a sentence ("" for none); administrators may all of them."""

    is_admin: bool
    writes: str
    defines: str
    staffs: str
    leads: str


@dataclass(frozen=True, slots=True)
class ProductChoice:
    """A product in the settings' list; ``may_change`` for the reader."""

    slug: str
    name: str
    type: str
    team: str
    pms: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class ProductSettings:
    """A product with everything dated about it, newest first, and what the reader may do."""

    product: Product
    country: str
    continued_by: tuple[tuple[str, str], ...]
    teams: tuple[Span, ...]
    pms: tuple[Span, ...]
    allies: tuple[Span, ...]
    may_staff: bool
    may_ally: bool


@dataclass(frozen=True, slots=True)
class TeamChoice:
    """A team in the settings' list; ``may_change`` for the reader."""

    slug: str
    name: str
    leads: str
    may_change: bool


def reach_of(user: Actor, *, day: date) -> Reach:
    """What the reader may change today. At most four statements."""
    if administers(user):
        return Reach(True, "", "", "", "")
    return Reach(
        is_admin=False,
        writes=_names(writable_products(user, day=day)),
        defines=_names(manageable_products(user, day=day)),
        staffs=_names(staffable_products(user, day=day)),
        leads=_names(manageable_teams(user, day=day)),
    )


def product_choices(user: Actor, *, day: date) -> tuple[ProductChoice, ...]:
    """Every product by name, with who answers for it. One statement."""
    team = ProductTeam.objects.filter(product=OuterRef("pk"), period__contains=day).values("team__name")[:1]
    pms = Assignment.objects.filter(product=OuterRef("pk"), period__contains=day).order_by("-role", "user__name")
    rows = (
        visible_products(user)
        .annotate(
            team=Coalesce(Subquery(team), Value("")),
            pms=ArraySubquery(pms.values("user__name")),
            may_change=Exists(writable_products(user, day=day).filter(pk=OuterRef("pk"))),
        )
        .order_by(Lower("name"), "pk")
        .values_list("slug", "name", "type", "team", "pms", "may_change")
    )
    return tuple(ProductChoice(*row[:4], ", ".join(row[4]) or NOBODY, row[5]) for row in rows)


def product_settings(user: Actor, product: Product, *, day: date) -> ProductSettings:
    """A product whose ``continues`` is at hand, as its settings page shows it. Six statements."""
    teams = ProductTeam.objects.filter(product=product).select_related("team")
    pms = Assignment.objects.filter(product=product).select_related("user")
    allies = Ally.objects.filter(product=product).select_related("user")
    return ProductSettings(
        product=product,
        country=_country(product, day.year),
        continued_by=tuple(product.continued_by.order_by("name").values_list("slug", "name")),
        teams=_spans(((row, row.team.name, "") for row in teams), day),
        pms=_spans(((row, row.user.name, row.get_role_display()) for row in pms), day),
        allies=_spans(((row, row.user.name, row.get_function_display()) for row in allies), day),
        may_staff=staffable_products(user, day=day).filter(pk=product.pk).exists(),
        may_ally=manageable_products(user, day=day).filter(pk=product.pk).exists(),
    )


def _country(product: Product, year: int) -> str:
    """Whose public holidays are left out of effects, and how many days that is in a year; "" for none."""
    if not product.country:
        return ""
    found = public_holidays(product.country, product.subdivision, first=date(year, 1, 1), last=date(year, 12, 31))
    where = ", ".join(filter(None, [country_name(product.country), product.subdivision]))
    return f"{where}: {len({day for day, _ in found})} days in {year}"


def team_choices(user: Actor, *, day: date) -> tuple[TeamChoice, ...]:
    """Every team by name, with its leads. One statement."""
    leads = Membership.objects.filter(team=OuterRef("pk"), role=Membership.Role.LEAD, period__contains=day)
    rows = (
        visible_teams(user)
        .annotate(
            leads=ArraySubquery(leads.order_by("user__name").values("user__name")),
            may_change=Exists(manageable_teams(user, day=day).filter(pk=OuterRef("pk"))),
        )
        .order_by(Lower("name"), "pk")
        .values_list("slug", "name", "leads", "may_change")
    )
    return tuple(TeamChoice(slug, name, ", ".join(names) or NOBODY, may) for slug, name, names, may in rows)


def team_roles(team: Team, *, day: date) -> tuple[Span, ...]:
    """Everybody's roles in a team: what holds by name, then what is planned, then what is over. One statement."""
    rows = Membership.objects.filter(team=team).select_related("user")
    return _spans(((row, row.user.name, row.get_role_display()) for row in rows), day)


def _names(rows: "Iterable[Product] | Iterable[Team]") -> str:
    """ "Checkout, Rate Desk and Switchyard", or the first few and how many more."""
    names = sorted(row.name for row in rows)
    if len(names) > MOST_NAMES:
        names = [*names[: MOST_NAMES - 1], f"{len(names) - MOST_NAMES + 1} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _spans(
    rows: Iterable[tuple[Membership | ProductTeam | Assignment | Ally, str, str]], day: date
) -> tuple[Span, ...]:
    spans = []
    for row, who, what in rows:
        first, end = row.period.lower or date.min, row.period.upper
        state = "planned" if first > day else "over" if end is not None and end <= day else "holds"
        spans.append(Span(row.pk, who, what, first, end, state))
    order = {"holds": 0, "planned": 1, "over": 2}
    return tuple(sorted(spans, key=lambda span: (order[span.state], span.who.lower(), -span.start.toordinal())))
