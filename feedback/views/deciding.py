"""What becomes of a diagnosis, and who of those who spoke was told."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from feedback.access import visible_voices
from feedback.forms.diagnoses import DecisionForm, ReopenForm, ToldForm
from feedback.models import Decision, Diagnosis, Voice
from feedback.services.closures import NotBehind, NothingToTell, NotToBeTold, mark_told
from feedback.services.decisions import NotDiagnosed, ReasonMissing
from feedback.services.decisions import decide as decide_on
from feedback.views.diagnoses import show_diagnosis
from feedback.views.subjects import diagnosis_asked
from pmtrack.web.form_pages import FormPage, see_other, settle
from products.views.asking import form_page

TOLD = {
    Decision.BUILD: "is to be built. Make its feature next.",
    Decision.WATCH: "is watched. Tell those who spoke.",
    Decision.DECLINE: "is declined. Tell those who spoke.",
}
REFUSALS: dict[type[Exception], str | None] = {ReasonMissing: "reason", NotDiagnosed: "decision"}
NOT_TOLD = (NotBehind, NothingToTell, NotToBeTold)


@form_page
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Build, watch or decline D-``number``; a later decision replaces it."""
    now = datetime.now(UTC)
    row = diagnosis_asked(request, number, day=now.date())

    def save(given: dict[str, Any]) -> str:
        version, chosen = given["version"], {name: given[name] for name in ("decision", "reason")}
        revision = int(version) if version.isdigit() else 0
        changed = decide_on(diagnosis=row, **chosen, by=request.user, now=now, revision=revision)
        return f"{row.key} {TOLD[Decision(changed.decision)]}"

    def build(data: Any) -> DecisionForm:
        return DecisionForm.of(Diagnosis.objects.get(pk=number), data)

    words = "Whoever spoke hears what becomes of it, so say it as you would say it to them."
    page = _page(row, f"What becomes of {row.key}", words, "Decide", _notes(row), "feedback/diagnosis_decide.html")
    return settle(request, page, build, save, refusals=REFUSALS)


@form_page
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    """Take the decision back: the diagnosis is open again, and the history says so."""
    now = datetime.now(UTC)
    row = diagnosis_asked(request, number, day=now.date())

    def save(given: dict[str, Any]) -> str:
        revision = int(given["version"]) if given["version"].isdigit() else None
        decide_on(diagnosis=row, decision=Decision.OPEN, reason="", by=request.user, now=now, revision=revision)
        return f"{row.key} is open again."

    def build(data: Any) -> ReopenForm:
        return ReopenForm(data, initial={"version": str(Diagnosis.objects.get(pk=number).revision)})

    words = "It is not decided any more. The decision and its reason stay in the history."
    page = _page(row, f"Open {row.key} again", words, "Open again", _notes(row))
    return settle(request, page, build, save, refusals={})


@form_page
def tell(request: HttpRequest, number: int) -> HttpResponse:
    """Note that somebody who spoke was told."""
    now = datetime.now(UTC)
    if request.method != "POST":
        return redirect("diagnosis", number=number)
    row = diagnosis_asked(request, number, day=now.date())
    form = ToldForm(request.POST)
    if form.is_valid():
        voices = visible_voices(request.user, day=now.date()).select_related("colleague", "account")
        voice = voices.filter(pk=form.cleaned_data["voice"]).first()
        try:
            told = _mark(row, voice, form.cleaned_data["channel"], request, now)
        except NOT_TOLD as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{told} was told.")
            return see_other(reverse("diagnosis", args=[number]) + "#tell")
    return show_diagnosis(request, number, now, status=422, form=form)


def _mark(row: Diagnosis, voice: Voice | None, channel: str, request: HttpRequest, now: datetime) -> str:
    """Who was told. Raises in words where the voice is not there."""
    if voice is None:
        raise NotBehind(f"There is no such voice behind {row.key}.")
    mark_told(diagnosis=row, voice=voice, channel=channel, by=request.user, now=now)
    return str(voice.colleague or voice.account)


def _notes(row: Diagnosis) -> tuple[str, ...]:
    """What hangs on the diagnosis already."""
    built = row.features.exclude(stage__in=("diagnosed", "parked")).order_by("pk")
    return tuple(f"{one.key} {one.title} is {one.get_stage_display().lower()} because of it." for one in built)


def _page(row: Diagnosis, title: str, words: str, submit: str, notes: tuple[str, ...], template: str = "") -> FormPage:
    back = reverse("diagnosis", args=[row.pk])
    crumbs = (("Diagnoses", reverse("diagnoses")), (row.key, back))
    page = FormPage(title, words, submit, back, crumbs, notes, more={"row": row})
    return FormPage(title, words, submit, back, crumbs, notes, template, {"row": row}) if template else page
