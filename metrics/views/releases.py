"""The list of releases, and one release."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from feedback.queries.entries import ProductChoice, product_choices
from feedback.queries.release_telling import people_to_tell
from metrics.access import committable_releases
from metrics.queries.commitments import release_panel
from metrics.queries.enablement_panels import release_enablements
from metrics.queries.evidence import release_evidence
from metrics.queries.release import release_page
from metrics.queries.release_effects import window_rows
from metrics.queries.releases import ReleaseFilter, release_list
from metrics.views.filters import BadFilter, bad_filter, page_links, read_choice, read_page
from pmtrack.web.sheets import csv_answer
from products.access import manageable_products, visible_releases
from products.models import ProductType, ReleaseState
from products.queries.recovery import recoveries
from products.queries.release_path import release_path


@require_safe
def releases(request: HttpRequest) -> HttpResponse:
    """Every release, newest first, as far as the address narrows them."""
    now = datetime.now(UTC)
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
        "may_plan": manageable_products(request.user, day=now.date()).exists(),
        "recoveries": recoveries(request.user, now=now),
        **page_links(request, listed.page, listed.pages),
    }
    return render(request, "metrics/releases.html", context)


@require_safe
def release(request: HttpRequest, number: int) -> HttpResponse:
    """One release: what it did, its facts and its journal; ``?kpi=`` shows one of the KPIs named for it in full."""
    now = datetime.now(UTC)
    page = release_page(request.user, number, now=now, kpi=request.GET.get("kpi", ""))
    if page is None:
        raise Http404(f"There is no release R-{number} that you may see.")
    row = visible_releases(request.user).select_related("product").get(pk=number)
    may_write = committable_releases(request.user, day=now.date()).filter(pk=number).exists()
    kpis = release_panel(request.user, row, may_name=may_write)
    named = [(one.slug, one.name) for one in kpis.kpis]
    evidence = release_evidence(request.user, row, kpis=named, may_write=may_write)
    helped = release_enablements(request.user, number, day=now.date())
    path = release_path(request.user, number, now=now)
    context = {"release": page, "kpis": kpis, "evidence": evidence, "enablements": helped, "path": path}
    context["people"] = people_to_tell(request.user, row, day=now.date())
    return render(request, "metrics/release.html", context)


@require_safe
def release_effect_csv(request: HttpRequest, number: int, slug: str) -> HttpResponse:
    """The days that one KPI's reading of a release rests on, as CSV."""
    rows = window_rows(request.user, number, slug)
    if rows is None:
        raise Http404(f"There is no release R-{number} for which a KPI '{slug}' was named.")
    cells = [(row.day, row.observed, row.expected, row.low, row.high) for row in rows]
    return csv_answer(f"R-{number}-{slug}.csv", ("day", "observed", "expected", "low_90", "high_90"), cells)


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
