"""The list of features, and where one goes from its stage. The page of one feature stands on the floor above."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from feedback.queries.entries import product_choices
from feedback.queries.feature_list import FeatureFilter, feature_list
from products.access import writable_products
from products.models import FeatureStage, ProductType
from products.services.feature_moves import BY_HAND

# What a move is called where it leads on; every other one leads back.
ONWARDS = {
    (FeatureStage.DIAGNOSED, FeatureStage.BUILDING): "Start building",
    (FeatureStage.BUILDING, FeatureStage.RELEASED): "Mark it released",
    (FeatureStage.PARKED, FeatureStage.DIAGNOSED): "Take it up again",
    (FeatureStage.PARKED, FeatureStage.BUILDING): "Build it after all",
}


@dataclass(frozen=True, slots=True)
class Way:
    """A move by hand that the feature's stage allows."""

    to: str
    label: str
    leads_on: bool


@require_safe
def features(request: HttpRequest) -> HttpResponse:
    """Every feature, newest first, as far as the address narrows them."""
    now = datetime.now(UTC)
    products = product_choices(request.user)
    wanted = FeatureFilter(
        product=_one_of(request, "product", [one.slug for one in products]),
        type=_one_of(request, "type", ProductType.values),
        stage=_one_of(request, "stage", FeatureStage.values),
        mine=bool(_one_of(request, "mine", ["yes"])),
    )
    context = {
        "list": feature_list(request.user, wanted, now=now, before=_before(request)),
        "wanted": wanted,
        "products": products,
        "types": ProductType.choices,
        "stages": FeatureStage.choices,
        "older": _older_query(request),
        "may_plan": writable_products(request.user, day=now.date()).exists(),
    }
    return render(request, "feedback/features.html", context)


def ways_from(stage: str) -> tuple[Way, ...]:
    """The moves by hand that a stage allows, the usual next step first."""
    words = [(to, ONWARDS.get((FeatureStage(stage), to), "")) for to in BY_HAND[stage]]
    return tuple(Way(to.value, told or f"Back to {to.label}", bool(told)) for to, told in words)


def _one_of(request: HttpRequest, name: str, choices: list[str]) -> str:
    """A filter of the address. Raises 404 for what is no choice."""
    text = request.GET.get(name, "")
    if text and text not in choices:
        raise Http404(f"“{name}” cannot be “{text[:60]}” in this address. Start from the list of all features.")
    return text


def _before(request: HttpRequest) -> int | None:
    """The number from which a page goes on. Raises 404."""
    text = request.GET.get("before", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404("There is no such page of features. Start from the newest.")
    return int(text) if text else None


def _older_query(request: HttpRequest) -> str:
    """The filters of the address without the page, ready for more."""
    kept = request.GET.copy()
    kept.pop("before", None)
    return f"{kept.urlencode()}&" if kept else ""
