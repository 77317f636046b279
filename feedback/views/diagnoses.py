"""Diagnoses: the list, one of them, and what belongs to it."""

from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from feedback.access import visible_feedback, workable_feedback
from feedback.forms.diagnoses import TakeInForm, ToldForm
from feedback.models import Feedback
from feedback.queries.diagnoses import DECISIONS, STATES, DiagnosisFilter, diagnosis_list
from feedback.queries.diagnosis import DiagnosisPage, diagnosis_page
from feedback.queries.outreach import time_to_talk
from feedback.services.diagnoses import (
    AlreadyDiagnosed,
    NoProduct,
    NotStanding,
    OtherProduct,
    take_in,
    take_out,
)
from feedback.views.subjects import LARGEST, diagnosis_asked
from pmtrack.web.form_pages import see_other
from products.access import visible_products
from products.models import Product
from products.views.asking import form_page

TALKS_OF = timedelta(days=182)
NOT_TAKEN = (AlreadyDiagnosed, NotStanding, NoProduct, OtherProduct)


@require_safe
def diagnoses(request: HttpRequest) -> HttpResponse:
    """Every diagnosis, newest first, as far as the address narrows them; at the head, how long talks took."""
    now = datetime.now(UTC)
    products = list(visible_products(request.user).order_by("name"))
    wanted = _wanted(request, products)
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Http404("There is no such page of diagnoses. Start from the newest.")
    listed = diagnosis_list(request.user, wanted, before=int(before) if before else None)
    about = visible_products(request.user)
    about = about.filter(slug=wanted.product) if wanted.product else about
    context = {
        "list": listed,
        "wanted": wanted,
        "products": products,
        "states": STATES,
        "decisions": DECISIONS,
        "talks": time_to_talk(about, now - TALKS_OF, now),
        "is_first": not before,
        "older": _older(request, listed.older),
    }
    return render(request, "feedback/diagnoses.html", context)


@require_safe
def diagnosis(request: HttpRequest, number: int) -> HttpResponse:
    """One diagnosis with all that hangs on it."""
    return show_diagnosis(request, number, datetime.now(UTC))


@form_page
def take_entries_in(request: HttpRequest, number: int) -> HttpResponse:
    """Take more of what was heard into D-``number``."""
    now = datetime.now(UTC)
    if request.method != "POST":
        return redirect("diagnosis", number=number)
    row = diagnosis_asked(request, number, day=now.date())
    form = TakeInForm(request.POST)
    if form.is_valid():
        asked = form.numbers()
        entries = list(workable_feedback(request.user, day=now.date()).filter(pk__in=asked))
        try:
            _refuse_strangers(request, asked, entries)
            taken = take_in(diagnosis=row, entries=entries, by=request.user, now=now)
        except NOT_TAKEN as refused:
            form.add_error(None, str(refused))
        else:
            keys = ", ".join(entry.key for entry in taken) or "What you chose"
            messages.success(request, f"{keys} {'belong' if len(taken) > 1 else 'belongs'} to {row.key} now.")
            return see_other(reverse("diagnosis", args=[number]))
    return show_diagnosis(request, number, now, status=422, form=form)


@form_page
def take_entry_out(request: HttpRequest, number: int) -> HttpResponse:
    """Open an entry again that D-``number`` does not say after all."""
    now = datetime.now(UTC)
    if request.method != "POST":
        return redirect("diagnosis", number=number)
    row = diagnosis_asked(request, number, day=now.date())
    named = request.POST.get("entry", "")
    if not (named.isascii() and named.isdigit() and len(named) < 19):
        raise Http404("There is no such entry.")
    entry = Feedback(pk=int(named))
    if take_out(feedback=entry, diagnosis=row, by=request.user, now=now):
        messages.success(request, f"{entry.key} is open again. {row.key} says one entry less.")
    else:
        messages.info(request, f"{entry.key} does not belong to {row.key}; nothing changed.")
    return see_other(reverse("diagnosis", args=[number]))


def show_diagnosis(
    request: HttpRequest,
    number: int,
    now: datetime,
    *,
    status: int = 200,
    form: TakeInForm | ToldForm | None = None,
) -> HttpResponse:
    """The page, after bad input with the reason and what was chosen. Raises 404."""
    page: DiagnosisPage | None = diagnosis_page(request.user, number, now=now) if number <= LARGEST else None
    if page is None:
        raise Http404(f"There is no diagnosis D-{number} that you may see.")
    context = {"one": page, "form": form, "channels": ToldForm.base_fields["channel"].choices}
    if isinstance(form, TakeInForm):
        context["ticked"] = form.ticked()
    return render(request, "feedback/diagnosis.html", context, status=status)


def _refuse_strangers(request: HttpRequest, asked: list[int], entries: list[Feedback]) -> None:
    """Of the entries named in a form, the reader must be allowed to work on each. Raises in words."""
    found = {entry.pk for entry in entries}
    for number in asked:
        if number in found:
            continue
        if not visible_feedback(request.user).filter(pk=number).exists():
            raise NotStanding(f"There is no entry FB-{number}. Check the key.")
        raise PermissionDenied(f"You may not work on FB-{number}: it is about a product of others.")


def _wanted(request: HttpRequest, products: list[Product]) -> DiagnosisFilter:
    """What the address narrows the list to. Raises 404 for what there is not."""
    offered = {
        "product": [one.slug for one in products],
        "state": [value for value, _ in STATES],
        "decision": [value for value, _ in DECISIONS],
    }
    given = {name: request.GET.get(name, "") for name in offered}
    for name, value in given.items():
        if value and value not in offered[name]:
            raise Http404(f"There is no {name} '{value[:60]}'. Start from the list of all diagnoses.")
    return DiagnosisFilter(**given)


def _older(request: HttpRequest, older: int | None) -> str:
    """The address of the next page, with the filters; "" at the end."""
    if older is None:
        return ""
    query = request.GET.copy()
    query["before"] = str(older)
    return f"?{query.urlencode()}"
