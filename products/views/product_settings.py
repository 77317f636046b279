"""Settings of products: new ones, their facts, and the team that owns one."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from pmtrack.web.form_pages import Saved, settle
from products.access import administers, staffable_products, visible_products, visible_teams, writable_products
from products.forms.products import (
    NewProductForm,
    ProductForm,
    TransferForm,
)
from products.models import Product
from products.queries.settings import product_choices, product_settings
from products.services.products import (
    BadCurrency,
    OwnershipOverlaps,
    ProductExists,
    ProductFacts,
    UnknownCountry,
    UnknownSubdivision,
    UnknownTimeZone,
    add_product,
    change_product,
    give_product,
)
from products.views.asking import STAFFERS, WRITERS, admin_only, form_page, product_asked, product_page

NEW_FACTS = ("slug", "name", "type", "audience", "time_zone", "currency", "country", "subdivision")
REFUSALS: dict[type[Exception], str | None] = {
    UnknownTimeZone: "time_zone",
    BadCurrency: "currency",
    UnknownCountry: "country",
    UnknownSubdivision: "subdivision",
}


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """Every product, and which of them the reader may change."""
    rows = product_choices(request.user, day=datetime.now(UTC).date())
    return render(request, "settings/products.html", {"rows": rows, "is_admin": administers(request.user)})


@form_page
def new_product(request: HttpRequest) -> HttpResponse:
    """Add a product; its type is chosen here, once."""
    admin_only(request.user, "add products")
    others = list(visible_products(request.user).order_by("name").values_list("slug", "name"))
    words = "Choose its type with care: it can never change, so that history never changes sides."
    page = product_page("New product", words, "Add product")

    def save(given: dict[str, Any]) -> Saved:
        facts = {name: given[name] for name in NEW_FACTS}
        continues = visible_products(request.user).filter(slug=given["continues"]).first()
        product = add_product(**facts, continues=continues)
        told = f"{product.name} is there. Give it to a team next, then name its PM."
        return Saved(told, reverse("settings_product", args=[product.slug]))

    refusals = {ProductExists: "slug", **REFUSALS}
    return settle(request, page, lambda data: NewProductForm(data, products=others), save, refusals=refusals)


@require_safe
def product_overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything about a product that can be changed, with its dated history."""
    day = datetime.now(UTC).date()
    product = product_asked(request, slug, rule=writable_products, day=day, who=WRITERS)
    return render(request, "settings/product.html", {"one": product_settings(request.user, product, day=day)})


@form_page
def change_facts(request: HttpRequest, slug: str) -> HttpResponse:
    """Name, audience, time zone, currency, country, and what starts the impact clock."""
    now = datetime.now(UTC)
    product = product_asked(request, slug, rule=writable_products, day=now.date(), who=WRITERS)
    page = product_page(
        f"Change {product.name}", "Its type and its short name stay as they are for ever.", "Save", product
    )

    def save(given: dict[str, Any]) -> str:
        version = given.pop("version")
        held = change_product(product=product, facts=ProductFacts(**given), now=now, version=version)
        return f"{held.name} is changed."

    def build(data: Any) -> ProductForm:
        return ProductForm.of(Product.objects.get(pk=product.pk), data)

    return settle(request, page, build, save, refusals=REFUSALS)


@form_page
def transfer(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the product to another team from a day on."""
    now = datetime.now(UTC)
    product = product_asked(request, slug, rule=staffable_products, day=now.date(), who=STAFFERS)
    teams = list(visible_teams(request.user).order_by("name").values_list("slug", "name"))
    words = "The team that owns it until then keeps its history: what was shipped, heard and moved stays theirs."
    page = product_page(f"Give {product.name} to a team", words, "Give", product)

    def save(given: dict[str, Any]) -> str:
        team = visible_teams(request.user).get(slug=given["team"])
        give_product(product=product, team=team, start=given["start"])
        return f"{product.name} belongs to {team.name} from {given['start']} on."

    def build(data: Any) -> TransferForm:
        return TransferForm(data, teams=teams, today=now.date())

    return settle(request, page, build, save, refusals={OwnershipOverlaps: "start"})
