"""Settings of KPIs: what a product is measured by, and every wording it had."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from metrics.access import visible_kpis
from metrics.forms.kpis import ChangeKpiForm, NewKpiForm, WordingForm
from metrics.models import Kpi
from metrics.queries.kpi_settings import kpi_choices, kpi_settings
from metrics.services.kpis import (
    BadCurrency,
    CurrencyIsFixed,
    DefinitionTooEarly,
    KpiExists,
    KpiFacts,
    MainKpiExists,
    change_kpi,
    define_kpi,
    redefine_kpi,
)
from pmtrack.web.form_pages import FormPage, Saved, settle
from products.access import manageable_products

form_page = require_http_methods(["GET", "HEAD", "POST"])
WHO = "its PMs and the leads of its team"


@require_safe
def kpi_list(request: HttpRequest) -> HttpResponse:
    """Every KPI by product, and which of them the reader may change."""
    day = datetime.now(UTC).date()
    rows = kpi_choices(request.user, day=day)
    may_define = manageable_products(request.user, day=day).exists()
    return render(request, "settings/kpis.html", {"rows": rows, "may_define": may_define})


@form_page
def new_kpi(request: HttpRequest) -> HttpResponse:
    """Define a KPI of one of the reader's products; ``?product=`` chooses one."""
    now = datetime.now(UTC)
    mine = manageable_products(request.user, day=now.date()).order_by("name")
    products = list(mine.values_list("slug", "name"))
    if not products:
        raise PermissionDenied("Only PMs and leads may define KPIs, for their own products.")
    words = "Name it before the release that it shall be read for. Product, short name, form and how often it is read are chosen once."
    page = _page("New KPI", words, "Define KPI")

    def save(given: dict[str, Any]) -> Saved:
        kpi = define_kpi(**{**given, "product": mine.get(slug=given["product"])})
        return Saved(f"{kpi.name} is defined. Push its readings next.", reverse("settings_kpi", args=[kpi.slug]))

    def build(data: Any) -> NewKpiForm:
        own = request.GET.get("product", products[0][0] if len(products) == 1 else "")
        return NewKpiForm(data, products=products, today=now.date(), own=own)

    refusals = {KpiExists: "slug", MainKpiExists: "is_main", BadCurrency: "currency"}
    return settle(request, page, build, save, refusals=refusals)


@require_safe
def kpi_overview(request: HttpRequest, slug: str) -> HttpResponse:
    """One KPI with its wordings; changing it is for those who answer for the product."""
    day = datetime.now(UTC).date()
    kpi = _kpi(request, slug)
    may_change = manageable_products(request.user, day=day).filter(pk=kpi.product_id).exists()
    context = {"one": kpi_settings(kpi, day=day), "may_change": may_change}
    return render(request, "settings/kpi.html", context)


@form_page
def change_facts(request: HttpRequest, slug: str) -> HttpResponse:
    """Name, unit, direction, target, smallest change worth having, and whether it is the main one."""
    now = datetime.now(UTC)
    kpi = _own_kpi(request, slug, now)
    page = _page(
        f"Change {kpi.name}",
        "Product, short name, form and how often it is read stay: the readings were stored for them.",
        "Save",
        kpi,
    )

    def save(given: dict[str, Any]) -> str:
        version = given.pop("version")
        held = change_kpi(kpi=kpi, facts=KpiFacts(**given), now=now, version=version)
        return f"{held.name} is changed."

    def build(data: Any) -> ChangeKpiForm:
        return ChangeKpiForm.of(Kpi.objects.get(pk=kpi.pk), data)

    refusals = {BadCurrency: "currency", CurrencyIsFixed: "currency"}
    return settle(request, page, build, save, refusals=refusals)


@form_page
def new_wording(request: HttpRequest, slug: str) -> HttpResponse:
    """Another wording from a day on; the old ones stay."""
    now = datetime.now(UTC)
    kpi = _own_kpi(request, slug, now)
    words = "The old wording stays for its days. Nothing is read across the change: the line breaks there."
    page = _page(f"New wording of {kpi.name}", words, "Reword", kpi)

    def save(given: dict[str, Any]) -> str:
        redefine_kpi(kpi=kpi, wording=given["wording"], holds_from=given["holds_from"])
        return f"{kpi.name} has a new wording from {given['holds_from']} on."

    def build(data: Any) -> WordingForm:
        newest = kpi.definitions.order_by("-holds_from").first()
        return WordingForm(data, initial={"holds_from": now.date(), "wording": newest.wording if newest else ""})

    return settle(request, page, build, save, refusals={DefinitionTooEarly: "holds_from"})


def _kpi(request: HttpRequest, slug: str) -> Kpi:
    kpi = visible_kpis(request.user).select_related("product").filter(slug=slug).first()
    if kpi is None:
        raise Http404(f"There is no KPI '{slug}' that you may see.")
    return kpi


def _own_kpi(request: HttpRequest, slug: str, now: datetime) -> Kpi:
    kpi = _kpi(request, slug)
    if not manageable_products(request.user, day=now.date()).filter(pk=kpi.product_id).exists():
        raise PermissionDenied(f"What {kpi.product.name} is measured by is named by {WHO}.")
    return kpi


def _page(title: str, words: str, submit: str, kpi: Kpi | None = None) -> FormPage:
    every = reverse("settings_kpis")
    crumbs = (("Settings", reverse("settings")), ("KPIs", every))
    if kpi is None:
        return FormPage(title, words, submit, every, crumbs)
    back = reverse("settings_kpi", args=[kpi.slug])
    return FormPage(title, words, submit, back, (*crumbs, (kpi.name, back)))
