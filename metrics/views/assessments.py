"""A lead's assessment of an internal product: read by its PM and the leads of its team, written by those leads."""

from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from metrics.access import assessable_products, assessed_products
from metrics.catalog.quarters import Quarter, quarter_named
from metrics.forms.assessments import AssessmentForm
from metrics.queries.assessments import assessed_quarters, evidence_of, newest_assessment
from metrics.services.assessments import NotYours, QuarterAhead, assess
from pmtrack.web.form_pages import FormPage, Saved, settle
from products.models import Product
from products.views.asking import form_page


@never_cache
@require_safe
def assessments(request: HttpRequest, slug: str) -> HttpResponse:
    """Every quarter with its versions, newest first."""
    day = datetime.now(UTC).date()
    product = _product(request, slug, day)
    context = {"product": product, "quarters": assessed_quarters(request.user, product, day=day)}
    return render(request, "metrics/assessments/list.html", context)


@never_cache
@form_page
def assess_quarter(request: HttpRequest, slug: str, quarter: str) -> HttpResponse:
    """The guided questions about one quarter, with what happened in it beside."""
    now = datetime.now(UTC)
    product = _product(request, slug, now.date())
    asked = _quarter(quarter)
    if not assessable_products(request.user, day=now.date(), quarter=asked).filter(pk=product.pk).exists():
        raise PermissionDenied(
            f"{product.name} is assessed by the leads of its team, and by nobody who was its PM then."
        )
    page = _page(request, product, asked, now)

    def build(data: Any) -> AssessmentForm:
        newest = newest_assessment(request.user, product, asked, day=now.date())
        return AssessmentForm(data, newest=newest)

    def save(given: dict[str, Any]) -> Saved:
        row = assess(
            product=product, quarter=asked, answers=given["answers"], by=request.user, now=now,
            standing=given["version"],
        )  # fmt: skip
        return Saved(f"Version {row.version} for the {asked.text} stands. Older versions stay readable.")

    return settle(request, page, build, save, refusals={NotYours: None, QuarterAhead: None})


def _product(request: HttpRequest, slug: str, day: date) -> Product:
    """The product, where the reader may read its assessments; for all others there is nothing here."""
    product = assessed_products(request.user, day=day).filter(slug=slug).first()
    if product is None:
        raise Http404(f"There is no assessment of '{slug}' that you may see.")
    return product


def _quarter(name: str) -> Quarter:
    found = quarter_named(name)
    if found is None:
        raise Http404(f"'{name}' is no quarter. Write it like 2026-Q4.")
    return found


def _page(request: HttpRequest, product: Product, quarter: Quarter, now: datetime) -> FormPage:
    back = reverse("assessments", args=[product.slug])
    above = ((product.name, reverse("product", args=[product.slug])), ("Assessments", back))
    return FormPage(
        title=f"Assess {product.name}, {quarter.text}",
        words="Three questions in your own words. Its PM and the leads of its team read them, nobody else.",
        submit="Write it down",
        back=back,
        crumbs=above,
        template="metrics/assessments/form.html",
        more={
            "evidence": evidence_of(request.user, product, quarter, now=now),
            "product": product,
            "quarter": quarter,
        },
    )
