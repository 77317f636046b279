"""Plan a feature, edit its words, link its diagnoses, waive them."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from feedback.access import visible_diagnoses
from feedback.forms.features import DIAGNOSIS_KEY, FeatureForm, NewFeatureForm, WaiverForm, facts_of
from feedback.models import Diagnosis
from feedback.services.feature_links import CannotLink, StillNeeded, link_diagnosis, plan_feature, unlink_diagnosis
from feedback.views.features_asked import feature_asked, feature_form_page, feature_to_write
from pmtrack.web.form_pages import FormPage, Saved, see_other, settle
from products.access import leads_product, writable_products
from products.models import Feature
from products.services.feature_moves import NeedsReason, NotTheirLead, waive_diagnosis
from products.services.features import edit_feature

form_page = require_http_methods(["GET", "HEAD", "POST"])
UNDIAGNOSED = (
    "Without a diagnosis it can be planned, but it cannot enter building unless a lead waives it with a reason."
)


@form_page
def new_feature(request: HttpRequest) -> HttpResponse:
    """Plan a feature from one or more diagnoses, or from none."""
    now = datetime.now(UTC)
    given = _diagnosis_of_address(request)
    products = _products_to_plan_for(request, given, now=now)
    asked = given.product.slug if given else request.GET.get("product", "")
    initial = {"diagnoses": given.key if given else "", "product": asked}

    def build(data: Any) -> NewFeatureForm:
        return NewFeatureForm(data, products=products, type=given.product.type if given else "", initial=initial)

    def save(typed: dict[str, Any]) -> Saved:
        product = writable_products(request.user, day=now.date()).get(slug=typed["product"])
        behind = _diagnoses(request, typed["diagnoses"])
        planned = plan_feature(product=product, facts=facts_of(typed), diagnoses=behind, by=request.user, now=now)
        return Saved(f"{planned.key} is planned.", reverse("feature", args=[planned.pk]))

    every = reverse("features")
    notes = (f"{given.key}: {given.trying_to or 'a draft without words yet'}" if given else UNDIAGNOSED,)
    words = "What will be built because of what was heard."
    page = FormPage("New feature", words, "Plan it", every, (("Features", every),), notes)
    return settle(request, page, build, save, refusals={CannotLink: "diagnoses"})


@form_page
def change_feature(request: HttpRequest, number: int) -> HttpResponse:
    """Write a feature's words anew; of two people at once both texts are kept."""
    now = datetime.now(UTC)
    feature = feature_to_write(request, number, now=now)

    def build(data: Any) -> FeatureForm:
        return _form_of(Feature.objects.get(pk=feature.pk), feature.product.type, data)

    def save(typed: dict[str, Any]) -> str:
        revision = _revision(typed["version"])
        edit_feature(feature=feature, facts=facts_of(typed), by=request.user, now=now, revision=revision)
        return f"{feature.key} is changed. What it said before stays in its history."

    page = feature_form_page(feature, f"Edit {feature.key}", "What it said until now stays in its history.", "Save")
    return settle(request, page, build, save, refusals={})


@form_page
def waive(request: HttpRequest, number: int) -> HttpResponse:
    """Let a feature be built without a diagnosis: for leads of the owning team, with a reason that stays."""
    now = datetime.now(UTC)
    feature = feature_asked(request, number)
    if not leads_product(request.user, feature.product, day=now.date()):
        raise PermissionDenied(f"Only a lead of the team that owns {feature.product.name} may waive the diagnosis.")

    def save(typed: dict[str, Any]) -> str:
        waive_diagnosis(feature=feature, by=request.user, reason=typed["reason"], now=now, day=now.date())
        return f"{feature.key} may be built without a diagnosis. Your reason stays beside it."

    words = "Nothing is built without knowing what is in somebody’s way, unless a lead says why it has to be."
    page = feature_form_page(feature, f"Waive the diagnosis of {feature.key}", words, "Waive it", feature.title)
    return settle(request, page, WaiverForm, save, refusals={NeedsReason: "reason", NotTheirLead: None})


@require_POST
def link(request: HttpRequest, number: int) -> HttpResponse:
    """Put a diagnosis behind the feature, or take it away (``undo=yes``)."""
    now = datetime.now(UTC)
    feature = feature_to_write(request, number, now=now)
    match = DIAGNOSIS_KEY.fullmatch(request.POST.get("diagnosis", "").strip())
    found = visible_diagnoses(request.user).filter(pk=int(match[1])).first() if match else None
    try:
        if found is None:
            raise CannotLink("There is no such diagnosis. Choose one from the list.")
        if request.POST.get("undo") == "yes":
            unlink_diagnosis(feature=feature, diagnosis=found)
            told = f"{found.key} no longer stands behind {feature.key}."
        else:
            link_diagnosis(feature=feature, diagnosis=found, by=request.user, now=now)
            told = f"{found.key} stands behind {feature.key} now."
        messages.success(request, told)
    except (CannotLink, StillNeeded) as refused:
        messages.error(request, str(refused))
    return see_other(reverse("feature", args=[feature.pk]))


def _form_of(feature: Feature, type: str, data: Any) -> FeatureForm:
    """The form as the row stands, with or without what was typed."""
    people = list(feature.co_designers.order_by("name", "pk"))
    initial = {
        "title": feature.title,
        "requirement": feature.requirement,
        "intent": feature.intent,
        "co_designers": ", ".join(one.email for one in people),
        "version": str(feature.revision),
    }
    return FeatureForm(data, type=type, kept=people, initial=initial)


def _revision(version: str) -> int:
    """The revision that a form was made from; what is none was never ours, so it conflicts."""
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0


def _diagnosis_of_address(request: HttpRequest) -> Diagnosis | None:
    """``?diagnosis=D-12``. Raises 404."""
    text = request.GET.get("diagnosis", "")
    if not text:
        return None
    match = DIAGNOSIS_KEY.fullmatch(text)
    rows = visible_diagnoses(request.user).select_related("product")
    found = rows.filter(pk=int(match[1])).first() if match else None
    if found is None:
        raise Http404(f"There is no diagnosis “{text[:40]}” that you may see.")
    return found


def _products_to_plan_for(request: HttpRequest, given: Diagnosis | None, *, now: datetime) -> list[tuple[str, str]]:
    """Slug and name of what the reader may plan for; with a diagnosis its product alone. Raises 403."""
    products = writable_products(request.user, day=now.date()).order_by("name", "pk")
    if given is not None:
        products = products.filter(pk=given.product_id)
    found = list(products.values_list("slug", "name"))
    if not found:
        about = given.product.name if given else "a product"
        raise PermissionDenied(f"Only the PMs of {about}, the leads of its team and administrators plan its features.")
    return found


def _diagnoses(request: HttpRequest, numbers: list[int]) -> list[Diagnosis]:
    """The diagnoses of these numbers. Raises ``CannotLink`` where one is not there."""
    found = visible_diagnoses(request.user).in_bulk(numbers)
    if missing := [f"D-{number}" for number in numbers if number not in found]:
        raise CannotLink(f"There is no diagnosis {missing[0]}. Look under Diagnoses, or leave it out for now.")
    return [found[number] for number in numbers]
