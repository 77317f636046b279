"""Ask a colleague, or a customer through a colleague; book the talk, note what was said, call it off."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from feedback.access import visible_accounts
from feedback.catalog.wording import asking_message, asking_subject
from feedback.forms.outreach import AskForm, BookForm, CallOffForm, ConsentForm, HoldForm
from feedback.models import Account, Consent, Feedback, Outreach
from feedback.queries.outreach import Question
from feedback.queries.speakers import behind, heard_with, speakers
from feedback.services.outreach import (
    AlreadyHeld,
    AskingOneself,
    BadTime,
    CalledOff,
    ConsentMissing,
    ConsentRefused,
    NobodyBetween,
    OutcomeMissing,
    Subject,
    ask_account,
    ask_colleague,
    book,
    call_off,
    hold,
    learn_consent,
)
from feedback.views.subjects import diagnosis_asked, panel_asked, question_asked, way_back
from pmtrack.web.form_pages import FormPage, Saved, see_other, settle
from products.models import ProductType, User
from products.views.asking import form_page

MOST_CUSTOMERS = 100
NOT_ASKED: dict[type[Exception], str | None] = {
    AskingOneself: "colleague",
    NobodyBetween: "via",
    ConsentRefused: "whom",
}
NOT_HELD: dict[type[Exception], str | None] = {
    OutcomeMissing: "outcome",
    BadTime: "at",
    ConsentMissing: None,
    CalledOff: None,
    AlreadyHeld: None,
}


@form_page
def ask_about_entry(request: HttpRequest, number: int) -> HttpResponse:
    """Ask somebody about FB-``number``."""
    now = datetime.now(UTC)
    panel = panel_asked(request, number, day=now.date())
    if not panel.may_work:
        raise PermissionDenied(f"Only those who work on {panel.key} may ask about it here. Ask them directly instead.")
    entry = Feedback.objects.select_related("product").get(pk=number)
    here = reverse("diagnose", args=[number])
    if entry.product is None:
        messages.error(request, f"Say which product {entry.key} is about before you ask somebody.")
        return redirect(here)
    return _ask(request, Subject(entry.product, feedback=entry), heard_with(entry), (entry.key, here), now)


@form_page
def ask_about_diagnosis(request: HttpRequest, number: int) -> HttpResponse:
    """Ask somebody about D-``number``."""
    now = datetime.now(UTC)
    row = diagnosis_asked(request, number, day=now.date())
    here = (row.key, reverse("diagnosis", args=[number]))
    return _ask(request, Subject(row.product, diagnosis=row), behind(row), here, now)


@form_page
def asked(request: HttpRequest, number: int) -> HttpResponse:
    """One question: what was asked, the message to send, and what was said."""
    now = datetime.now(UTC)
    one = question_asked(request, number, now=now)
    page = _page(one, f"Question to {one.receiver}", one.purpose, "Save what was said", _message(request, one))
    if request.method != "POST" and (not one.may_answer or one.needs_consent):
        return render(request, page.template, {"page": page, **page.more})

    def save(given: dict[str, Any]) -> Saved:
        said = {"outcome": given["outcome"], "at": given["at"], "version": given["version"] or None}
        hold(outreach=Outreach(pk=number), **said, by=request.user, now=now)  # type: ignore[arg-type]
        return Saved("What was said is noted. Thank you.", way_back(request, reverse("asked", args=[number])))

    def build(data: Any) -> HoldForm:
        held = Outreach.objects.get(pk=number)
        return HoldForm.of(held, data)

    return settle(request, page, build, save, refusals=NOT_HELD)


@form_page
def book_talk(request: HttpRequest, number: int) -> HttpResponse:
    """Agree on when to talk."""
    now = datetime.now(UTC)
    one = question_asked(request, number, now=now)
    if not one.may_answer:
        raise PermissionDenied(f"Only {one.receiver} and those who work on {one.product} may book this.")
    page = _page(one, f"Book the talk with {one.to}", one.purpose, "Book", None)

    def save(given: dict[str, Any]) -> str:
        version = given["version"] or None
        row = book(outreach=Outreach(pk=number), at=given["at"], now=now, version=version)
        return f"The talk is booked for {row.booked_for:%Y-%m-%d %H:%M} UTC."

    def build(data: Any) -> BookForm:
        return BookForm.of(Outreach.objects.get(pk=number), data)

    return settle(request, page, build, save, refusals=NOT_HELD)


@form_page
def call_talk_off(request: HttpRequest, number: int) -> HttpResponse:
    """End a question that needs no answer any more."""
    now = datetime.now(UTC)
    one = question_asked(request, number, now=now)
    if not one.may_call_off and one.state in {"waiting", "booked"}:
        raise PermissionDenied(f"Only {one.by} and those who work on {one.product} may call this off.")
    words = f"{one.receiver} is not waited for any more. It counts as neither held nor open."
    page = _page(one, f"Call off the question to {one.receiver}", words, "Call off", None)

    def save(given: dict[str, Any]) -> str:
        call_off(outreach=Outreach(pk=number), now=now)
        return "The question is called off."

    return settle(request, page, CallOffForm, save, refusals={AlreadyHeld: None})


@form_page
def note_consent(request: HttpRequest, number: int) -> HttpResponse:
    """Note whether the customer wants to be contacted, as the colleague between learnt it."""
    now = datetime.now(UTC)
    here = reverse("asked", args=[number])
    if request.method != "POST":
        return redirect(here)
    one = question_asked(request, number, now=now)
    form = ConsentForm(request.POST)
    if not one.consent or not form.is_valid():
        messages.error(request, "Say whether they want to talk: yes or no.")
        return see_other(here)
    row = learn_consent(outreach=Outreach(pk=number), consent=form.cleaned_data["consent"], by=request.user, now=now)
    ended = ". The question is called off." if row.called_off_at else ". Book the talk, or note what was said."
    wants = "may be contacted" if form.cleaned_data["consent"] == Consent.YES else "does not want to be contacted"
    messages.success(request, f"{one.to} {wants}{ended}")
    return see_other(way_back(request, here))


def _ask(
    request: HttpRequest, about: Subject, entries: QuerySet[Feedback], place: tuple[str, str], now: datetime
) -> HttpResponse:
    """The form that asks, for an entry or a diagnosis."""
    spoke = speakers(request.user, entries, day=now.date()).known
    offered = [one for one in spoke if one.colleague != request.user.pk]
    customers = _customers(request, about, now)

    def save(given: dict[str, Any]) -> Saved:
        row = _asked(given, about, customers, request.user, now)
        words = f"{row.via or row.colleague} is asked and sees it in the inbox. Send them the message, too."
        return Saved(words, reverse("asked", args=[row.pk]))

    def build(data: Any) -> AskForm:
        return AskForm(data, offered=offered, customers=customers)

    words = "Ask one thing, and ask it of somebody who was there."
    every = ("Feedback", reverse("feedback")) if about.feedback else ("Diagnoses", reverse("diagnoses"))
    crumbs = (every, place)
    title, more = f"Ask about {place[0]}", {"about": about}
    page = FormPage(title, words, "Ask", place[1], crumbs, template="feedback/ask.html", more=more)
    return settle(request, page, build, save, refusals=NOT_ASKED)


def _asked(given: dict[str, Any], about: Subject, customers: list[Account], by: User, now: datetime) -> Outreach:
    """Whom the form names, asked. Raises in words."""
    kind, _, number = given["whom"].partition("-")
    if kind == "account":
        account = Account.objects.select_related("manager", "consent_via").get(pk=number)
        asked_through = {"via": given.get("via"), "purpose": given["purpose"], "by": by, "now": now}
        return ask_account(subject=about, account=account, **asked_through)
    colleague = User.objects.get(pk=number) if number else given["colleague"]
    return ask_colleague(subject=about, colleague=colleague, purpose=given["purpose"], by=by, now=now)


def _customers(request: HttpRequest, about: Subject, now: datetime) -> list[Account]:
    """Customers of the product that the reader may know; nobody else is offered."""
    if about.product.type != ProductType.EXTERNAL:
        return []
    known = visible_accounts(request.user, day=now.date()).filter(products=about.product)
    return list(known.select_related("manager").distinct().order_by("name", "pk")[:MOST_CUSTOMERS])


def _message(request: HttpRequest, one: Question) -> dict[str, Any]:
    """The prepared message with a link to the page, and the address that opens it in the mail program."""
    text = asking_message(
        to=one.receiver,
        by=one.by,
        purpose=one.purpose,
        quote=one.quote,
        account=one.to if one.consent else "",
        address=request.build_absolute_uri(reverse("asked", args=[one.id])),
        ask_consent=one.needs_consent,
    )
    subject = asking_subject(one.product)
    mailto = f"mailto:{quote(one.to_email)}?subject={quote(subject)}&body={quote(text, safe='')}"
    return {"message": text, "mailto": mailto}


def _page(one: Question, title: str, words: str, submit: str, more: dict[str, Any] | None) -> FormPage:
    here = reverse("asked", args=[one.id])
    crumbs = (("Diagnoses", reverse("diagnoses")), (f"Question about {one.subject}", here))
    if more is None:
        return FormPage(title, words, submit, here, crumbs)
    return FormPage(title, words, submit, here, crumbs[:1], template="feedback/asked.html", more={"one": one, **more})
