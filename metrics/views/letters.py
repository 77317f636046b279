"""The letters that pmtrack wrote to the reader."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from metrics.queries.letters import letters_to


@never_cache
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Newest first; with their text where mail goes into a folder of this machine."""
    return render(request, "metrics/enablements/letters.html", {"letters": letters_to(request.user)})
