"""Releases as pages and the API show them: what the events fold to, with every exposure."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from products.access import Actor, visible_releases
from products.models import Exposure, Release


@dataclass(frozen=True, slots=True)
class ExposureFacts:
    """Users had the release from ``exposed_at`` until ``rolled_back_at`` (None: still)."""

    exposed_at: datetime
    rolled_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """One version of a product in one environment. ``live_at`` starts the newest exposure; instants are in UTC."""

    key: str
    product: str
    environment: str
    version: str
    name: str
    url: str
    features: tuple[str, ...]
    state: str
    planned_for: datetime | None
    released_at: datetime | None
    live_at: datetime | None
    rolled_back_at: datetime | None
    exposures: tuple[ExposureFacts, ...]


def exposures_in_order() -> "Prefetch[str, QuerySet[Exposure], str]":
    """What ``release_facts`` needs beside the product: one statement, however many releases."""
    return Prefetch("exposures", Exposure.objects.order_by("exposed_at"))


def release_facts(release: Release) -> ReleaseFacts:
    """A release whose product and exposures are at hand, as a frozen value."""
    return ReleaseFacts(
        key=release.key,
        product=release.product.slug,
        environment=release.environment,
        version=release.version,
        name=release.name,
        url=release.url,
        features=tuple(release.feature_keys),
        state=release.state,
        planned_for=release.planned_for,
        released_at=release.released_at,
        live_at=release.live_at,
        rolled_back_at=release.rolled_back_at,
        exposures=tuple(ExposureFacts(row.exposed_at, row.rolled_back_at) for row in release.exposures.all()),
    )


def releases_newest_first(
    user: Actor, *, product: str | None = None, state: str | None = None, since: datetime | None = None
) -> QuerySet[Release]:
    """The releases that ``user`` may see, newest key first: of one product, in one state, live at or after ``since``."""
    rows = visible_releases(user).select_related("product").prefetch_related(exposures_in_order()).order_by("-pk")
    if product is not None:
        rows = rows.filter(product__slug=product)
    if state is not None:
        rows = rows.filter(state=state)
    if since is not None:
        rows = rows.filter(live_at__gte=since)
    return rows
