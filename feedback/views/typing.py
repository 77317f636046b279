"""Fragments that the capture form fetches while somebody types: what was heard before, and who may have said it."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from feedback.forms.capture import LONGEST_TEXT, read_numbers
from feedback.queries.notices import notices
from feedback.queries.similar import similar_entries
from feedback.queries.sources import Sources, sources
from products.access import visible_products
from products.models import Product


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
def similar(request: HttpRequest) -> HttpResponse:
    """At most two entries like ``q``, and hints about it. A POST keeps the text out of addresses and logs; it writes nothing."""
    given = request.POST if request.method == "POST" else request.GET
    text = given.get("q", "")[:LONGEST_TEXT]
    product = visible_products(request.user).filter(slug=given.get("product", "").replace("\x00", "")).first()
    about_customers = (
        product is None or product.type == Product.Type.EXTERNAL or given.get("source", "").startswith("a-")
    )
    found = similar_entries(
        request.user,
        text,
        product=product.pk if product else None,
        day=datetime.now(UTC).date(),
        but_not=read_numbers(given.get("not_these", "")),
    )
    hints = notices(text, request.user, about_customers=about_customers)
    return render(request, "feedback/_similar.html", {"found": found, "hints": hints})


@require_safe
@cache_control(private=True, no_store=True)
def source_options(request: HttpRequest) -> HttpResponse:
    """Colleagues and customers whose names fit ``q``, as options of a list."""
    words = request.GET.get("q", "").strip()
    found = sources(request.user, words, day=datetime.now(UTC).date()) if words else Sources((), ())
    return render(request, "feedback/_sources.html", {"found": found, "words": words[:100]})
