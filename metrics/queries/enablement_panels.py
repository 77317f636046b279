"""What stands about enablements on the pages of products and releases."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from metrics.access import may_speak_for_helping
from metrics.models import EnablementKind
from metrics.queries.enablement_rows import (
    EnablementTable,
    given_by,
    given_by_release,
    had_by,
    had_by_features,
    verdict_of,
)
from products.access import Actor, visible_products, visible_releases
from products.models import Release
from products.queries.features import features_named

NONE = EnablementTable((), "")
BACKED = {"measured", "confirmed"}


@dataclass(frozen=True, slots=True)
class ProductEnablements:
    """What a product gave and had; ``counts`` by kind are of what is confirmed or measured."""

    given: EnablementTable = NONE
    had: EnablementTable = NONE
    verdict: str = ""
    may_claim: bool = False
    may_thank: bool = False

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of the rows shown are backed, by kind: never added up to one figure."""
        kinds = [row.kind for row in self.given.rows if row.grade in BACKED]
        return {kind: kinds.count(kind) for kind in EnablementKind.values}


@dataclass(frozen=True, slots=True)
class ReleaseEnablements:
    """What a release gave, and what its features had; ``feature`` is the key of the first of them, "" without."""

    title: str
    empty: str
    given: EnablementTable
    had: EnablementTable
    feature: str
    may_claim: bool
    may_thank: bool


def product_enablements(user: Actor, slug: str, *, day: date) -> ProductEnablements:
    """Both sides of a product. A constant number of statements."""
    product = visible_products(user).filter(slug=slug).first()
    if product is None:
        return ProductEnablements()
    given, own = given_by(user, product.pk), may_speak_for_helping(user, product, day=day)
    return ProductEnablements(given, had_by(user, product.pk), verdict_of(product.name, given), own, own)


def release_enablements(user: Actor, number: int, *, day: date) -> ReleaseEnablements | None:
    """Both sides of R-``number``, None where there is none. A constant number of statements."""
    release = visible_releases(user).select_related("product").filter(pk=number).first()
    if release is None:
        return None
    named = features_named(user, release.product_id, release.feature_keys)
    features = [one.number for one in named if one.number]
    given, own = given_by_release(user, number), may_speak_for_helping(user, release.product, day=day)
    is_live = release.state == Release.State.LIVE
    return ReleaseEnablements(
        title=_title(given),
        empty=_empty(release),
        given=given,
        had=had_by_features(user, features),
        feature=f"W-{features[0]}" if features else "",
        may_claim=own and is_live,
        may_thank=own and bool(features),
    )


def _title(given: EnablementTable) -> str:
    return f"What it did for the work of others: {given.title}" if given.rows else "What it did for the work of others"


def _empty(release: Release) -> str:
    if release.state == Release.State.ROLLED_BACK:
        return "It was rolled back: nobody has it, so it helps nobody."
    if release.state != Release.State.LIVE:
        return "It is not live, so it helped nobody so far."
    return "Nobody said yet whose work it helped. Its PM claims it and whoever was helped is asked, or they say thanks by themselves."
