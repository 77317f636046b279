"""Upload readings as a CSV: choose a file, look at what it would do, store it. Works without script."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from metrics.access import uploadable_kpis, visible_kpis, visible_uploads
from metrics.forms.uploads import PlanForm
from metrics.models import Kpi, Upload
from metrics.services.readings import OtherSourceAccepted
from metrics.services.uploads import (
    Checked,
    NothingToStore,
    RowsRefused,
    check_upload,
    keep_upload,
    store_upload,
)
from metrics.sheets.columns import PARTS
from metrics.views.upload_words import dry_run, told
from pmtrack.web.file_forms import MEGABYTES, TOO_LARGE, FileForm
from pmtrack.web.tables.cells import escaped
from pmtrack.web.tables.files import DELIMITERS, ENCODINGS, MOST_LINES, Table, Unreadable, guess_delimiter, read_table
from pmtrack.web.uploads import is_too_large
from products.catalog.words import counted

OPEN = "Answer what the file leaves open; nothing is guessed."
MEND = "Mend what is marked, then look again."


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kept file, read with a separator; ``form`` is how to understand its columns."""

    upload: Upload
    delimiter: str
    table: Table
    form: PlanForm

    @property
    def query(self) -> str:
        """The choices as they stand in an address."""
        return urlencode([("delimiter", self.delimiter), *self.form.said()])


@require_http_methods(["GET", "HEAD", "POST"])
def kpi_upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose a file, or keep the one that was chosen and go on to look at it."""
    now = datetime.now(UTC)
    kpi = _kpi(request, slug, now)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if is_too_large(request):
        form.errors.clear()
        form.add_error("file", TOO_LARGE)
        return _choose(request, kpi, form, status=413)
    if not form.is_bound or not form.is_valid():
        return _choose(request, kpi, form, status=422 if form.is_bound else 200)
    sheet = form.cleaned_data["file"]
    upload = keep_upload(kpi=kpi, owner=request.user, name=form.file_name, sheet=sheet, now=now)
    return _see_other(reverse("kpi_upload_check", args=[slug, upload.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def kpi_upload_check(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what a kept file would do, or store it."""
    now = datetime.now(UTC)
    upload = _upload(request, slug, number, now)
    try:
        sheet = _sheet(request, upload)
    except Unreadable as error:
        verdict = "The file cannot be read like this."
        context = {"upload": upload, "kpi": upload.kpi, "separators": _separators(), "is_wrong": True}
        context |= {"fault": error, "verdict": verdict}
        return render(request, "metrics/upload_check.html", context, status=422)
    if not sheet.form.is_valid():
        return _look(request, sheet, None, status=200 if sheet.form.is_proposal else 422)
    if request.method == "POST":
        return _store(request, sheet, now=now)
    return _look(request, sheet, _check(sheet, now))


@require_safe
def kpi_upload_refused(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Every refused row with its reason, as a CSV that a spreadsheet opens without computing anything."""
    now = datetime.now(UTC)
    upload = _upload(request, slug, number, now)
    try:
        sheet = _sheet(request, upload)
    except Unreadable as error:
        raise Http404(str(error)) from None
    if not sheet.form.is_valid():
        raise Http404("The address does not say how to read the file. Open the file's page and follow its link.")
    name = f'attachment; filename="refused-{slug}.csv"'
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})
    response.write("\ufeff")  # or spreadsheets take it for Windows-1252
    writer = csv.writer(response)
    writer.writerow(["row", "why it was refused", *map(escaped, sheet.table.headings)])
    for row in _check(sheet, now).refused:
        writer.writerow([row.number, escaped(row.reason), *map(escaped, row.cells)])
    return response


def _kpi(request: HttpRequest, slug: str, now: datetime) -> Kpi:
    """The KPI to upload to. 404 for one that is not there, 403 for another team's and for admins."""
    kpi = visible_kpis(request.user).select_related("product").filter(slug=slug).first()
    if kpi is None:
        raise Http404(f"There is no KPI '{slug}'.")
    if not uploadable_kpis(request.user, day=now.date()).filter(pk=kpi.pk).exists():
        raise PermissionDenied("Readings are uploaded by the product's PM or lead.")
    return kpi


def _upload(request: HttpRequest, slug: str, number: int, now: datetime) -> Upload:
    """The reader's own kept file. 404 for others' files and for those that are gone."""
    _kpi(request, slug, now)
    upload = visible_uploads(request.user, now=now).filter(kpi__slug=slug, pk=number).first()
    if upload is None:
        raise Http404("This file is not kept any more. Choose it again.")
    return upload


def _sheet(request: HttpRequest, upload: Upload) -> Sheet:
    """The kept file as the address or the form says to read it. Raises ``Unreadable``."""
    given = request.POST if request.method == "POST" else request.GET
    delimiter = given.get("delimiter", "")
    if delimiter not in DELIMITERS:
        delimiter = guess_delimiter(upload.text)
    table = read_table(upload.text, delimiter)
    return Sheet(upload, delimiter, table, PlanForm(given, table=table, kpi=upload.kpi))


def _check(sheet: Sheet, now: datetime) -> Checked:
    source = sheet.form.cleaned_data["source"]
    return check_upload(kpi=sheet.upload.kpi, table=sheet.table, plan=sheet.form.plan(), source=source, now=now)


def _store(request: HttpRequest, sheet: Sheet, *, now: datetime) -> HttpResponse:
    """Store, or say on the same page why not."""
    kpi, form, keep = sheet.upload.kpi, sheet.form, request.POST.get("keep_good_rows") == "yes"
    source = form.cleaned_data["source"]
    try:
        pushed, refused = store_upload(
            kpi=kpi, table=sheet.table, plan=form.plan(), source=source, keep_good_rows=keep, now=now
        )
    except OtherSourceAccepted:
        return _look(request, sheet, _check(sheet, now), status=409)
    except (RowsRefused, NothingToStore) as error:
        return _look(request, sheet, _check(sheet, now), status=422, fault=str(error))
    messages.success(request, told(kpi, pushed, refused))
    return _see_other(f"{reverse('product', args=[kpi.product.slug])}#{kpi.slug}")


def _choose(request: HttpRequest, kpi: Kpi, form: FileForm, *, status: int) -> HttpResponse:
    context = {
        "kpi": kpi,
        "form": form,
        "parts": PARTS[kpi.form],
        "megabytes": MEGABYTES,
        "most_lines": f"{MOST_LINES:,}",
    }
    return render(request, "metrics/upload.html", context, status=status)


def _look(
    request: HttpRequest, sheet: Sheet, checked: Checked | None, *, status: int = 200, fault: str = ""
) -> HttpResponse:
    """The page with the choices and, where they are complete, the dry run."""
    kpi, form = sheet.upload.kpi, sheet.form
    asks = form.is_proposal and bool(form.errors)
    other = bool(checked and kpi.source and form.cleaned_data["source"] != kpi.source)
    context = {
        "kpi": kpi,
        "upload": sheet.upload,
        "sheet": sheet,
        "form": form,
        "asks": asks,
        "is_wrong": status >= 400,
        "checked": checked,
        "encoding": ENCODINGS[sheet.upload.encoding],
        "row_count": counted(len(sheet.table.rows), "row"),
        "separators": _separators(sheet.delimiter),
        "other_source": kpi.source if other else "",
        "fault": fault,
        **(dry_run(checked, stays_out=other) if checked else {"verdict": OPEN if asks else MEND}),
    }
    return render(request, "metrics/upload_check.html", context, status=status)


def _separators(chosen: str = "") -> list[tuple[str, str, bool]]:
    """Each separator with its link; another separator makes other columns, so the choices start anew."""
    return [(name, f"?{urlencode({'delimiter': name})}", name == chosen) for name in sorted(DELIMITERS)]


def _see_other(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response
