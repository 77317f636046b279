"""What people bring to a release: the result of an experiment, and what they decide."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from metrics.forms.evidence import DecideForm, ExperimentForm
from metrics.models import Experiment, Kpi
from metrics.services.evidence import (
    BadInterval,
    BadScale,
    EnteredMeanwhile,
    NoResult,
    decide,
    enter_experiment,
    take_experiment_back,
)
from metrics.views.subjects import RELEASE, address_of, crumbs_of, kpi_asked, subject_asked
from pmtrack.web.form_pages import FormPage, see_other, settle
from products.models import Release
from products.views.asking import form_page


@require_safe
def choose_experiment(request: HttpRequest, number: int) -> HttpResponse:
    """On to the form of one KPI: ``?kpi=``."""
    release = _release(request, number)
    return see_other(f"{address_of(release)}experiments/{kpi_asked(request, request.GET.get('kpi', '')).slug}/")


@form_page
def one_experiment(request: HttpRequest, number: int, slug: str) -> HttpResponse:
    """Enter the result for one KPI, or correct it."""
    now = datetime.now(UTC)
    release, kpi = _release(request, number), kpi_asked(request, slug)
    words = "What a randomised comparison found. It is preferred to the estimate, and shown as an experiment."
    page = _page(release, f"Experiment on {kpi.name}", words, "Enter it")

    def save(given: dict[str, Any]) -> str:
        standing = given["standing"]
        enter_experiment(release=release, kpi=kpi, facts=given["facts"], by=request.user, now=now, standing=standing)
        return f"The result for {kpi.name} stands."

    def build(data: Any) -> ExperimentForm:
        return ExperimentForm(data, kpi=kpi, held=_standing(release, kpi))

    return settle(request, page, build, save, refusals={BadInterval: "effect", BadScale: "scale"})


@require_POST
def experiment_gone(request: HttpRequest, number: int, slug: str) -> HttpResponse:
    """Take a result back; it stays visible, and the estimate speaks again."""
    release, kpi = _release(request, number), kpi_asked(request, slug)
    told = request.POST.get("standing", "")
    standing = int(told) if told.isascii() and told.isdigit() and len(told) < 19 else None
    try:
        take_experiment_back(release=release, kpi=kpi, by=request.user, now=datetime.now(UTC), standing=standing)
    except (NoResult, EnteredMeanwhile) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"The result for {kpi.name} is taken back. It stays visible.")
    return see_other(address_of(release))


@form_page
def decide_release(request: HttpRequest, number: int) -> HttpResponse:
    """Keep it, change it, or roll it back; with the reason."""
    now = datetime.now(UTC)
    release = _release(request, number)
    words = "A person decides, not a figure. Rolling back is done where you ship: this writes down that it was decided."
    page = _page(release, f"What becomes of {release.title}", words, "Decide")

    def save(given: dict[str, Any]) -> str:
        made = decide(release=release, by=request.user, now=now, **given)
        return f"Decided: {made.get_decided_display().lower()}."

    return settle(request, page, DecideForm, save, refusals={})


def _release(request: HttpRequest, number: int) -> Release:
    """The release, where the reader may write. Raises 404 and 403."""
    found = subject_asked(request, RELEASE, number, day=datetime.now(UTC).date())
    assert isinstance(found, Release), "asked for as one"  # noqa: S101
    return found


def _standing(release: Release, kpi: Kpi) -> Experiment | None:
    return Experiment.objects.filter(release=release, kpi=kpi, superseded_at__isnull=True).first()


def _page(release: Release, title: str, words: str, submit: str) -> FormPage:
    return FormPage(title, words, submit, address_of(release), crumbs_of(release))
