"""Undo of a logged entry: a question without script, one call with it."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from feedback.access import visible_feedback
from feedback.services.withdrawals import CannotWithdraw, withdraw_feedback
from pmtrack.web.form_pages import see_other


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Ask, or take the entry back. 422 in words where it cannot be taken back; JSON for the header X-Part."""
    entry = get_object_or_404(visible_feedback(request.user), pk=number)
    if request.method != "POST":
        return render(request, "feedback/withdraw.html", {"entry": entry})
    part = request.headers.get("X-Part")
    try:
        withdraw_feedback(entry=entry, by=request.user, now=datetime.now(UTC))  # type: ignore[arg-type]
    except CannotWithdraw as problem:
        if part:
            return JsonResponse({"words": str(problem)}, status=422)
        return render(request, "feedback/withdraw.html", {"entry": entry, "problem": str(problem)}, status=422)
    words = f"{entry.key} is taken back."
    if part:
        return JsonResponse({"words": words})
    messages.success(request, words)
    return see_other(reverse("feedback"))
