"""Move a feature: from its page, from the board's menus without script, or by fetch with a small JSON answer."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from feedback.forms.features import MoveForm
from feedback.views.features_asked import feature_form_page, feature_to_write, way_on
from pmtrack.web.form_pages import see_other
from products.models import Feature, FeatureStage
from products.services.feature_moves import BY_HAND, CannotMove, NeedsDiagnosis, NeedsReason, move_feature
from products.services.features import FeatureChanged

REFUSALS = {CannotMove: "to", NeedsDiagnosis: "to", NeedsReason: "reason"}


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: int) -> HttpResponse:
    """``to``, ``reason``, ``revision`` and ``next``: 303, or 422 and 409 with words; JSON ``{ok|problem}`` on request."""
    try:
        return _move(request, number, datetime.now(UTC))
    except PermissionDenied as denied:
        if not _wants_json(request):
            raise
        return JsonResponse({"problem": str(denied)}, status=403)


def _move(request: HttpRequest, number: int, now: datetime) -> HttpResponse:
    feature = feature_to_write(request, number, now=now)
    if request.method != "POST":
        initial = {"to": request.GET.get("to", ""), "revision": feature.revision, "next": request.GET.get("next", "")}
        return _page(request, feature, MoveForm(initial=initial), status=200)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _refused(request, feature, form, status=422)
    given = form.cleaned_data
    aim = {"to": given["to"], "reason": given["reason"], "revision": given["revision"]}
    try:
        moved = move_feature(feature=feature, **aim, by=request.user, now=now)
    except tuple(REFUSALS) as refused:
        form.add_error(REFUSALS[type(refused)], str(refused))
        return _refused(request, feature, form, status=422)
    except FeatureChanged as told:
        return _refused(request, feature, form, status=409, conflict=str(told))
    return _done(request, moved, way_on(request, given["next"], reverse("feature", args=[feature.pk])))


def _done(request: HttpRequest, moved: Feature, to: str) -> HttpResponse:
    told = f"{moved.key} is in {moved.get_stage_display()} now."
    if _wants_json(request):
        return JsonResponse({"ok": told, "stage": moved.stage, "revision": moved.revision})
    messages.success(request, told)
    return see_other(to)


def _refused(
    request: HttpRequest, feature: Feature, form: MoveForm, *, status: int, conflict: str = ""
) -> HttpResponse:
    """What is wrong, as JSON or with the form; after a conflict the form holds the revision that stands now."""
    if _wants_json(request):
        problem = conflict or next(iter(error for errors in form.errors.values() for error in errors))
        stands = Feature.objects.get(pk=feature.pk)
        told = {"problem": problem, "stage": stands.stage, "revision": stands.revision}
        return JsonResponse(told, status=status)
    if conflict:
        stands = Feature.objects.select_related("product").get(pk=feature.pk)
        typed = request.POST.copy()
        typed["revision"] = str(stands.revision)
        return _page(request, stands, MoveForm(typed), status=status, conflict=conflict)
    return _page(request, feature, form, status=status)


def _page(request: HttpRequest, feature: Feature, form: MoveForm, *, status: int, **more: Any) -> HttpResponse:
    ways = [FeatureStage(stage) for stage in BY_HAND[feature.stage]]
    form.fields["to"].choices = [(way.value, way.label) for way in ways]  # type: ignore[attr-defined]
    words = f"{feature.title} is in {feature.get_stage_display()}."
    page = feature_form_page(feature, f"Move {feature.key}", words, "Move it")
    return render(request, "components/form_page.html", {"page": page, "form": form, **more}, status=status)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
