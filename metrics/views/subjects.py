"""What the views around commitments share: the feature or release asked for, and who may name its KPIs."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from metrics.access import committable_features, committable_releases, visible_kpis
from metrics.models import Kpi
from products.access import visible_features, visible_releases
from products.models import Feature, Release

FEATURE, RELEASE = "feature", "release"
LARGEST = 2**63 - 1
WHO = "Only its PMs and the leads of its team may do this for {product}."


def subject_asked(request: HttpRequest, of: str, number: int, *, day: date) -> Feature | Release:
    """W-``number`` or R-``number``, whose KPIs the reader may name. Raises 404 and 403."""
    rows: QuerySet[Any] = visible_features(request.user) if of == FEATURE else visible_releases(request.user)
    rule = committable_features if of == FEATURE else committable_releases
    row = rows.select_related("product").filter(pk=number).first() if number <= LARGEST else None
    if row is None:
        raise Http404(f"There is no {of} {'W' if of == FEATURE else 'R'}-{number} that you may see.")
    if not rule(request.user, day=day).filter(pk=row.pk).exists():
        raise PermissionDenied(WHO.format(product=row.product.name))
    return row


def kpi_asked(request: HttpRequest, slug: str) -> Kpi:
    """The KPI by its slug. Raises 404."""
    rows = visible_kpis(request.user).select_related("product")
    kpi = rows.filter(slug=slug).first() if slug.isprintable() else None
    if kpi is None:
        raise Http404(f"There is no KPI '{slug}' that you may see.")
    return kpi


def address_of(subject: Feature | Release) -> str:
    """The page of a feature or release."""
    return f"/{'features' if isinstance(subject, Feature) else 'releases'}/{subject.key}/"


def crumbs_of(subject: Feature | Release) -> tuple[tuple[str, str], ...]:
    """The way to a feature or release."""
    plural = "features" if isinstance(subject, Feature) else "releases"
    return (plural.capitalize(), f"/{plural}/"), (subject.key, address_of(subject))
