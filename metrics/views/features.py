"""One feature, with what it is to change: it stands on this floor, since KPIs do."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from feedback.queries.feature import feature_page
from feedback.views.features import ways_from
from metrics.access import committable_features
from metrics.queries.commitments import feature_panel
from products.access import visible_features


@require_safe
def feature(request: HttpRequest, number: int) -> HttpResponse:
    """One feature: why, how far, what is to change, who moved it, what was asked, what brought it to users."""
    now = datetime.now(UTC)
    page = feature_page(request.user, number, now=now)
    if page is None:
        raise Http404(f"There is no feature W-{number} that you may see.")
    row = visible_features(request.user).select_related("product").get(pk=number)
    may_name = committable_features(request.user, day=now.date()).filter(pk=number).exists()
    kpis = feature_panel(request.user, row, may_name=may_name)
    return render(request, "metrics/feature.html", {"feature": page, "ways": ways_from(page.stage), "kpis": kpis})
