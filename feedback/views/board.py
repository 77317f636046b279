"""The cycle board, by team, product and type."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from feedback.queries.board import COLUMN_WORDS, board
from feedback.queries.entries import product_choices
from products.access import owned_products, teams_of, visible_products, visible_teams

TYPES = {"I": "Internal", "E": "External"}


@require_safe
def cycle(request: HttpRequest) -> HttpResponse:
    """``?team=&product=&type=&page=``; without any of them the reader's own teams. With the header X-Part only the lanes."""
    now, given = datetime.now(UTC), request.GET
    teams = list(visible_teams(request.user).order_by("name", "pk"))
    products = product_choices(request.user)
    team = next((one for one in teams if one.slug == given.get("team", "")), None)
    product = next((one for one in products if one.slug == given.get("product", "")), None)
    if (given.get("team") and team is None) or (given.get("product") and product is None):
        raise Http404("There is no such team or product. Choose one from the lists of the board.")
    type_, page = given.get("type", ""), given.get("page", "1")
    if type_ not in {"", *TYPES} or not (page.isascii() and page.isdigit() and 0 < int(page[:4]) < 1000):
        raise Http404("There is no such part of the board. Choose a type and a page from it.")
    rows = visible_products(request.user)
    if product:
        rows = rows.filter(pk=product.id)
    if team:
        rows = rows.filter(pk__in=owned_products(visible_teams(request.user).filter(pk=team.pk), day=now.date()))
    elif not product and not given.get("all"):
        own = owned_products(teams_of(request.user, day=now.date()), day=now.date())
        rows = rows.filter(pk__in=own) if own.exists() else rows
    if type_:
        rows = rows.filter(type=type_)
    found = board(request.user, rows.values_list("pk", flat=True), page=int(page), now=now)
    kept = {name: given[name] for name in ("team", "product", "type", "all") if given.get(name)}
    context = {
        "board": found, "team": team, "product": product, "type": type_, "teams": teams, "products": products,
        "types": TYPES.items(), "columns": COLUMN_WORDS.items(), "here": request.get_full_path(),
        "older": f"?{urlencode({**kept, 'page': int(page) + 1})}" if found.has_more else "",
        "newer": f"?{urlencode({**kept, 'page': int(page) - 1})}" if int(page) > 1 else "",
    }  # fmt: skip
    return render(request, "feedback/_board.html" if request.headers.get("X-Part") else "feedback/board.html", context)
