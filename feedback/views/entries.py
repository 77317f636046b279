"""The list of what was heard."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from feedback.queries import newest_feedback, product_choices


@require_safe
def feedback(request: HttpRequest) -> HttpResponse:
    """Newest first, page by page; ``?product=`` for one product."""
    choices = product_choices(request.user)
    slug = request.GET.get("product", "")
    product = next((one for one in choices if one.slug == slug), None)
    if slug and product is None:
        raise Http404("There is no such product. Choose one from the list of products.")
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Http404("There is no such page of feedback. Start from the newest.")
    page = newest_feedback(
        request.user,
        day=datetime.now(UTC).date(),
        product=product.id if product else None,
        before=int(before) if before else None,
    )
    return render(request, "feedback/list.html", {"page": page, "product": product, "is_first": not before})
