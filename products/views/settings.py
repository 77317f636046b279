"""What the reader may change, in words."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from products.queries.settings import reach_of


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """The doors to all settings, and for the shut ones why."""
    return render(request, "settings/home.html", {"reach": reach_of(request.user, day=datetime.now(UTC).date())})
