"""Contributions outside the products: added by whoever did them, confirmed by those who had something of them."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from metrics.forms.person import AddContributionForm, AskConfirmForm, ConfirmForm
from metrics.models import Contribution
from metrics.queries.contributions import contribution_asked, contribution_row
from metrics.services.contributions import (
    AnsweredAlready,
    AskedEnough,
    MayNotConfirm,
    NotAsked,
    NotBegun,
    NotYours,
    Withdrawn,
    add_contribution,
    answer_contribution,
    ask_to_confirm,
    withdraw_contribution,
)
from metrics.views.people import note_reading, person_form
from pmtrack.web.form_pages import FormPage, see_other, settle
from products.access import readable_people
from products.models import User
from products.views.asking import form_page


@never_cache
@form_page
def new_contribution(request: HttpRequest) -> HttpResponse:
    """Tell what one did outside the products."""
    now = datetime.now(UTC)

    def save(given: dict[str, Any]) -> str:
        row = add_contribution(told=given["told"], by=request.user, now=now, asked=given["asked"])
        return f"{row.key} is added." + (f" {given['asked'].name} is asked to confirm it." if given["asked"] else "")

    words = "Work that no release shows: a vision, a culture, a roadmap, hiring, mentoring. You and your lead read it, and whom you ask."
    page = person_form(_me(request), "Add a contribution", words, "Add it")
    return settle(request, page, AddContributionForm, save, refusals={NotBegun: "since", MayNotConfirm: "asked"})


@never_cache
@require_safe
def contribution(request: HttpRequest, number: int) -> HttpResponse:
    """What was done and who says so; for whoever is asked, his own question."""
    row, now = _contribution(request, number), datetime.now(UTC)
    is_own = row.person_id == request.user.pk
    held = row.asks.filter(asked=_me(request))
    leads = not is_own and readable_people(request.user, day=now.date()).filter(pk=row.person_id).exists()
    if leads:
        note_reading(request, row.person, now)
    only = None if is_own or leads else _me(request)
    context = {
        "row": contribution_row(row, only=only),
        "is_own": is_own,
        "may_answer": row.withdrawn_at is None and held.filter(answer="").exists(),
        "back": reverse("person", args=[row.person_id]) if only is None else "",
    }
    return render(request, "metrics/person/contribution.html", context)


@never_cache
@form_page
def confirm_contribution(request: HttpRequest, number: int) -> HttpResponse:
    """Whoever is asked says whether it was so."""
    row, now = _contribution(request, number), datetime.now(UTC)
    if not row.asks.filter(asked=_me(request)).exists():
        raise PermissionDenied("Only whoever is asked confirms it.")

    def save(given: dict[str, Any]) -> str:
        answer_contribution(
            contribution=row, answer=given["answer"], words=" ".join(given["words"].split()), by=request.user, now=now
        )
        return f"Noted. {row.person.name} sees it."

    page = _about(row, f"Was it so? {row.person.name}:", f"“{row.what}”", "Answer")
    refusals = {NotAsked: None, AnsweredAlready: None, Withdrawn: None}
    return settle(request, page, ConfirmForm, save, refusals=refusals)


@never_cache
@form_page
def ask_about_contribution(request: HttpRequest, number: int) -> HttpResponse:
    """Ask one more colleague."""
    row, now = _own(request, number), datetime.now(UTC)

    def save(given: dict[str, Any]) -> str:
        ask_to_confirm(contribution=row, asked=given["asked"], by=request.user, now=now)
        return f"{given['asked'].name} is asked and gets a letter."

    page = _about(
        row, "Ask somebody to confirm it", f"“{row.what}” They read this and what you did it as, nothing else.", "Ask"
    )
    refusals = {NotYours: None, Withdrawn: None, MayNotConfirm: "asked", AskedEnough: "asked"}
    return settle(request, page, AskConfirmForm, save, refusals=refusals)


@never_cache
@require_POST
def withdraw_own_contribution(request: HttpRequest, number: int) -> HttpResponse:
    """Take it back."""
    row = _own(request, number)
    withdraw_contribution(contribution=row, by=_me(request), now=datetime.now(UTC))
    messages.success(request, f"{row.key} is taken back.")
    return see_other(reverse("person", args=[row.person_id]))


def _contribution(request: HttpRequest, number: int) -> Contribution:
    row = contribution_asked(request.user, number, day=datetime.now(UTC).date())
    if row is None:
        raise Http404("There is no contribution here that you may read. It may have been withdrawn.")
    return row


def _own(request: HttpRequest, number: int) -> Contribution:
    row = _contribution(request, number)
    if row.person_id != request.user.pk:
        raise PermissionDenied("Only whoever did it asks about it or takes it back.")
    return row


def _about(row: Contribution, title: str, words: str, submit: str) -> FormPage:
    return FormPage(title, words, submit, reverse("contribution", args=[row.pk]))


def _me(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User), "these pages are for people who are signed in"  # noqa: S101
    return user
