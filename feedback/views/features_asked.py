"""What the views of features share: the feature asked for, who may write it, and its form pages."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from pmtrack.web.form_pages import FormPage
from products.access import visible_features, writable_features
from products.models import Feature

LARGEST = 2**63 - 1


def feature_asked(request: HttpRequest, number: int) -> Feature:
    """Feature W-``number``. Raises 404."""
    rows = visible_features(request.user).select_related("product")
    feature = rows.filter(pk=number).first() if number <= LARGEST else None
    if feature is None:
        raise Http404(f"There is no feature W-{number} that you may see.")
    return feature


def feature_to_write(request: HttpRequest, number: int, *, now: datetime) -> Feature:
    """Feature W-``number``, where the reader may write it. Raises 404 and 403."""
    feature = feature_asked(request, number)
    if not may_write(request, feature, now=now):
        raise PermissionDenied(
            f"Only the PMs of {feature.product.name}, the leads of its team and administrators may change {feature.key}."
        )
    return feature


def may_write(request: HttpRequest, feature: Feature, *, now: datetime) -> bool:
    """Whether the reader may change the feature, on the product's today."""
    day = now.astimezone(ZoneInfo(feature.product.time_zone)).date()
    return writable_features(request.user, day=day).filter(pk=feature.pk).exists()


def feature_form_page(feature: Feature, title: str, words: str, submit: str, *notes: str) -> FormPage:
    """A page with one form about a feature."""
    back = reverse("feature", args=[feature.pk])
    crumbs = (("Features", reverse("features")), (feature.key, back))
    return FormPage(title, words, submit, back, crumbs, notes)


def way_on(request: HttpRequest, named: str, otherwise: str) -> str:
    """The page of ours that a form names as ``next``, else ``otherwise``."""
    ours = url_has_allowed_host_and_scheme(named, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return named if named.startswith("/") and ours else otherwise
