"""Review packs: frozen, read as a page that prints, taken away as a table or as JSON."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from metrics.forms.person import PackForm
from metrics.queries.review_pack import HEADER, FrozenPack, frozen_pack, pack_table
from metrics.services.review_packs import BadDays, NotTheirs, freeze_pack
from metrics.views.people import person_form, readable_person, whole_period
from pmtrack.web.form_pages import Saved, settle
from pmtrack.web.sheets import csv_answer
from products.models import User
from products.views.asking import form_page


@never_cache
@form_page
def new_pack(request: HttpRequest, number: int) -> HttpResponse:
    """Choose the days, and freeze them."""
    now = datetime.now(UTC)
    whom = readable_person(request, number, now)
    since, until = whole_period(now.date())

    def save(given: dict[str, Any]) -> Saved:
        row = freeze_pack(person=whom, since=given["since"], last=given["until"], by=request.user, now=now)
        return Saved("The pack is frozen. What changes from now on changes nothing in it.", _address(whom, row.pk))

    words = "Commitments with their verdicts, the failures among them, help for others, contributions and the lead’s notes, as they stand now."
    page = person_form(whom, f"Review pack of {whom.name}", words, "Freeze it")
    return settle(
        request,
        page,
        lambda data: PackForm(data, since=since, until=until),
        save,
        refusals={BadDays: "since", NotTheirs: None},
    )


@never_cache
@require_safe
def pack(request: HttpRequest, number: int, pack: int) -> HttpResponse:
    """The frozen pack as a page that prints well."""
    return render(request, "metrics/person/pack.html", {"pack": _pack(request, number, pack)})


@never_cache
@require_safe
def pack_csv(request: HttpRequest, number: int, pack: int) -> HttpResponse:
    """The frozen pack as one table."""
    found = _pack(request, number, pack)
    return csv_answer(f"review-pack-{found.number}.csv", HEADER, pack_table(found))


@never_cache
@require_safe
def pack_json(request: HttpRequest, number: int, pack: int) -> HttpResponse:
    """The frozen pack byte for byte: its SHA-256 is the digest on the page."""
    found = _pack(request, number, pack)
    response = HttpResponse(found.body, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="review-pack-{found.number}.json"'
    return response


def _pack(request: HttpRequest, number: int, pack: int) -> FrozenPack:
    now = datetime.now(UTC)
    whom = readable_person(request, number, now)
    found = frozen_pack(request.user, whom, pack, day=now.date())
    if found is None:
        raise Http404(f"There is no such pack of {whom.name}.")
    return found


def _address(whom: User, pack: int) -> str:
    return reverse("review_pack", args=[whom.pk, pack])
