"""A person's record: read by the person and his lead, and by nobody else. Each read by a lead is written down."""

from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from metrics.access import may_write_about
from metrics.catalog.quarters import quarter_named, quarter_of
from metrics.forms.person import LeadNoteForm, TalkForm
from metrics.queries.person import person_asked, person_record
from metrics.queries.person_notes import newest_lead_note, newest_talk
from metrics.services.person_notes import NotTheirLead, QuarterAhead, write_lead_note, write_talk
from metrics.views.filters import BadFilter, bad_filter, read_filters, span_links
from pmtrack.web.errors import request_id
from pmtrack.web.form_pages import FormPage, Saved, settle
from products.models import User
from products.services.audit import record_reading
from products.views.asking import form_page


@never_cache
@require_safe
def person(request: HttpRequest, number: int) -> HttpResponse:
    """The record of one person."""
    now = datetime.now(UTC)
    whom = readable_person(request, number, now)
    try:
        filters = read_filters(request, today=now.date())
    except BadFilter as error:
        return bad_filter(request, error)
    context = {
        "record": person_record(request.user, whom, period=filters.period, now=now),
        "spans": span_links(request, filters.period, today=now.date()),
        "quarter": quarter_of(now.date()).name,
    }
    return render(request, "metrics/person/page.html", context)


@never_cache
@form_page
def next_talk(request: HttpRequest, number: int) -> HttpResponse:
    """One's own notes for the next talk with the lead."""
    now = datetime.now(UTC)
    whom = readable_person(request, number, now)
    if whom.pk != request.user.pk:
        raise PermissionDenied(f"Only {whom.name} writes these notes. You read them.")

    def save(given: dict[str, Any]) -> str:
        write_talk(talk=given["talk"], by=request.user, now=now)
        return "Noted. Your lead reads it with you."

    page = person_form(whom, "Notes for the next talk", "You and your lead read them, nobody else.", "Note it")
    newest = newest_talk(request.user, whom, day=now.date())
    return settle(request, page, lambda data: TalkForm(data, newest=newest), save, refusals={})


@never_cache
@form_page
def lead_note(request: HttpRequest, number: int, quarter: str) -> HttpResponse:
    """The lead's own judgement of a quarter."""
    now = datetime.now(UTC)
    whom, asked = readable_person(request, number, now), quarter_named(quarter)
    if asked is None:
        raise Http404(f"'{quarter}' is no quarter. Write it like 2026-Q4.")
    if not may_write_about(request.user, whom, day=now.date()):
        raise PermissionDenied("Only a lead of the person writes this.")

    def build(data: Any) -> LeadNoteForm:
        return LeadNoteForm(data, newest=newest_lead_note(request.user, whom, asked, day=now.date()))

    def save(given: dict[str, Any]) -> Saved:
        row = write_lead_note(
            person=whom, quarter=asked, text=given["text"], by=request.user, now=now, standing=given["version"]
        )
        return Saved(f"Version {row.version} about the {asked.text} stands. {whom.name} reads it, too.")

    words = f"Beside the numbers. {whom.name} and the leads of their team read it, nobody else."
    page = person_form(whom, f"About {whom.name}, {asked.text}", words, "Write it down")
    return settle(request, page, build, save, refusals={NotTheirLead: None, QuarterAhead: None})


def readable_person(request: HttpRequest, number: int, now: datetime) -> User:
    """Whose record is asked for; a lead's look at it is written down. For all others there is nothing here."""
    whom = person_asked(request.user, number, day=now.date())
    if whom is None:
        raise Http404(
            "There is no record here that you may read. People read their own, and leads those of their team."
        )
    if whom.pk != request.user.pk:
        note_reading(request, whom, now)
    return whom


def note_reading(request: HttpRequest, whom: User, now: datetime) -> None:
    """Write down that a lead looks at somebody's record, where that person sees it."""
    record_reading(user=request.user, person=whom, address=request.path, request_id=request_id(request), now=now)


def person_form(whom: User, title: str, words: str, submit: str) -> FormPage:
    """A form about a person's record."""
    back = reverse("person", args=[whom.pk])
    return FormPage(title, words, submit, back, (("People", reverse("people")), (whom.name, back)))


def whole_period(today: date) -> tuple[date, date]:
    """The year before today, as a pack's form begins."""
    return today.replace(year=today.year - 1, day=1), today
