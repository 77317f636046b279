"""The list of people: who is here, in which team, answering for what. Nothing to rank."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from products.queries.people import people_page
from products.views.asking import page_asked


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody by name, page by page; ``?q=`` looks for names, addresses and teams."""
    asked, page = request.GET.get("q", ""), page_asked(request)
    found = people_page(request.user, day=datetime.now(UTC).date(), asked=asked, page=page)
    return render(request, "products/people.html", {"page": found})
