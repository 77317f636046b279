"""Settings of products: who answers for one, and who of other functions helps, from when to when."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse

from pmtrack.web.form_pages import settle
from products.access import manageable_products, staffable_products
from products.forms.products import AssignmentForm, EndForm, NewAllyForm, NewAssignmentForm, role_or_none
from products.models import Ally, Assignment
from products.services.products import AllyOverlaps, AssignmentOverlaps, add_ally, assign_pm
from products.services.refusals import SpanIsEmpty, in_words
from products.services.roles import HasHeld, change_assignment, end_ally
from products.views.asking import KEEPERS, STAFFERS, form_page, product_asked, product_page, row_asked


@form_page
def new_assignment(request: HttpRequest, slug: str) -> HttpResponse:
    """Name somebody who answers for the product."""
    now = datetime.now(UTC)
    product = product_asked(request, slug, rule=staffable_products, day=now.date(), who=STAFFERS)
    words = "Credit for a release goes to whoever answers for the product on the day it goes live."
    page = product_page(f"Name a PM of {product.name}", words, "Name", product)

    def save(given: dict[str, Any]) -> str:
        assign_pm(product=product, **given)
        return f"{given['user'].name} answers for {product.name} from {given['start']} on."

    build = partial(NewAssignmentForm, initial={"start": now.date()})
    return settle(request, page, build, save, refusals={AssignmentOverlaps: "start", SpanIsEmpty: "end"})


@form_page
def edit_assignment(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """From a day on somebody answers in another role, or no longer."""
    now = datetime.now(UTC)
    product = product_asked(request, slug, rule=staffable_products, day=now.date(), who=STAFFERS)
    row = row_asked(Assignment, number, product=product)
    words = f"{row.user.name}, {row.get_role_display().lower()}, {in_words(row.period)}. What has held stays as it was."
    page = product_page(f"{row.user.name} for {product.name}", words, "Change", product)

    def save(given: dict[str, Any]) -> str:
        how = {"role": role_or_none(given), "start": given["start"], "version": given["version"]}
        change_assignment(assignment=row, now=now, **how)
        return f"{row.user.name}’s role changes on {given['start']}."

    def build(data: Any) -> AssignmentForm:
        return AssignmentForm.of(row_asked(Assignment, number, product=product), data, today=now.date())

    refusals = {HasHeld: "start", AssignmentOverlaps: "role", SpanIsEmpty: "start"}
    return settle(request, page, build, save, refusals=refusals)


@form_page
def new_ally(request: HttpRequest, slug: str) -> HttpResponse:
    """Name a colleague of another function."""
    now = datetime.now(UTC)
    product = product_asked(request, slug, rule=manageable_products, day=now.date(), who=KEEPERS)
    words = "Allies work on the product in another function, for example legal or account management."
    page = product_page(f"Name an ally of {product.name}", words, "Name", product)

    def save(given: dict[str, Any]) -> str:
        add_ally(product=product, **given)
        return f"{given['user'].name} is an ally of {product.name} from {given['start']} on."

    build = partial(NewAllyForm, initial={"start": now.date()})
    return settle(request, page, build, save, refusals={AllyOverlaps: "start", SpanIsEmpty: "end"})


@form_page
def edit_ally(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """From a day on a colleague no longer works on the product."""
    now = datetime.now(UTC)
    product = product_asked(request, slug, rule=manageable_products, day=now.date(), who=KEEPERS)
    row = row_asked(Ally, number, product=product)
    words = (
        f"{row.user.name}, {row.get_function_display().lower()}, {in_words(row.period)}. What has held stays as it was."
    )
    page = product_page(f"{row.user.name} for {product.name}", words, "End", product)

    def save(given: dict[str, Any]) -> str:
        end_ally(ally=row, end=given["start"], now=now, version=given["version"])
        return f"{row.user.name} is no longer an ally of {product.name} from {given['start']} on."

    def build(data: Any) -> EndForm:
        return EndForm.of(row_asked(Ally, number, product=product), data, today=now.date())

    return settle(request, page, build, save, refusals={HasHeld: "start"})
