"""Settings of context events: what else moved the figures of a product or of the company."""

from datetime import UTC, date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from metrics.access import notes_for_the_company, visible_events, writable_events
from metrics.forms.events import COMPANY, EventForm, NewEventForm
from metrics.models import ContextEvent
from metrics.queries.events import event_page
from metrics.services.events import (
    EVENT_COLUMNS,
    DaysReversed,
    EventFacts,
    EventNoted,
    change_event,
    note_event,
    remove_event,
)
from metrics.views.subjects import LARGEST
from pmtrack.web.form_pages import FormPage, see_other, settle
from products.access import manageable_products, visible_products
from products.models import Product
from products.views.asking import form_page

REFUSALS: dict[type[Exception], str | None] = {DaysReversed: "last_day", EventNoted: "name"}


@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Every event, or those that touch one product: ``?product=``."""
    day = datetime.now(UTC).date()
    slug = request.GET.get("product", "")
    product = visible_products(request.user).filter(slug=slug).first() if slug and slug.isprintable() else None
    if slug and product is None:
        raise Http404(f"There is no product '{slug[:60]}' that you may see.")
    products = visible_products(request.user).order_by("name").values_list("slug", "name")
    context = {"page": event_page(request.user, product, today=day), "products": products, "slug": slug}
    return render(request, "settings/events.html", context)


@form_page
def new_event(request: HttpRequest) -> HttpResponse:
    """Note an event; ``?product=`` chooses whose it is."""
    now = datetime.now(UTC)
    whose = _may_note_for(request, now.date())
    if not whose:
        raise PermissionDenied("Only PMs and leads may note events, for their own products.")
    words = "A campaign, an outage, an offer: days on which something else moved the figures. Effects are read without them."
    page = _page("New event", words, "Note it", request.GET.get("product", ""))

    def save(given: dict[str, Any]) -> str:
        slug = given.pop("product")
        product = None if slug == COMPANY else Product.objects.get(slug=slug)
        event = note_event(product=product, facts=EventFacts(**given), by=request.user, now=now)
        return f"{event.name} is noted. Effects that it touches are read again."

    def build(data: Any) -> NewEventForm:
        asked = request.GET.get("product", "")
        own = asked if asked in dict(whose) else whose[0][0] if len(whose) == 1 else ""
        return NewEventForm(data, products=whose, today=now.date(), own=own)

    return settle(request, page, build, save, refusals=REFUSALS)


@form_page
def one_event(request: HttpRequest, number: int) -> HttpResponse:
    """Change an event, or end it by its last day."""
    now = datetime.now(UTC)
    event = _own_event(request, number, now.date())
    words = "What it said before stays in the audit. Effects that it touches are read again."
    slug = event.product.slug if event.product else ""
    page = _page(f"Change {event.name}", words, "Save", slug, event)

    def save(given: dict[str, Any]) -> str:
        facts = EventFacts(**{column: given[column] for column in EVENT_COLUMNS})
        held = change_event(event=event, facts=facts, now=now, version=given["version"])
        return f"{held.name} is changed."

    def build(data: Any) -> EventForm:
        return EventForm.of(ContextEvent.objects.get(pk=event.pk), data)

    return settle(request, page, build, save, refusals=REFUSALS)


@require_POST
def event_gone(request: HttpRequest, number: int) -> HttpResponse:
    """Take away an event that did not happen."""
    event = _own_event(request, number, datetime.now(UTC).date())
    remove_event(event=event)
    messages.success(request, f"{event.name} is removed: its days count like any other.")
    return see_other(_list_of(event.product.slug if event.product else ""))


def _may_note_for(request: HttpRequest, day: date) -> list[tuple[str, str]]:
    """Whose events the reader notes: his products, and the company for leads."""
    mine = list(manageable_products(request.user, day=day).order_by("name").values_list("slug", "name"))
    return [*mine, (COMPANY, "The whole company")] if notes_for_the_company(request.user, day=day) else mine


def _own_event(request: HttpRequest, number: int, day: date) -> ContextEvent:
    """The event, where the reader may change it. Raises 404 and 403."""
    rows = visible_events(request.user).select_related("product")
    event = rows.filter(pk=number).first() if number <= LARGEST else None
    if event is None:
        raise Http404("There is no such event. Somebody may have removed it.")
    if not writable_events(request.user, day=day).filter(pk=event.pk).exists():
        who = f"PMs of {event.product.name} and the leads of its team" if event.product else "leads"
        raise PermissionDenied(f"Only {who} may change this event.")
    return event


def _page(title: str, words: str, submit: str, slug: str, event: ContextEvent | None = None) -> FormPage:
    crumbs = (("Settings", reverse("settings")), ("Context events", _list_of("")))
    return FormPage(
        title, words, submit, _list_of(slug), crumbs, template="metrics/event_form.html", more={"event": event}
    )


def _list_of(slug: str) -> str:
    address = reverse("settings_events")
    return f"{address}?product={slug}" if slug and slug.replace("-", "").isalnum() and slug != COMPANY else address
