"""Import a table: choose a file, look at what it would do, apply it. Works without script; one kind of rows or another."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pmtrack.web.file_forms import MEGABYTES, TOO_LARGE, FileForm
from pmtrack.web.form_pages import see_other
from pmtrack.web.tables.cells import escaped
from pmtrack.web.tables.files import ENCODINGS, MOST_LINES, Table, Unreadable, guess_delimiter, read_table
from pmtrack.web.tables.rows import Heading, find_columns, left_alone
from pmtrack.web.uploads import is_too_large
from products.access import Actor, visible_sheets
from products.models import KeptSheet, SheetKind, User
from products.services.sheets import Looked, NothingToApply, RowsRefused, keep_sheet
from products.views.asking import admin_only
from products.views.sheet_words import counted, dry_run, told

Look = Callable[[Table, User, datetime], Looked]
Apply = Callable[[Table, User, bool, datetime], Looked]


@dataclass(frozen=True, slots=True)
class Importer:
    """One kind of rows: what they are called, which columns they have, and the services that look and apply.

    ``moved`` are the exceptions that say that somebody else was faster; they are answered with 409. ``about`` heads the column
    of what a row is about.
    """

    kind: SheetKind
    noun: str
    words: str
    headings: Sequence[Heading]
    look: Look
    apply: Apply
    moved: tuple[type[Exception], ...] = ()
    about: str = "Who"

    @property
    def example(self) -> str:
        """The first line of a file that has every column."""
        return ",".join(heading.name for heading in self.headings)


@dataclass(frozen=True, slots=True)
class ImportPage:
    """Where importers stand: a page with one form for each, whose name and addresses begin with ``route``.

    ``admit`` raises ``PermissionDenied`` for whoever may not import here; without it only administrators may. ``crumb`` is the
    page above, as a word and a route.
    """

    route: str
    title: str
    deed: str
    verdict: str
    importers: Sequence[Importer]
    admit: Callable[[Actor, datetime], None] | None = None
    crumb: tuple[str, str] = ("Settings", "settings")

    def let_in(self, user: Actor, now: datetime) -> None:
        """Raise ``PermissionDenied`` for whoever may not import here."""
        if self.admit is None:
            admin_only(user, self.deed)
        else:
            self.admit(user, now)

    @property
    def above(self) -> tuple[str, str]:
        """The word and address of the page above."""
        return self.crumb[0], reverse(self.crumb[1])

    def importer(self, kind: str) -> Importer:
        """The importer of ``kind``; 404 for a kind that does not stand on this page."""
        found = next((one for one in self.importers if one.kind == kind), None)
        if found is None:
            raise Http404("There is no such import on this page.")
        return found


def choose(request: HttpRequest, page: ImportPage) -> HttpResponse:
    """Show the forms, or keep the file that was chosen and go on to look at it."""
    page.let_in(request.user, datetime.now(UTC))
    if request.method != "POST":
        return _choose(request, page, status=200)
    form = FileForm(request.POST, request.FILES)
    if is_too_large(request):
        form.errors.clear()
        form.add_error("file", TOO_LARGE)
        return _choose(request, page, form, status=413)
    importer = page.importer(request.POST.get("kind", ""))
    form.auto_id = f"{importer.kind}-%s"
    if not form.is_valid():
        return _choose(request, page, form, importer, status=422)
    given = {"kind": importer.kind, "owner": request.user, "name": form.file_name, "sheet": form.cleaned_data["file"]}
    kept = keep_sheet(**given, now=datetime.now(UTC))
    return see_other(reverse(f"{page.route}_sheet", args=[kept.pk]))


def check(request: HttpRequest, page: ImportPage, number: int) -> HttpResponse:
    """Show what a kept file would do, or apply it."""
    now = datetime.now(UTC)
    kept = _kept(request, page, number, now)
    importer = page.importer(kept.kind)
    try:
        table = read_table(kept.text, guess_delimiter(kept.text))
        if request.method == "POST":
            return _apply(request, page, kept, table, now)
        return _show(request, page, kept, table, importer.look(table, request.user, now))
    except Unreadable as error:
        context = {"page": page, "kept": kept, "importer": importer, "fault": str(error), "is_wrong": True}
        context |= {"verdict": "The file cannot be read like this.", "address": reverse(page.route)}
        return render(request, "settings/sheet.html", context, status=422)


def refused_rows(request: HttpRequest, page: ImportPage, number: int) -> HttpResponse:
    """Every refused row with its reason, as a CSV that a spreadsheet opens without computing anything."""
    now = datetime.now(UTC)
    kept = _kept(request, page, number, now)
    try:
        table = read_table(kept.text, guess_delimiter(kept.text))
        looked = page.importer(kept.kind).look(table, request.user, now)  # type: ignore[arg-type]
    except Unreadable as error:
        raise Http404(str(error)) from None
    name = f'attachment; filename="refused-{kept.kind}.csv"'
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})
    response.write("\ufeff")  # or spreadsheets take it for Windows-1252
    writer = csv.writer(response)
    writer.writerow(["row", "why it was refused", *map(escaped, table.headings)])
    for row in looked.refused:
        writer.writerow([row.number, escaped(row.reason), *map(escaped, row.cells)])
    return response


def _kept(request: HttpRequest, page: ImportPage, number: int, now: datetime) -> KeptSheet:
    """The reader's own kept file. 403 for whoever may not import here, 404 for others' files and for those that are gone."""
    page.let_in(request.user, now)
    kinds = [importer.kind for importer in page.importers]
    kept = visible_sheets(request.user, kinds=kinds, now=now).filter(pk=number).first()
    if kept is None:
        raise Http404("This file is not kept any more. Choose it again.")
    return kept


def _apply(request: HttpRequest, page: ImportPage, kept: KeptSheet, table: Table, now: datetime) -> HttpResponse:
    """Apply, or say on the same page why not."""
    importer = page.importer(kept.kind)
    try:
        done = importer.apply(table, request.user, request.POST.get("keep_good_rows") == "yes", now)  # type: ignore[arg-type]
    except (RowsRefused, NothingToApply) as error:
        return _show(request, page, kept, table, importer.look(table, request.user, now), status=422, fault=str(error))
    except importer.moved as error:
        return _show(request, page, kept, table, importer.look(table, request.user, now), status=409, fault=str(error))
    messages.success(request, told(importer.noun, done))
    return see_other(reverse(page.route))


def _choose(
    request: HttpRequest,
    page: ImportPage,
    form: FileForm | None = None,
    wrong: Importer | None = None,
    *,
    status: int,
) -> HttpResponse:
    """The forms; ``wrong`` is the one whose file was refused, the first one where no form can be told."""
    told_at = (wrong or page.importers[0]) if form is not None else None
    pairs = [
        (one, form if form is not None and one is told_at else FileForm(auto_id=f"{one.kind}-%s"))
        for one in page.importers
    ]
    context = {"page": page, "pairs": pairs, "form": form, "address": reverse(page.route)}
    context |= {"megabytes": MEGABYTES, "most_lines": f"{MOST_LINES:,}"}
    return render(request, "settings/sheets.html", context, status=status)


def _show(
    request: HttpRequest,
    page: ImportPage,
    kept: KeptSheet,
    table: Table,
    looked: Looked,
    *,
    status: int = 200,
    fault: str = "",
) -> HttpResponse:
    importer = page.importer(kept.kind)
    context: dict[str, Any] = {
        "page": page,
        "kept": kept,
        "importer": importer,
        "looked": looked,
        "fault": fault,
        "is_wrong": status >= 400,
        "encoding": ENCODINGS[kept.encoding],
        "row_count": counted(len(table.rows), "row"),
        "left_alone": left_alone(table, find_columns(table, importer.headings)),
        "address": reverse(page.route),
        "here": reverse(f"{page.route}_sheet", args=[kept.pk]),
        "refused_url": reverse(f"{page.route}_refused", args=[kept.pk]),
        **dry_run(importer.noun, looked),
    }
    return render(request, "settings/sheet.html", context, status=status)
