"""Find or do: a page of its own that works without script, and the options of the dialog."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from metrics.queries.find import LONGEST, BadSearch, find, read_words, shown

ON_A_PAGE = 20


@require_safe
@cache_control(private=True, no_store=True)
def find_page(request: HttpRequest) -> HttpResponse:
    """The answer to ``?q=`` as a page."""
    return _answer(request, "metrics/find.html", most=ON_A_PAGE)


@require_safe
@cache_control(private=True, no_store=True)
def find_options(request: HttpRequest) -> HttpResponse:
    """The answer to ``?q=`` as options of the dialog's list."""
    return _answer(request, "metrics/_find_options.html", most=5)


def _answer(request: HttpRequest, template: str, *, most: int) -> HttpResponse:
    given = request.GET.get("q", "")
    context: dict[str, object] = {"given": shown(given)[:LONGEST]}
    try:
        words = read_words(given)
    except BadSearch as error:
        return render(request, template, {**context, "reason": str(error)}, status=422)
    found = find(request.user, words, day=datetime.now(UTC).date(), most=most)
    return render(request, template, {**context, "found": found})
