"""What is done with one enablement by those who are signed in: answer, hand on, ask again, open again, take back."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from metrics.access import visible_enablements
from metrics.forms.enablements import AnswerForm, AskAgainForm, HandOnForm, ReasonForm, WithdrawForm
from metrics.models import Enablement, EnablementKind
from metrics.queries.enablement_page import EnablementPage, Question, enablement_page, question_to
from metrics.queries.enablement_rows import named
from metrics.services.answers import Answer, Verdict, give_answer, hand_on, reopen
from metrics.services.enablement_steps import HelpFigures
from metrics.services.enablements import ask_again, withdraw
from metrics.views.enablements import refusals_at
from pmtrack.web.form_pages import FormPage, settle
from products.views.asking import form_page

NOTED = {
    Verdict.NO: "Noted: it did not help. Whoever claimed it is told.",
    Verdict.UNKNOWN: "Noted that you do not know. Whoever claimed it can ask somebody else.",
}


@form_page
def answer_enablement(request: HttpRequest, number: int) -> HttpResponse:
    """The one screen on which whoever is asked answers."""
    now = datetime.now(UTC)
    row, page = _asked(request, number, now)
    if not page.asked and not page.asked_name:
        return redirect("enablement", number)  # answered meanwhile: the page shows it and what can be done
    _only_asked(page)

    def build(data: Any) -> AnswerForm:
        return answer_form(question_to(_row(request, number)), data)

    def save(given: dict[str, Any]) -> str:
        answer = answer_of(given)
        version = given["version"]
        revision = int(version) if version.isdigit() else None
        give_answer(enablement=row, answer=answer, by=request.user, now=now, revision=revision)
        return NOTED.get(answer.verdict, "Noted. Thank you; whoever claimed it is told.")

    more = {"question": question_to(row), "hand_on": reverse("hand_on_enablement", args=[number])}
    form_at = _form(page, "", "", "Send the answer", template="metrics/enablements/answer.html", more=more)
    return settle(request, form_at, build, save, refusals=refusals_at(AnswerForm))


@form_page
def hand_on_enablement(request: HttpRequest, number: int) -> HttpResponse:
    """Pass the question to whoever did the work."""
    now = datetime.now(UTC)
    row, page = _asked(request, number, now)
    _only_asked(page)

    def save(given: dict[str, Any]) -> str:
        held = hand_on(enablement=row, to=given["colleague"], by=request.user, now=now)
        return f"{held.asked} is asked now and has two weeks."

    words = "Whoever did this work answers best. They get a mail and two weeks; you are not asked any more."
    refusals = {**refusals_at(HandOnForm), **_at("colleague", HandOnForm)}
    return settle(
        request, _form(page, "Hand the question on", words, "Hand it on"), HandOnForm, save, refusals=refusals
    )


@form_page
def ask_enablement_again(request: HttpRequest, number: int) -> HttpResponse:
    """Ask about a claim that nobody is asked about any more."""
    now = datetime.now(UTC)
    row, page = _asked(request, number, now)
    if not page.may_ask and not page.asked_name:
        raise PermissionDenied("Only those who answer for what helped ask about it.")

    def save(given: dict[str, Any]) -> str:
        held = ask_again(enablement=row, asked=given["asked"], by=request.user, now=now)
        return f"{held.asked} is asked and has two weeks."

    words = "They get a mail with a link, and two weeks. Nobody confirms their own work."
    return settle(
        request, _form(page, "Ask again", words, "Ask them"), AskAgainForm, save, refusals=refusals_at(AskAgainForm)
    )


@form_page
def reopen_enablement(request: HttpRequest, number: int) -> HttpResponse:
    """Open an answer again."""
    now = datetime.now(UTC)
    row, page = _asked(request, number, now)
    if not page.may_reopen:
        raise PermissionDenied("Only either side opens an answer again, and only what was answered.")

    def save(given: dict[str, Any]) -> str:
        held = reopen(enablement=row, words=given["words"], by=request.user, now=now)
        return f"It is open again, and {held.asked} is asked. What was said stays in the chain."

    words = "Whoever answered is asked again. Until then it counts for nothing; what was said stays in the chain."
    form_at = _form(page, "Open the answer again", words, "Open it again")
    return settle(request, form_at, ReasonForm, save, refusals=refusals_at(ReasonForm))


@form_page
def withdraw_enablement(request: HttpRequest, number: int) -> HttpResponse:
    """Take back what one's own side said."""
    now = datetime.now(UTC)
    row, page = _asked(request, number, now)
    if not page.may_withdraw:
        raise PermissionDenied("Only the side that said it takes it back.")

    def save(given: dict[str, Any]) -> str:
        withdraw(enablement=row, by=request.user, now=now, words=given["words"])
        return "It is taken back and counts for nothing. Its page stays."

    words = "It counts for nothing from then on. Its page and its chain stay."
    form_at = _form(page, "Take it back", words, "Take it back")
    return settle(request, form_at, WithdrawForm, save, refusals=refusals_at(WithdrawForm))


def answer_form(question: Question, data: Any) -> AnswerForm:
    """The form of a question: days as claimed, nothing chosen."""
    initial = {"days_low": question.low, "days_high": question.high, "version": str(question.revision)}
    return AnswerForm(data, initial=initial)


def answer_of(given: dict[str, Any]) -> Answer:
    """What the form says, as the services take it."""
    verdict = Verdict(given["verdict"])
    kind = EnablementKind(verdict.value) if verdict.value in EnablementKind.values else EnablementKind.ACCELERATED
    return Answer(verdict, HelpFigures(kind, given["days_low"], given["days_high"]), given["words"].strip())


def _asked(request: HttpRequest, number: int, now: datetime) -> tuple[Enablement, EnablementPage]:
    """The enablement and what the reader may do with it. Raises 404."""
    page = enablement_page(request.user, number, now=now)
    if page is None:
        raise Http404(f"There is no enablement E-{number}.")
    return _row(request, number), page


def _row(request: HttpRequest, number: int) -> Enablement:
    return named(visible_enablements(request.user)).get(pk=number)


def _only_asked(page: EnablementPage) -> None:
    if not page.asked:
        who = (
            f"{page.asked_name} is asked, nobody else. They"
            if page.asked_name
            else "Nobody is asked now. Whoever claimed it"
        )
        raise PermissionDenied(f"{who} can hand the question on to you.")


def _at(field: str, form: type) -> dict[type[Exception], str | None]:
    """Refusals about who may answer belong at the field that names the person."""
    return {one: field for one, at in refusals_at(form).items() if at is None and getattr(one, "field", "") == "asked"}


def _form(page: EnablementPage, title: str, words: str, submit: str, **more: Any) -> FormPage:
    row = page.row
    back = reverse("enablement", args=[row.number])
    crumbs = (("Enablements", reverse("enablements")), (row.key, back))
    return FormPage(title or page.question, words, submit, back, crumbs, **more)
