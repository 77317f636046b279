"""What people wrote back to an announcement, taken in as feedback with one press."""

from datetime import UTC, datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from feedback.services.replies import NothingWritten, take_reply_in
from pmtrack.web.form_pages import see_other
from products.access import manageable_products
from products.models import AnnouncementCopy
from products.queries.announcements import visible_announcements
from products.views.asking import KEEPERS

LARGEST = 2**63 - 1


@require_POST
def take_in(request: HttpRequest, number: int, copy: int) -> HttpResponse:
    """Make a reply to A-``number`` feedback, and go on to it."""
    now = datetime.now(UTC)
    if max(number, copy) > LARGEST or not visible_announcements(request.user).filter(pk=number).exists():
        raise Http404(f"There is no announcement A-{number} that you may see.")
    rows = AnnouncementCopy.objects.select_related("announcement__release__product", "person")
    row = rows.filter(pk=copy, announcement=number).first()
    if row is None:
        raise Http404("There is no such copy of this announcement.")
    product = row.announcement.release.product
    if not manageable_products(request.user, day=now.date()).filter(pk=product.pk).exists():
        raise PermissionDenied(f"Only {KEEPERS} take in what was written back about {product.name}.")
    try:
        entry = take_reply_in(copy=row, by=request.user, now=now)
    except NothingWritten as refused:
        messages.error(request, str(refused))
        return see_other(reverse("announcement", args=[number]))
    messages.success(request, f"What {row.person} wrote is {entry.key} now.")
    return see_other(reverse("feedback_item", args=[entry.pk]))
