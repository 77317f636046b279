"""The audit for administrators as a page and as a file, and what is written about oneself."""

import csv
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from products.access import may_read_audit
from products.forms.audit import AuditFilterForm
from products.queries.audit import AuditPage, about_me, audit_page
from products.queries.audit_words import AuditRow

COLUMNS = ("When (UTC)", "Who", "What", "About", "Details", "Request")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """What happened, newest first; ``?who=&topic=&since=&until=`` narrow it, ``?before=`` goes on."""
    form = _filter(request)
    if not form.is_valid():
        return render(request, "settings/audit.html", {"form": form, "page": AuditPage((), None)}, status=422)
    page = audit_page(request.user, wanted=form.wanted())
    kept = {key: value for key, value in request.GET.items() if key in form.fields and key != "before" and value}
    shown = urlencode({key: value for key, value in request.GET.items() if key in form.fields and value})
    older = urlencode({**kept, "before": page.older}) if page.older else ""
    context = {"form": form, "page": page, "shown": shown, "older": older, "newest": urlencode(kept)}
    return render(request, "settings/audit.html", context)


@require_safe
def audit_file(request: HttpRequest) -> HttpResponse:
    """The rows that the page with the same query shows, as CSV."""
    form = _filter(request)
    if not form.is_valid():
        return render(request, "settings/audit.html", {"form": form, "page": AuditPage((), None)}, status=422)
    page = audit_page(request.user, wanted=form.wanted())
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(row) for row in page.rows)
    return response


@require_safe
def about_myself(request: HttpRequest) -> HttpResponse:
    """The signed-in person's own roles, tokens and entries."""
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Http404("There is no such page. Start from the newest.")
    mine = about_me(request.user, now=datetime.now(UTC), before=int(before) if before else None)
    return render(request, "settings/about_me.html", {"mine": mine, "is_first": not before})


def _filter(request: HttpRequest) -> AuditFilterForm:
    if not may_read_audit(request.user):
        raise PermissionDenied("The audit is for administrators.")
    return AuditFilterForm(request.GET)


def _cells(row: AuditRow) -> list[str]:
    """One line of the file. A cell that a spreadsheet would take for a formula starts with an apostrophe."""
    cells = [f"{row.at:%Y-%m-%d %H:%M:%S}", row.who, row.what, row.about, "; ".join(row.details), row.request_id]
    return [f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in cells]
