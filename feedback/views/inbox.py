"""The inbox: capture on top, what stands open below, and the item that is looked at beside it."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from feedback.forms.capture import new_draft
from feedback.forms.entry import KEY
from feedback.queries.entries import ProductChoice, product_choices
from feedback.queries.inbox import SCOPES, STATES, Filters, Inbox, home_scope, inbox
from feedback.queries.outreach import asked_of
from feedback.views.capture import capture_form
from feedback.views.diagnosing import diagnose_slot

LONGEST_WORDS = 200
SCOPE_WORDS = {"mine": "Mine", "team": "My team", "stuck": "Stuck", "all": "All"}
STATE_WORDS = {"open": "Open", "diagnosed": "Diagnosed", "any": "Open and diagnosed"}
EMPTY = {
    "mine": "Nothing open about your products.",
    "team": "Nothing open about your team's products.",
    "stuck": "Nothing is stuck: no item waits longer than twice what is usual for its product.",
    "all": "Nothing open.",
}


@require_safe
@vary_on_headers("X-Part")
def feedback(request: HttpRequest) -> HttpResponse:
    """``?scope=&product=&state=&q=&before=&item=``; with the header X-Part only the list comes, or only the item ("item")."""
    now, choices, part = datetime.now(UTC), product_choices(request.user), request.headers.get("X-Part")
    filters, product = _filters(request, choices, now)
    asked, kept = _item(request), _kept(filters, product)
    if part == "item" and asked is not None:
        return render(request, "feedback/_pane.html", {"pane": _pane(request, asked, kept, now)})
    found = inbox(request.user, filters, now=now)
    shown = asked if asked is not None or not found.rows else found.rows[0].number
    context = {"inbox": found, "filters": filters, "shown": shown, **_links(found, filters, kept)}
    if part:
        return render(request, "feedback/_inbox.html", context)
    pane = None if shown is None else _pane(request, shown, kept, now)
    form = capture_form(request, now, initial={"draft": new_draft(now=now)}, asked=kept["product"])
    context |= {"form": form, "draft": form["draft"].value(), "today": now.date(), "pane": pane}
    context |= {"product": product, "products": choices, "states": STATE_WORDS.items()}
    waiting = {"asked": asked_of(request.user, now=now), "next": request.get_full_path()}
    return render(request, "feedback/inbox.html", {**context, **waiting})


def _kept(filters: Filters, product: ProductChoice | None) -> dict[str, str]:
    """What every link of the page keeps of its address."""
    state = "" if filters.state == "open" else filters.state
    return {"scope": filters.scope, "product": product.slug if product else "", "q": filters.words, "state": state}


def _links(found: Inbox, filters: Filters, kept: dict[str, str]) -> dict[str, Any]:
    """The scopes with their counts, the pages before and after, and the words where nothing is found."""
    plain = filters.state == "open" and not filters.words
    return {
        "scopes": [(one, SCOPE_WORDS[one], found.counts[one], _query(kept, scope=one)) for one in SCOPES],
        "newest": _query(kept),
        "older": _query(kept, before=str(found.older)) if found.older else "",
        "empty": EMPTY[filters.scope] if plain else "Nothing fits.",
    }


def _item(request: HttpRequest) -> int | None:
    """The number of ``?item=FB-402``, None without it. Raises 404 for what is no key."""
    given = request.GET.get("item", "")
    if not given:
        return None
    match = KEY.fullmatch(given)
    if match is None:
        raise Http404("There is no such item. Its key is written like FB-402.")
    return int(match[1])


def _pane(request: HttpRequest, number: int, kept: dict[str, str], now: datetime) -> dict[str, Any]:
    """The item beside the list, and the address to come back to after saving. Raises 404."""
    here = _query({**kept, "before": request.GET.get("before", "")}, item=f"FB-{number}")
    return {**diagnose_slot(request, number, day=now.date()), "next": f"{request.path}{here}"}


def _query(kept: dict[str, str], **changed: str) -> str:
    return f"?{urlencode({name: value for name, value in {**kept, **changed}.items() if value})}"


def _filters(
    request: HttpRequest, choices: tuple[ProductChoice, ...], now: datetime
) -> tuple[Filters, ProductChoice | None]:
    """What the address asks for. Raises 404 in words for what does not exist."""
    given = request.GET
    slug = given.get("product", "")
    product = next((one for one in choices if one.slug == slug), None)
    if slug and product is None:
        raise Http404("There is no such product. Choose one from the list of products.")
    before = given.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Http404("There is no such page of feedback. Start from the newest.")
    scope = given.get("scope", "") or ("all" if slug or before else home_scope(request.user, day=now.date()))
    state = given.get("state", "") or "open"
    if scope not in SCOPES or state not in STATES:
        raise Http404("There is no such part of the inbox. Choose mine, my team, stuck or all.")
    words = " ".join(given.get("q", "").replace("\x00", " ").split())[:LONGEST_WORDS]
    return Filters(scope, state, product.id if product else None, words, int(before) if before else None), product
