"""What waits for a lead, and whether it comes by mail every week."""

from datetime import UTC, datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from metrics.queries.lead_queue import is_lead, lead_queue
from metrics.services.digests import wish_digest
from pmtrack.web.form_pages import see_other


@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Four lists, each with its count; for leads only."""
    now = datetime.now(UTC)
    _leads_only(request, now)
    return render(request, "metrics/queue/page.html", {"queue": lead_queue(request.user, now=now)})


@require_POST
def weekly_letter(request: HttpRequest) -> HttpResponse:
    """Begin or end the weekly letter, and back to the page about oneself."""
    now = datetime.now(UTC)
    _leads_only(request, now)
    wanted = request.POST.get("wanted")
    if wanted in ("yes", "no"):
        wish_digest(person=request.user, wanted=wanted == "yes", now=now)  # type: ignore[misc]
        messages.success(request, "The weekly letter is on." if wanted == "yes" else "The weekly letter is off.")
    else:
        messages.error(request, "Say yes or no to the weekly letter. Nothing was changed.")
    return see_other(reverse("about_me"))


def _leads_only(request: HttpRequest, now: datetime) -> None:
    if not is_lead(request.user, day=now.date()):
        raise PermissionDenied("Only leads of a team have a queue.")
