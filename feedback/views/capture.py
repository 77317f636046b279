"""Log one thing that was heard: a page of its own that works without script."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from feedback.forms import CaptureForm, new_draft, read_draft
from feedback.queries import own_product, product_choices
from feedback.services.feedback import FeedbackConflict, log_feedback
from products.access import visible_products

SOURCE = "pmtrack"


@require_http_methods(["GET", "HEAD", "POST"])
def new_feedback(request: HttpRequest) -> HttpResponse:
    """Show the form, or log what it holds."""
    now = datetime.now(UTC)
    choices = product_choices(request.user)
    if request.method == "POST":
        form = CaptureForm(request.POST, products=choices)
        return _log(request, form, now) if form.is_valid() else _page(request, form, now, status=422)
    asked = request.GET.get("product", "")
    own = asked if any(one.slug == asked for one in choices) else own_product(request.user, day=now.date())
    return _page(request, CaptureForm(initial={"product": own, "draft": new_draft(now=now)}, products=choices), now)


def _log(request: HttpRequest, form: CaptureForm, now: datetime) -> HttpResponse:
    """One domain call; a form sent twice is one entry."""
    given = form.cleaned_data
    draft = read_draft(given["draft"], now=now)
    if draft is None:
        form.add_error(None, "This page was open for too long. Nothing is lost: press “Log it” once more.")
        return _page(request, form, now, status=422)
    product = visible_products(request.user).filter(slug=given["product"]).first() if given["product"] else None
    entry = {"text": given["text"], "product": product, "channel": given["channel"]}
    key = {"source": SOURCE, "source_id": draft.id, "received_at": draft.opened_at}
    try:
        logged = log_feedback(**entry, **key, logged_by=request.user, now=now)  # type: ignore[arg-type]
    except FeedbackConflict:
        form.add_error(None, "This form was sent before with other words. Press “Log it” to log these as a new entry.")
        return _page(request, form, now, status=422)
    again = "was logged before; nothing is stored twice"
    told = f"{logged.feedback.key} {again}" if logged.replayed else f"Logged {logged.feedback.key}"
    messages.success(request, told, extra_tags="logged")
    response = redirect("feedback")
    response.status_code = 303
    return response


def _page(request: HttpRequest, form: CaptureForm, now: datetime, *, status: int = 200) -> HttpResponse:
    """The form; after an error with the draft kept, and with a fresh identity where the old one cannot be used."""
    draft = form["draft"].value() or ""
    fresh = bool(form.non_field_errors()) or read_draft(draft, now=now) is None
    context = {"form": form, "draft": new_draft(now=now) if fresh else draft}
    return render(request, "feedback/capture.html", context, status=status)
