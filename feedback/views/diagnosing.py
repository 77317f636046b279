"""Diagnose an entry: the four questions beside the quote, or the diagnosis that says it already."""

from datetime import UTC, date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from feedback.forms.diagnoses import ASK, DONE, PARK, AnswersForm, ThisIsForm
from feedback.models import Diagnosis, Feedback
from feedback.queries.diagnosing import DiagnosePanel, answers_of, version_of
from feedback.queries.outreach import asked_about
from feedback.services.diagnoses import (
    AlreadyDiagnosed,
    AnswersMissing,
    AnswersTooLong,
    NoProduct,
    NotStanding,
    OtherProduct,
    answer_diagnosis,
    take_in,
)
from feedback.services.diagnoses import diagnose as diagnose_entry
from feedback.views.subjects import diagnosis_asked, panel_asked, way_back
from pmtrack.web.form_pages import FormPage, Saved, see_other, settle
from products.views.asking import form_page

REFUSALS: dict[type[Exception], str | None] = dict.fromkeys((AnswersMissing, AnswersTooLong, NotStanding, NoProduct))
NOT_TAKEN = (AlreadyDiagnosed, NotStanding, NoProduct, OtherProduct)


@form_page
def diagnose(request: HttpRequest, number: int) -> HttpResponse:
    """Answer the four questions about FB-``number``, as far as one can."""
    now = datetime.now(UTC)
    panel = panel_asked(request, number, day=now.date())
    if panel.merged_into is not None and request.method != "POST":
        messages.info(request, f"{panel.key} was merged into FB-{panel.merged_into}, which this is.")
        return redirect("diagnose", number=panel.merged_into)
    if not panel.may_work or (panel.is_withdrawn and request.method != "POST"):
        page = _page(request, panel, now)
        return render(request, page.template, {"page": page, **page.more})

    def save(given: dict[str, Any]) -> Saved:
        answers = AnswersForm.answers_in(given, panel.answers)
        if given["then"] == ASK and answers.count == 0 and panel.diagnosis is None:
            return Saved("Nothing is saved yet: ask first.", reverse("ask_about_entry", args=[number]))
        about = {"feedback": Feedback(pk=number), "by": request.user, "now": now, "version": given["version"]}
        row = diagnose_entry(answers=answers, is_done=given["then"] == DONE, **about)
        return saved(request, row, given["then"], here=reverse("diagnose", args=[number]))

    def build(data: Any) -> AnswersForm:
        return form_of(Feedback.objects.select_related("diagnosis").get(pk=number).diagnosis, data)

    return settle(request, _page(request, panel, now), build, save, refusals=REFUSALS)


@form_page
def change_answers(request: HttpRequest, number: int) -> HttpResponse:
    """The four questions of D-``number``, where the diagnosis itself is at hand and not an entry."""
    now = datetime.now(UTC)
    row = diagnosis_asked(request, number, day=now.date())
    page = _answers_page(row)

    def save(given: dict[str, Any]) -> Saved:
        done, version = given["then"] == DONE, given["version"]
        answers = AnswersForm.answers_in(given, answers_of(row))
        changed = answer_diagnosis(
            diagnosis=row, answers=answers, is_done=done, by=request.user, now=now, version=version
        )
        return saved(request, changed, given["then"] or DONE, here=page.back)

    def build(data: Any) -> AnswersForm:
        return form_of(Diagnosis.objects.get(pk=number), data)

    return settle(request, page, build, save, refusals=REFUSALS)


@form_page
def this_is(request: HttpRequest, number: int) -> HttpResponse:
    """Say that FB-``number`` is what an existing diagnosis of its product says."""
    now = datetime.now(UTC)
    here = reverse("diagnose", args=[number])
    if request.method != "POST":
        return redirect(here)
    panel = panel_asked(request, number, day=now.date())
    chosen = ThisIsForm(request.POST, candidates=panel.candidates)
    if chosen.is_valid():
        row = get_object_or_404(Diagnosis, pk=chosen.cleaned_data["to"])
        try:
            take_in(diagnosis=row, entries=[Feedback(pk=number)], by=request.user, now=now)
        except NOT_TAKEN as refused:
            chosen.add_error("to", str(refused))
        else:
            messages.success(request, f"{panel.key} belongs to {row.key} now. There you can take it out again.")
            return see_other(way_back(request, reverse("diagnosis", args=[row.pk])))
    form = AnswersForm.of(panel.answers, panel.version)
    page = _page(request, panel, now)
    return render(request, page.template, {"page": page, **page.more, "form": form, "chosen": chosen}, status=422)


def diagnose_slot(request: HttpRequest, number: int, *, day: date) -> dict[str, Any]:
    """What ``feedback/_diagnose.html`` needs where it stands beside something else. Raises 404."""
    panel = panel_asked(request, number, day=day)
    return {"dx": panel, "form": AnswersForm.of(panel.answers, panel.version) if panel.may_work else None}


def form_of(diagnosis: Diagnosis | None, data: Any = None) -> AnswersForm:
    """The four questions as they stand, with what was typed."""
    return AnswersForm.of(answers_of(diagnosis), version_of(diagnosis), data)


def saved(request: HttpRequest, row: Diagnosis, then: str, *, here: str) -> Saved:
    """The words after saving, and the page that comes next."""
    if then == ASK:
        return Saved(f"{row.key} is saved.", reverse("ask_about_diagnosis", args=[row.pk]))
    if then == PARK:
        return Saved(f"{row.key} is saved.", reverse("decide", args=[row.pk]))
    if row.diagnosed_at is not None:
        return Saved(f"{row.key} is diagnosed.", way_back(request, reverse("diagnosis", args=[row.pk])))
    words = f"Saved: {row.key} is a draft, {answers_of(row).count_text}."
    return Saved(words, way_back(request, here))


def _page(request: HttpRequest, panel: DiagnosePanel, now: datetime) -> FormPage:
    words = "Find out what the problem is before anything is planned."
    back = reverse("diagnose", args=[panel.number])
    crumbs = (("Feedback", reverse("feedback")), (panel.key, reverse("feedback_item", args=[panel.number])))
    asked = asked_about(request.user, now=now, diagnosis=panel.diagnosis, entry=panel.number)
    template, more = "feedback/diagnose.html", {"dx": panel, "questions": asked}
    return FormPage(f"Diagnose {panel.key}", words, "Save", back, crumbs, template=template, more=more)


def _answers_page(row: Diagnosis) -> FormPage:
    back = reverse("diagnosis", args=[row.pk])
    crumbs = (("Diagnoses", reverse("diagnoses")), (row.key, back))
    words = "What is known so far; those who come after read it here."
    template, more = "feedback/diagnosis_answers.html", {"row": row}
    return FormPage(f"Answers of {row.key}", words, "Save", back, crumbs, template=template, more=more)
