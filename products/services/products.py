"""Products, the team that owns them, their PMs and their allies, by date. History is ended, never overwritten."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from zoneinfo import available_timezones

from django.db import connection, transaction

from products.catalog.countries import NAMES, country_name, subdivisions
from products.models import Ally, Assignment, Product, ProductTeam, Team, User
from products.services.edits import refuse_if_changed
from products.services.refusals import ended, in_words, refusing, span
from products.services.releases import refold_releases

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What may be changed about a product. Its type and its slug stay for ever."""

    name: str
    audience: str
    time_zone: str
    currency: str
    production_environment: str
    released_is_live: bool
    country: str = ""
    subdivision: str = ""


PRODUCT_COLUMNS = tuple(field.name for field in fields(ProductFacts))


class ProductExists(Exception):
    """A product has this slug already."""


class UnknownTimeZone(Exception):
    """Days are cut in the product's time zone, so it has to be one that exists."""


class BadCurrency(Exception):
    """A currency is three capital letters, as ISO 4217 has them."""


class UnknownCountry(Exception):
    """A country is two capital letters, as ISO 3166 has them, or nothing where no public holidays are to be left out."""


class UnknownSubdivision(Exception):
    """The country has no such state, province or canton; the message lists those it has."""


class OwnershipOverlaps(Exception):
    """Another team owns, or will own, the product on some of these days."""


class AssignmentOverlaps(Exception):
    """The person or another owner holds this product on some of these days; the message says who and when."""


class NotAssigned(Exception):
    """The person did not answer for the product on the day before the end that was given."""


class AllyOverlaps(Exception):
    """The colleague has this function for the product on some of these days already."""


@transaction.atomic
def add_product(
    *,
    slug: str,
    name: str,
    type: str,
    audience: str,
    time_zone: str = "UTC",
    currency: str = "EUR",
    released_is_live: bool | None = None,
    continues: Product | None = None,
    country: str = "",
    subdivision: str = "",
) -> Product:
    """Add one product; ``released_is_live`` is on for Type I and off for Type E unless told.

    Raises ``ProductExists``, ``UnknownTimeZone``, ``BadCurrency``, ``UnknownCountry`` and ``UnknownSubdivision``.
    """
    _refuse_unknown_zone(time_zone)
    _refuse_unknown_country(country, subdivision)
    refusals = {
        "products_product_slug_key": ProductExists(f"There is a product '{slug}' already. Choose another slug."),
        "products_product_currency_is_a_code": BadCurrency(f"'{currency}' is no currency code. Write it like EUR."),
    }
    with refusing(refusals):
        return Product.objects.create(
            slug=slug,
            name=name,
            type=type,
            audience=audience,
            time_zone=time_zone,
            currency=currency,
            released_is_live=type == Product.Type.INTERNAL if released_is_live is None else released_is_live,
            continues=continues,
            country=country,
            subdivision=subdivision,
        )


@transaction.atomic
def change_product(*, product: Product, facts: ProductFacts, now: datetime, version: str | None = None) -> Product:
    """Change what may be changed. Where the impact clock starts elsewhere now, every release is folded again at once.

    Raises ``UnknownTimeZone``, ``BadCurrency``, ``UnknownCountry``, ``UnknownSubdivision`` and ``ChangedMeanwhile``; then
    nothing is stored.
    """
    _refuse_unknown_zone(facts.time_zone)
    _refuse_unknown_country(facts.country, facts.subdivision)
    held = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    refuse_if_changed(row=held, columns=PRODUCT_COLUMNS, version=version, now=now)
    clock = facts.production_environment, facts.released_is_live
    moved = clock != (held.production_environment, held.released_is_live)
    if moved:
        _hold_releases_still()
    for column, value in asdict(facts).items():
        setattr(held, column, value)
    bad = BadCurrency(f"'{facts.currency}' is no currency code. Write it like EUR.")
    with refusing({"products_product_currency_is_a_code": bad}):
        held.save(update_fields=PRODUCT_COLUMNS)
    if moved:
        refold_releases(product=held)
    return held


def _hold_releases_still() -> None:
    """Let the events under way finish and later ones wait, so that none is folded by the clock that goes.

    It is rare and short. Nobody who is waited for here waits for the product's row: foreign keys share its lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE products_release IN EXCLUSIVE MODE")


def _refuse_unknown_zone(time_zone: str) -> None:
    if time_zone not in available_timezones():
        raise UnknownTimeZone(f"'{time_zone}' is no IANA time zone. Write it like Europe/Amsterdam.")


def _refuse_unknown_country(country: str, subdivision: str) -> None:
    if country and country not in NAMES:
        raise UnknownCountry(f"'{country}' is no country that we know. Write its two letters, for example NL.")
    if not subdivision:
        return
    if not country:
        raise UnknownSubdivision(f"'{subdivision}' belongs to a country: choose that first.")
    known = subdivisions(country)
    if subdivision not in known:
        ways = f"Write one of {', '.join(known)}, or nothing." if known else "Leave it empty."
        raise UnknownSubdivision(
            f"{country_name(country)} has no '{subdivision}' with public holidays of its own. {ways}"
        )


@transaction.atomic
def give_product(*, product: Product, team: Team, start: date) -> ProductTeam:
    """Make ``team`` the owner from ``start`` on; the ownership that held until then ends there and stays on record.

    Giving it to the team that has it already changes nothing. Raises ``OwnershipOverlaps`` for a day on or before which
    a later transfer is already on record.
    """
    Product.objects.select_for_update().get(pk=product.pk)  # transfers of one product take turns
    held = ProductTeam.objects.filter(product=product, period__contains=start).select_related("team").first()
    if held is not None and held.team_id == team.pk:
        return held
    later = ProductTeam.objects.filter(product=product, period__startswith__gte=start).select_related("team").first()
    if later is not None:
        raise OwnershipOverlaps(
            f"{product.name} belongs to {later.team.name} {in_words(later.period)}. "
            f"Give it to {team.name} from a later day; the past stays as it was."
        )
    if held is not None:
        held.period = ended(held.period, start)
        held.save(update_fields=["period"])
    return ProductTeam.objects.create(product=product, team=team, period=span(start, None))


@transaction.atomic
def assign_pm(*, user: User, product: Product, role: str, start: date, end: date | None = None) -> Assignment:
    """Let a person answer for a product for ``[start, end)``. Raises ``AssignmentOverlaps`` and ``SpanIsEmpty``."""
    period = span(start, end)
    mine = AssignmentOverlaps(f"{user.name} answers for {product.name} on some of these days already. End that first.")
    owner = AssignmentOverlaps(who_owns(product, start=start, end=end))
    refusals = {
        "products_assignment_one_role_at_a_time": mine,
        "products_assignment_one_owner_at_a_time": owner,
    }
    with refusing(refusals):
        return Assignment.objects.create(user=user, product=product, role=role, period=period)


@transaction.atomic
def end_assignment(*, user: User, product: Product, end: date) -> Assignment:
    """End what the person held until ``end``, the first day off duty; saying it again changes nothing.

    Raises ``NotAssigned``. An assignment that was over before ``end`` is not prolonged.
    """
    held = (
        Assignment.objects.select_for_update()
        .filter(user=user, product=product, period__contains=end - ONE_DAY)
        .first()
    )
    if held is None:
        raise NotAssigned(f"{user.name} did not answer for {product.name} on {end - ONE_DAY}; nothing to end on {end}.")
    held.period = ended(held.period, end)
    held.save(update_fields=["period"])
    return held


@transaction.atomic
def add_ally(*, product: Product, user: User, function: str, start: date, end: date | None = None) -> Ally:
    """Let a colleague of another function work on a product. Raises ``AllyOverlaps`` and ``SpanIsEmpty``."""
    overlap = AllyOverlaps(f"{user.name} does this for {product.name} on some of these days already. End that first.")
    with refusing({"products_ally_one_row_at_a_time": overlap}):
        return Ally.objects.create(product=product, user=user, function=function, period=span(start, end))


def who_owns(product: Product, *, start: date, end: date | None) -> str:
    """Why nobody else can own the product on these days, in words."""
    held = (
        Assignment.objects.filter(product=product, role=Assignment.Role.OWNER, period__overlap=span(start, end))
        .select_related("user")
        .first()
    )
    if held is None:
        return f"{product.name} got another owner at the same time. Look again, then end that assignment first."
    return f"{held.user.name} owns {product.name} {in_words(held.period)}. End that first, or assign a co-owner."
