"""One entry of feedback: its page, editing it, merging it and taking that back."""

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from feedback.access import visible_feedback, workable_products
from feedback.catalog.privacy import without_personal_data
from feedback.forms.entry import EntryForm, MergeForm
from feedback.models import Feedback
from feedback.queries.entries import product_choices
from feedback.queries.entry import entry_page
from feedback.queries.merging import merge_choices
from feedback.queries.notices import our_domain
from feedback.services.edits import NotEditable, edit_feedback
from feedback.services.merges import (
    CannotMerge,
    CannotUndo,
    merge_feedback,
    note_not_duplicate,
    unmerge_feedback,
)
from feedback.views.subjects import LARGEST, entry_asked
from pmtrack.web.form_pages import FormPage, Saved, see_other, settle


@require_safe
def feedback_item(request: HttpRequest, number: int) -> HttpResponse:
    """FB-``number``; one that was merged or withdrawn stays and says where it went."""
    page = entry_page(request.user, number, day=datetime.now(UTC).date()) if number <= LARGEST else None
    if page is None:
        raise Http404(f"There is no feedback FB-{number} that you may see.")
    return render(request, "feedback/item.html", {"entry": page})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Edit an entry; ``?clean=1`` proposes it without what looks like personal data."""
    now = datetime.now(UTC)
    entry = entry_asked(request, number, day=now.date())
    mine = set(workable_products(request.user, day=now.date()).values_list("pk", flat=True))
    choices = [one for one in product_choices(request.user) if one.id in mine or one.id == entry.product_id]

    def build(data: QueryDict | None) -> forms.Form:
        entry.refresh_from_db()
        clean = request.GET.get("clean") and data is None and request.method != "POST"
        text = without_personal_data(entry.text, ours=our_domain(request.user)) if clean else entry.text
        return EntryForm(data, entry=entry, text=text, products=choices)

    def save(given: dict[str, object]) -> Saved:
        edit_feedback(entry=entry, by=request.user, now=now, **given)  # type: ignore[arg-type]
        return Saved(f"{entry.key} is saved.")

    back = reverse("feedback_item", args=[entry.pk])
    page = FormPage(
        f"Edit {entry.key}", "What it said before is kept.", "Save", back,
        ((("Feedback"), reverse("feedback")), (entry.key, back)),
    )  # fmt: skip
    return settle(request, page, build, save, refusals={NotEditable: None})


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, number: int) -> HttpResponse:
    """Choose what says the same, by suggestion or key, and merge into it; or remember that a suggestion differs."""
    now = datetime.now(UTC)
    entry = entry_asked(request, number, day=now.date())
    if request.method == "POST":
        form = MergeForm(request.POST)
        if form.is_valid():
            target = visible_feedback(request.user).filter(pk=form.cleaned_data["into"]).first()
            if target is None:
                form.add_error("into", f"There is no feedback FB-{form.cleaned_data['into']}.")
            elif form.cleaned_data["differs"]:
                note_not_duplicate(one=entry, other=target, by=request.user, now=now)  # type: ignore[arg-type]
                messages.success(request, f"{target.key} will not be suggested for {entry.key} again.")
                return see_other(reverse("merge_feedback", args=[entry.pk]))
            elif answer := _merge(request, entry, target, form, now):
                return answer
        status = 422
    else:
        form, status = MergeForm(), 200
    found = merge_choices(request.user, entry, day=now.date())
    return render(request, "feedback/merge.html", {"entry": entry, "form": form, "found": found}, status=status)


def _merge(
    request: HttpRequest, entry: Feedback, target: Feedback, form: MergeForm, now: datetime
) -> HttpResponse | None:
    """Merge and go to the root, or None with the reason at the form."""
    try:
        entry_asked(request, target.pk, day=now.date())
        merge_feedback(entry=entry, into=target, by=request.user, now=now)  # type: ignore[arg-type]
    except PermissionDenied as problem:
        form.add_error("into", str(problem))
    except CannotMerge as problem:
        form.add_error("into", str(problem))
    else:
        item = reverse("feedback_item", args=[entry.pk])
        words = format_html('{} is merged into {}. <a href="{}">Undo</a>', entry.key, target.key, item)
        messages.success(request, words)
        return see_other(reverse("feedback_item", args=[target.pk]))
    return None


@require_POST
def unmerge(request: HttpRequest, number: int) -> HttpResponse:
    """Take the merge of an entry back."""
    now = datetime.now(UTC)
    entry = entry_asked(request, number, day=now.date())
    try:
        unmerge_feedback(entry=entry, by=request.user, now=now)  # type: ignore[arg-type]
    except CannotUndo as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"{entry.key} stands for itself again.")
    return see_other(reverse("feedback_item", args=[entry.pk]))
