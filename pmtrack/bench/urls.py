"""Our addresses, the floor that a page is held against (a bare view with one indexed query), and the rival of the intake."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from pmtrack.bench.rival import PushNaively
from products.models import Product


@login_not_required
def floor(request: HttpRequest, slug: str) -> HttpResponse:
    """One row by its unique index, as plain text."""
    return HttpResponse(Product.objects.values_list("name", flat=True).get(slug=slug), content_type="text/plain")


urlpatterns = [
    path("bench/floor/<slug:slug>", floor),
    path("bench/naive/<slug:slug>", PushNaively.as_view()),
    path("", include("pmtrack.urls")),
]
