"""Plan a release, mark it live, roll it back: for PMs without a pipeline that tells pmtrack."""

from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from pmtrack.web.form_pages import FormPage, Saved, settle
from products.access import manageable_products, visible_releases
from products.forms.releases import LiveForm, PlanForm, RollBackForm, StageForm
from products.models import ProductType, Release
from products.services.announcing import EmptyAudience
from products.services.exposure_stages import BadStage, drop_stage, set_stage
from products.services.shipping import (
    NotThere,
    Plan,
    SignOffMissing,
    VersionTaken,
    mark_live,
    plan_release,
    roll_back,
)
from products.views.asking import KEEPERS, form_page

LARGEST = 2**63 - 1
EVERY = ("Releases", "/releases/")


@form_page
def new_release(request: HttpRequest) -> HttpResponse:
    """Plan a release; ``?product=`` is chosen before."""
    now = datetime.now(UTC)
    products = list(manageable_products(request.user, day=now.date()).order_by("name"))
    if not products:
        raise PermissionDenied("Only a product’s PMs and the leads of its team plan its releases, and you have none.")

    def save(given: dict[str, Any]) -> Saved:
        told = {name: given[name] for name in ("product", "version", "name", "planned_for", "features", "form")}
        row = plan_release(plan=Plan(**told), by=request.user, now=now)
        asked = row.sign_offs.count()
        more = f" {asked} sign-off{'' if asked == 1 else 's'} asked for." if asked else ""
        return Saved(f"{row.key} is planned.{more}", f"/releases/{row.key}/")

    def build(data: Any) -> PlanForm:
        chosen = request.GET.get("product", "")
        start = {"product": chosen if any(one.slug == chosen for one in products) else products[0].slug}
        return PlanForm(data, products=products, initial=start)

    words = "Name the KPIs on the next page, before anybody has it. A release for customers asks its allies by rule."
    page = FormPage("Plan a release", words, "Plan it", "/releases/", (EVERY,))
    return settle(request, page, build, save, refusals={VersionTaken: "version"})


@form_page
def go_live(request: HttpRequest, number: int) -> HttpResponse:
    """Users have it from now on."""
    now = datetime.now(UTC)
    row = release_asked(request, number, day=now.date())
    words = f"From this moment on {row.title} counts as live: its KPIs are read from here."
    page = release_form(row, f"Mark {row.key} live", words, "It is live now")

    def save(given: dict[str, Any]) -> str:
        mark_live(release=row, by=request.user, now=now)
        return f"{row.key} is live."

    return settle(request, page, LiveForm, save, refusals={NotThere: None, SignOffMissing: None})


@form_page
def back(request: HttpRequest, number: int) -> HttpResponse:
    """Nobody has it any more."""
    now = datetime.now(UTC)
    row = release_asked(request, number, day=now.date())
    words = "Rolling back is normal. It counts neither for nor against anyone, and no effect is counted from now on."
    page = release_form(row, f"Roll {row.key} back", words, "Roll it back")

    def save(given: dict[str, Any]) -> str:
        roll_back(release=row, by=request.user, now=now, note=given["note"], tell=bool(given.get("tell")))
        told = " Those who read of it are told." if given.get("tell") else ""
        return f"{row.key} is rolled back. Its effect is withdrawn from now on.{told}"

    def build(data: Any) -> RollBackForm:
        return RollBackForm(data, announced=row.announcements.exists())

    return settle(request, page, build, save, refusals={NotThere: None, EmptyAudience: "note"})


@form_page
def stages(request: HttpRequest, number: int) -> HttpResponse:
    """From which day on which share of the users has it."""
    now = datetime.now(UTC)
    row = release_asked(request, number, day=now.date())
    if row.product.type != ProductType.EXTERNAL:
        raise Http404(f"{row.key} is for colleagues: it is announced, not staged.")
    words = "Say which share of the users has it from which day on. The plan is shown beside what happened."
    page = release_form(row, f"Stages of {row.key}", words, "Save the stage")

    def save(given: dict[str, Any]) -> str:
        if given["percent"] is None:
            drop_stage(release=row, day=given["day"])
            return f"There is no stage on {given['day']}."
        set_stage(release=row, day=given["day"], percent=given["percent"], by=request.user, now=now)
        return f"{given['percent']} % of the users have it from {given['day']} on."

    return settle(request, page, StageForm, save, refusals={BadStage: "percent"})


def release_asked(request: HttpRequest, number: int, *, day: date) -> Release:
    """R-``number``, where the reader answers for its product. Raises 404 and 403."""
    row = release_seen(request, number)
    if not manageable_products(request.user, day=day).filter(pk=row.product_id).exists():
        raise PermissionDenied(f"Only {KEEPERS} may do this for {row.product.name}.")
    return row


def release_seen(request: HttpRequest, number: int) -> Release:
    """R-``number``, where the reader may see it. Raises 404."""
    rows = visible_releases(request.user).select_related("product")
    row = rows.filter(pk=number).first() if number <= LARGEST else None
    if row is None:
        raise Http404(f"There is no release R-{number} that you may see.")
    return row


def release_form(row: Release, title: str, words: str, submit: str, **more: Any) -> FormPage:
    """A form about one release."""
    here = reverse("release", args=[row.pk])
    return FormPage(title, words, submit, here, (EVERY, (row.key, here)), **more)
