"""For whoever holds a link from a mail: one question, answered once, without signing in. Looking writes nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from metrics.forms.enablements import AnswerForm, HandOnForm
from metrics.models import AnswerLink
from metrics.queries.enablement_page import Question, question_to
from metrics.queries.enablement_rows import row_by_link
from metrics.services.answer_links import answer_by_link, hand_on_by_link, link_opened
from metrics.services.enabling_refusals import EnablingRefused, LinkUnusable
from metrics.views.enablement_answers import answer_form, answer_of
from metrics.views.enablements import refusals_at
from pmtrack.web.form_pages import see_other
from products.services.edits import ChangedMeanwhile
from products.views.secret_pages import kept_to_itself

GONE = 410


@kept_to_itself
@sensitive_variables("token")
def answer_link(request: HttpRequest, token: str) -> HttpResponse:
    """The question; POST answers it as the person asked and uses the link up."""
    now = datetime.now(UTC)

    def save(link: AnswerLink, given: dict[str, Any]) -> None:
        version = given["version"]
        revision = int(version) if version.isdigit() else None
        answer_by_link(secret=token, answer=answer_of(given), now=now, revision=revision)

    def build(question: Question, data: Any) -> AnswerForm:
        return answer_form(question, data)

    return _page(request, token, now, build, save, "metrics/enablements/answer.html")


@kept_to_itself
@sensitive_variables("token")
def hand_on_link(request: HttpRequest, token: str) -> HttpResponse:
    """Hand the question on as the person asked, and use the link up."""
    now = datetime.now(UTC)

    def save(link: AnswerLink, given: dict[str, Any]) -> None:
        hand_on_by_link(secret=token, to=given["colleague"], now=now)

    def build(question: Question, data: Any) -> HandOnForm:
        return HandOnForm(data)

    return _page(request, token, now, build, save, "metrics/enablements/hand_on.html")


@login_not_required
@require_safe
def answer_noted(request: HttpRequest) -> HttpResponse:
    """Where an answer by link leads: nothing but thanks, so that the secret is not in the address any more."""
    return render(request, "metrics/enablements/noted.html")


@sensitive_variables("token")
def _page(
    request: HttpRequest,
    token: str,
    now: datetime,
    build: Callable[[Question, Any], forms.Form],
    save: Callable[[AnswerLink, dict[str, Any]], None],
    template: str,
) -> HttpResponse:
    try:
        link = link_opened(token, now=now)
        question = question_to(row_by_link(link))
        form = build(question, request.POST if request.method == "POST" else None)
        status = 200 if form.is_valid() or not form.errors else 422
        if form.is_bound and form.is_valid():
            status = _save(request, link, form, save)
            if not form.errors:
                return see_other(reverse("answer_noted"))
    except LinkUnusable as refused:
        return render(request, "metrics/enablements/link_gone.html", {"words": str(refused)}, status=GONE)
    context = {
        "form": form, "question": question, "person": link.person, "by_link": True,
        "page": {"title": question.question, "submit": "Send the answer"},
        "hand_on": reverse("hand_on_link", args=[token]), "back": reverse("answer_link", args=[token]),
    }  # fmt: skip
    return render(request, template, context, status=status)


def _save(
    request: HttpRequest, link: AnswerLink, form: forms.Form, save: Callable[[AnswerLink, dict[str, Any]], None]
) -> int:
    """Save as the person asked, whom the audit names; the status of the page where that was refused."""
    stranger, request.user = request.user, link.person
    try:
        save(link, form.cleaned_data)
    except LinkUnusable:
        raise
    except EnablingRefused as refused:
        field = refusals_at(type(form)).get(type(refused))
        if field is None and refused.field == "asked" and "colleague" in form.fields:
            field = "colleague"
        form.add_error(field, str(refused))
        return 422
    except ChangedMeanwhile as told:
        form.add_error(None, str(told))
        return 409
    finally:
        request.user = stranger
    return 303
