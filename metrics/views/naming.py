"""Naming the KPIs of a feature or a release: which, what is to happen to each, and taking one back."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from metrics.forms.naming import NameKpiForm
from metrics.models import Kpi
from metrics.models.commitments import MOST_CONTROLS
from metrics.queries.detectable import outlooks_by_window
from metrics.queries.naming import control_choices, kpi_choice
from metrics.services.commitments import (
    AnotherMain,
    BadControl,
    BadExpectation,
    BadWindow,
    NamedMeanwhile,
    NotNamed,
    name_kpi,
    same_days,
    standing_of,
    take_back,
)
from metrics.views.subjects import address_of, crumbs_of, kpi_asked, subject_asked
from pmtrack.web.form_pages import FormPage, see_other, settle
from products.models import Feature, Release
from products.views.asking import form_page

REFUSALS: dict[type[Exception], str | None] = {
    AnotherMain: "is_main",
    BadControl: "control_1",
    BadExpectation: "expected_change",
    BadWindow: "window_days",
}


@require_safe
def choose_kpi(request: HttpRequest, of: str, number: int) -> HttpResponse:
    """The KPIs that may be named, the suggested ones first; ``?kpi=`` goes on with one of any product."""
    now = datetime.now(UTC)
    subject = subject_asked(request, of, number, day=now.date())
    if slug := request.GET.get("kpi", ""):
        return see_other(f"{address_of(subject)}kpis/{kpi_asked(request, slug).slug}/")
    context = {
        "subject": subject,
        "choice": kpi_choice(request.user, subject, now=now),
        "crumbs": crumbs_of(subject),
        "back": address_of(subject),
    }
    return render(request, "metrics/name_kpis.html", context)


@form_page
def name_one(request: HttpRequest, of: str, number: int, slug: str) -> HttpResponse:
    """What is to happen to one KPI, with the smallest effect it could show; ``?control=`` looks at it beside controls."""
    now = datetime.now(UTC)
    subject = subject_asked(request, of, number, day=now.date())
    kpi = kpi_asked(request, slug)
    controls = [
        one
        for one in control_choices(request.user, subject, kpi)
        if same_days(one.product.time_zone, kpi.product.time_zone, now)
    ]
    looked_at = [one for one in request.GET.getlist("control") if one][:MOST_CONTROLS]

    def build(data: Any) -> NameKpiForm:
        held = standing_of(subject).filter(kpi=kpi).first()
        return NameKpiForm(data, kpi=kpi, held=held, controls=controls, looked_at=looked_at)

    form = build(request.POST if request.method == "POST" else None)

    def save(given: dict[str, Any]) -> str:
        name_kpi(subject=subject, kpi=kpi, facts=given["facts"], by=request.user, now=now, version=given["version"])
        return f"{kpi.name} is named for {subject.key}."

    page = _page(subject, kpi, form, now)
    return settle(request, page, build, save, refusals=REFUSALS)


@require_POST
def name_no_more(request: HttpRequest, of: str, number: int, slug: str) -> HttpResponse:
    """Take a KPI back; its versions stay visible."""
    now = datetime.now(UTC)
    subject = subject_asked(request, of, number, day=now.date())
    kpi = kpi_asked(request, slug)
    version = request.POST.get("version", "")
    try:
        told = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None
        take_back(subject=subject, kpi=kpi, by=request.user, now=now, version=told)
    except (NotNamed, NamedMeanwhile) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{kpi.name} is no longer named for {subject.key}. What was said stays visible.")
    return see_other(address_of(subject))


def _page(subject: Feature | Release, kpi: Kpi, form: NameKpiForm, now: datetime) -> FormPage:
    """What stands around the form: what each window could show, from the KPI's own past beside the controls chosen."""
    chosen = [form.known[slug] for slug in dict.fromkeys(form.chosen) if slug in form.known]
    found = outlooks_by_window(kpi, roll_out_days=form.roll_out, controls=chosen, now=now)
    whose = "" if kpi.product_id == subject.product_id else f" of {kpi.product.name}"
    return FormPage(
        title=f"{kpi.name} for {subject.key}",
        words=f"What is {subject.title} to do to {kpi.name}{whose}? Say it before users have it: then it counts as named before.",
        submit="Name it",
        back=address_of(subject),
        crumbs=(*crumbs_of(subject), ("What should change", f"{address_of(subject)}kpis/")),
        template="metrics/name_kpi.html",
        more={
            "outlooks": tuple(found.items()),
            "beside": [control.name for control in chosen],
            "known_controls": tuple(form.known.values()),
            "looked_at": form.chosen,
        },
    )
