"""What a form about an enablement offers, and what somebody means who types a key or a name."""

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from products.access import Actor, teams_of, visible_features, visible_products, visible_releases, writable_products
from products.models import Feature, Membership, Product, Release, ReleaseState, Team

MOST_OFFERED = 200
RELEASE_KEY, FEATURE_KEY = re.compile(r"R-([1-9][0-9]{0,17})\b", re.I), re.compile(r"W-([1-9][0-9]{0,17})\b", re.I)


@dataclass(frozen=True, slots=True)
class Helper:
    """What helped: a product, and its release where one is named."""

    product: Product
    release: Release | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose work it is: a product or a team."""

    product: Product | None = None
    team: Team | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a browser offers while somebody types: ``R-12``, and what stands beside it."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Offers:
    """What is likely at each of the three fields."""

    helpers: tuple[Offer, ...]
    features: tuple[Offer, ...]
    owners: tuple[Offer, ...]


def claim_offers(user: Actor, *, day: date) -> Offers:
    """Own releases, features of others, products and teams. Five statements."""
    mine = list(writable_products(user, day=day).values_list("pk", flat=True))
    theirs = visible_features(user).exclude(product__in=mine) if len(mine) < MOST_OFFERED else visible_features(user)
    return Offers(_releases(user, Q(product__in=mine)), _features(theirs), _owners(user))


def thank_offers(user: Actor, *, day: date) -> Offers:
    """Releases of others, own features, own products and teams. Six statements."""
    mine = list(writable_products(user, day=day).values_list("pk", flat=True))
    teams = teams_of(user, day=day, roles=tuple(Membership.Role)).order_by("name")
    own = [one.name for one in Product.objects.filter(pk__in=mine).order_by("name")[:MOST_OFFERED]]
    own += [one.name for one in teams]
    features = _features(visible_features(user).filter(product__in=mine))
    return Offers(_releases(user, ~Q(product__in=mine)), features, tuple(Offer(name, "") for name in own))


def helper_named(text: str) -> Helper | None:
    """The release whose key the text begins with, or the product of that name or address."""
    if found := RELEASE_KEY.match(text):
        release = Release.objects.select_related("product").filter(pk=int(found[1])).first()
        return Helper(release.product, release) if release else None
    product = _product(text)
    return Helper(product) if product else None


def feature_named(text: str) -> Feature | None:
    """The feature whose key the text begins with."""
    found = FEATURE_KEY.match(text)
    return Feature.objects.select_related("product").filter(pk=int(found[1])).first() if found else None


def owner_named(text: str) -> Owner | None:
    """The product or the team of that name or address, products first."""
    if (product := _product(text)) is not None:
        return Owner(product)
    team = Team.objects.filter(Q(slug__iexact=text) | Q(name__iexact=text)).order_by("pk").first()
    return Owner(team=team) if team else None


def _product(text: str) -> Product | None:
    return Product.objects.filter(Q(slug__iexact=text) | Q(name__iexact=text)).order_by("pk").first()


def _releases(user: Actor, where: Q) -> tuple[Offer, ...]:
    """Live releases, the newest first, and the products themselves."""
    live = (
        visible_releases(user)
        .filter(where, state=ReleaseState.LIVE)
        .select_related("product")
        .order_by("-live_at", "-pk")
    )
    named = [Offer(one.key, f"{one.title}, {one.product.name}") for one in live[:MOST_OFFERED]]
    products = visible_products(user).filter(pk__in=live.order_by().values("product")).order_by("name")
    return (*named, *(Offer(one.name, "the whole product") for one in products[:MOST_OFFERED]))


def _features(rows: QuerySet[Feature]) -> tuple[Offer, ...]:
    newest = rows.select_related("product").order_by("-pk")[:MOST_OFFERED]
    return tuple(Offer(one.key, f"{one.title}, {one.product.name}") for one in newest)


def _owners(user: Actor) -> tuple[Offer, ...]:
    products = visible_products(user).order_by("name").values_list("name", flat=True)[:MOST_OFFERED]
    teams = Team.objects.order_by("name").values_list("name", flat=True)[:MOST_OFFERED]
    return (*(Offer(name, "product") for name in products), *(Offer(name, "team") for name in teams))
