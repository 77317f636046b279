"""Which functions sign releases off: of every external product, and of one."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from pmtrack.web.form_pages import FormPage, settle
from products.access import visible_products
from products.forms.releases import RuleForm
from products.models import Product, ProductType, SignOffRule
from products.services.signoff_rules import BadDays, set_rule
from products.services.signoffs import SignOffRefused, function_text
from products.views.asking import admin_only, form_page


@form_page
def sign_off_rules(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The rules that stand, and a form that sets one: for every external product, or for the one in the address."""
    admin_only(request.user, "say which sign-offs releases need")
    now = datetime.now(UTC)
    product = _product(request, slug) if slug else None
    whom = product.name if product else "every external product"
    page = FormPage(
        f"Sign-offs for {whom}",
        "A planned release asks the ally of each function named here. What is asked already stays as it is.",
        "Save the rule",
        reverse("settings_product_sign_offs", args=[slug]) if slug else reverse("settings_sign_offs"),
        (("Settings", reverse("settings")),),
        tuple(_lines(product)),
    )

    def save(given: dict[str, Any]) -> str:
        set_rule(product=product, **given, by=request.user, now=now)
        what = f"within {given['due_days']} days" if given["due_days"] else "not at all"
        return f"{function_text(given['function']).capitalize()} signs off {what}."

    return settle(request, page, RuleForm, save, refusals={SignOffRefused: None, BadDays: "due_days"})


def _product(request: HttpRequest, slug: str) -> Product:
    product = visible_products(request.user).filter(slug=slug, type=ProductType.EXTERNAL).first()
    if product is None:
        raise Http404(f"There is no external product '{slug}'.")
    return product


def _lines(product: Product | None) -> list[str]:
    rows = SignOffRule.objects.filter(ended_at__isnull=True, product__isnull=True)
    lines = [f"{row.get_function_display()}: within {row.due_days} days, for every external product" for row in rows]
    if product is not None:
        for row in SignOffRule.objects.filter(ended_at__isnull=True, product=product):
            days = f"within {row.due_days} days" if row.due_days else "no sign-off needed"
            lines.append(f"{row.get_function_display()}: {days}, for {product.name}, whatever is asked of others")
    return sorted(lines) or ["No sign-off is asked for yet."]
