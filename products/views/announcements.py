"""Compose an announcement, see how far it has come, and read it by one's own link."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from pmtrack.web.form_pages import Saved, settle
from products.access import manageable_products
from products.forms.announcements import AnnounceForm, ReplyForm
from products.models import Release
from products.queries.announcements import announcement_row, copies_of
from products.services.announcing import (
    Draft,
    EmptyAudience,
    HostNotListed,
    RepliedAlready,
    TooEarly,
    announce,
    copy_behind,
    note_opened,
    reply_to,
)
from products.services.secret_links import LinkUnusable
from products.views.asking import form_page
from products.views.secret_pages import GONE, kept_to_itself
from products.views.shipping import LARGEST, release_asked, release_form


@form_page
def compose(request: HttpRequest, number: int) -> HttpResponse:
    """Tell teams or everybody about R-``number``."""
    now = datetime.now(UTC)
    row = release_asked(request, number, day=now.date())
    words = "Everybody gets a copy of their own, once. Who opened it is counted, and what they write back comes to you."
    page = release_form(row, f"Announce {row.title}", words, "Send it")

    def save(given: dict[str, Any]) -> Saved:
        said = {name: given[name] for name in ("channel", "subject", "body", "form", "hook")}
        made = announce(draft=Draft(row, teams=list(given["teams"]), **said), by=request.user, now=now)
        return Saved("It is on its way.", reverse("announcement", args=[made.pk]))

    def build(data: Any) -> AnnounceForm:
        return AnnounceForm(data, initial={"subject": f"New in {row.product.name}: {row.title}"[:150]})

    refusals = {EmptyAudience: "teams", HostNotListed: "hook", TooEarly: None}
    return settle(request, page, build, save, refusals=refusals)


@never_cache
@require_safe
def one(request: HttpRequest, number: int) -> HttpResponse:
    """How far A-``number`` has come; who opened it and what was written back for those who answer for the product."""
    row = announcement_row(request.user, number) if number <= LARGEST else None
    if row is None:
        raise Http404(f"There is no announcement A-{number} that you may see.")
    release = Release.objects.select_related("product").get(pk=row.release_number)
    today = datetime.now(UTC).date()
    may = manageable_products(request.user, day=today).filter(pk=release.product_id).exists()
    copies = copies_of(number, ZoneInfo(release.product.time_zone)) if may and not row.is_post else ()
    context = {"row": row, "release": release, "copies": copies, "may_read": may}
    return render(request, "products/announcement.html", context)


@kept_to_itself
@sensitive_variables("token")
def told(request: HttpRequest, token: str) -> HttpResponse:
    """The announcement by its reader's own link. GET writes nothing; POST notes that it was read, or writes back, once."""
    now = datetime.now(UTC)
    status = 200
    try:
        copy = copy_behind(token)
        has_read = request.method == "POST" and "read" in request.POST
        form = ReplyForm(request.POST if request.method == "POST" and not has_read else None)
        if has_read:
            copy = note_opened(secret=token, now=now)
        if form.is_bound:
            status = 422
            if form.is_valid():
                try:
                    copy = reply_to(secret=token, words=form.cleaned_data["words"], now=now)
                    status = 200
                except RepliedAlready as refused:
                    form.add_error(None, str(refused))
    except LinkUnusable as refused:
        return render(request, "products/sign_off_gone.html", {"words": str(refused)}, status=GONE)
    context = {"copy": copy, "row": copy.announcement, "form": form, "person": copy.person}
    return render(request, "products/told.html", context, status=status)
