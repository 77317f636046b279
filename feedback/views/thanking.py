"""Thank an ally of a product."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from feedback.forms.thanking import ThankAllyForm
from feedback.queries.allies import ally_asked
from feedback.services.thanks import NotAnAlly, NotTheirs, thank_ally
from pmtrack.web.form_pages import FormPage, settle
from products.access import manageable_products
from products.views.asking import KEEPERS, form_page, product_asked


@form_page
def thank(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Say thanks, with a few words or none."""
    now = datetime.now(UTC)
    product = product_asked(request, slug, rule=manageable_products, day=now.date(), who=KEEPERS)
    ally = ally_asked(request.user, product, number)
    if ally is None:
        raise Http404(f"{product.name} has no such ally.")

    def save(given: dict[str, Any]) -> str:
        words = " ".join(given["words"].split())
        thank_ally(product=product, ally=ally, words=words, by=request.user, now=now)
        return f"{ally.name} is thanked. It stands here and on their record."

    back = reverse("product", args=[slug])
    words = f"For what {ally.name} passed on or whom they introduced. Thanks are counted nowhere and rank nobody."
    page = FormPage(f"Thank {ally.name}", words, "Say thanks", f"{back}#allies", ((product.name, back),))
    return settle(request, page, ThankAllyForm, save, refusals={NotAnAlly: None, NotTheirs: None})
