"""The list of releases, and one release."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from feedback.queries import ProductChoice, product_choices
from metrics.queries.release import release_page
from metrics.queries.releases import ReleaseFilter, release_list
from metrics.views.filters import BadFilter, bad_filter, page_links, read_choice, read_page
from products.models import ProductType, ReleaseState


@require_safe
def releases(request: HttpRequest) -> HttpResponse:
    """Every release, newest first, as far as the address narrows them."""
    products = product_choices(request.user)
    try:
        wanted = read_release_filter(request, products)
        page = read_page(request.GET.get("page", "1"))
    except BadFilter as error:
        return bad_filter(request, error)
    listed = release_list(request.user, wanted, page=page)
    context = {
        "list": listed,
        "wanted": wanted,
        "products": products,
        "types": ProductType.choices,
        "states": ReleaseState.choices,
        **page_links(request, listed.page, listed.pages),
    }
    return render(request, "metrics/releases.html", context)


@require_safe
def release(request: HttpRequest, number: int) -> HttpResponse:
    """One release: its facts, its journal, and its place on the KPIs."""
    page = release_page(request.user, number, now=datetime.now(UTC))
    if page is None:
        raise Http404(f"There is no release R-{number} that you may see.")
    return render(request, "metrics/release.html", {"release": page})


def read_release_filter(request: HttpRequest, products: Sequence[ProductChoice]) -> ReleaseFilter:
    """What the address narrows the list to. Raises ``BadFilter``."""
    wanted = ReleaseFilter(
        product=read_choice(request, "product", [one.slug for one in products]),
        type=read_choice(request, "type", ProductType.values),
        state=read_choice(request, "state", ReleaseState.values),
        since=_day(request, "from"),
        until=_day(request, "to"),
    )
    if wanted.since and wanted.until and wanted.since > wanted.until:
        raise BadFilter("'from' is after 'to'. Write the earlier day in 'from'.")
    return wanted


def _day(request: HttpRequest, name: str) -> date | None:
    """A day of the address, or None. Raises ``BadFilter``."""
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        if len(text) != len("2026-06-08"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise BadFilter(f"'{name}' must be a day like 2026-06-08.") from None
