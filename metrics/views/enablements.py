"""Who helped whom: the list, one enablement with its chain, and the forms that claim and thank."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from metrics.forms.enablements import ClaimForm, HelpForm, ThankForm
from metrics.models import EnablementKind
from metrics.queries.answerers import Work
from metrics.queries.circles import circles_for
from metrics.queries.credits_evidence import evidence_credit
from metrics.queries.enablement_list import SCOPES, EnablementFilter, enablement_list
from metrics.queries.enablement_page import enablement_page, questions_for
from metrics.queries.enabling_choices import Owner, claim_offers, feature_named, helper_named, thank_offers
from metrics.queries.heavy_claims import heavy_claims
from metrics.queries.records import suggestions_for
from metrics.services.enablement_steps import HelpFigures
from metrics.services.enablements import Help, Said, claim, thank
from metrics.services.enabling_refusals import REFUSALS, NotTheirs
from metrics.views.filters import BadFilter, bad_filter, page_links, read_choice, read_page
from pmtrack.web.form_pages import FormPage, Saved, settle
from products.access import teams_of, visible_products, writable_products
from products.models import Membership, User
from products.views.asking import form_page


@require_safe
def enablements(request: HttpRequest) -> HttpResponse:
    """``?scope=&product=&page=``: what waits for the reader, then the list; circles for leads."""
    now = datetime.now(UTC)
    products = list(visible_products(request.user).order_by("name").values_list("slug", "name"))
    try:
        scope = read_choice(request, "scope", SCOPES) or "all"
        product = read_choice(request, "product", [slug for slug, _ in products])
        page = read_page(request.GET.get("page", "1"))
    except BadFilter as error:
        return bad_filter(request, error)
    listed = enablement_list(request.user, EnablementFilter(scope, product), page=page, day=now.date())
    context = {
        "list": listed,
        "wanted": {"scope": scope, "product": product},
        "products": products,
        "questions": questions_for(request.user, now=now),
        "circles": circles_for(request.user, day=now.date()),
        "heavy": heavy_claims(request.user, day=now.date()),
        **_may(request, now),
        **page_links(request, listed.page, listed.pages),
    }
    return render(request, "metrics/enablements/list.html", context)


@require_safe
def enablement(request: HttpRequest, number: int) -> HttpResponse:
    """E-``number`` with its whole chain, and what it came to."""
    page = enablement_page(request.user, number, now=datetime.now(UTC))
    if page is None:
        raise Http404(f"There is no enablement E-{number}.")
    credit = evidence_credit(request.user, page.row)
    return render(request, "metrics/enablements/page.html", {"page": page, "credit": credit})


@form_page
def new_enablement(request: HttpRequest) -> HttpResponse:
    """Claim that a product of one's own helped; ``?product=``, ``?release=R-1`` and ``?feature=W-1`` fill the form."""
    now = datetime.now(UTC)
    if not _may(request, now)["may_claim"]:
        raise PermissionDenied(
            "Only PMs and leads claim that their products helped. Whoever was helped may say thanks."
        )
    words = "Say what it did for whom. Whoever did that work is asked, by mail, and nothing counts before the answer."

    def save(given: dict[str, Any]) -> Saved:
        said = claim(help=help_of(given), asked=given.get("asked"), by=request.user, now=now)
        asked = said.enablement.asked
        return _saved(said, f"{asked} is asked and has two weeks." if asked else "Nobody is asked about it now.")

    page = _page("Claim that it helped", words, "Ask them", request)
    suggested = suggestions_for(request.user, now=now, slug=request.GET.get("product", "").replace("\x00", "")[:80])
    more = {"offers": claim_offers(request.user, day=now.date()), "suggestions": suggested}
    return _settle(request, page, ClaimForm, save, more)


@form_page
def thank_enablement(request: HttpRequest) -> HttpResponse:
    """Say whose work helped one's own; ``?feature=W-1`` and ``?release=R-1`` fill the form."""
    now = datetime.now(UTC)
    if not _may(request, now)["may_thank"]:
        raise PermissionDenied("You belong to no team and no product, so nothing of yours can have been helped.")
    words = "Say whose work helped yours. It counts at once: whoever was helped knows best."

    def save(given: dict[str, Any]) -> Saved:
        return _saved(thank(help=help_of(given), by=request.user, now=now), "Thank you. It counts as confirmed.")

    page = _page("Say whose work helped", words, "Say thanks", request)
    return _settle(request, page, ThankForm, save, {"offers": thank_offers(request.user, day=now.date())})


def help_of(given: Mapping[str, Any]) -> Help:
    """What a form says, as the services take it."""
    helper, owner, feature = given["helper"], given["owner"] or Owner(), given["feature"]
    product = feature.product if feature else owner.product
    return Help(
        product=helper.product,
        release=helper.release,
        work=Work(feature, given["work"].strip(), product, None if feature else owner.team),
        figures=HelpFigures(EnablementKind(given["kind"]), given["days_low"], given["days_high"]),
        statement=given["statement"].strip(),
        evidence=given["evidence"],
    )


def refusals_at(form: type[forms.Form]) -> dict[type[Exception], str | None]:
    """Where on ``form`` each refusal belongs: at its field, or above."""
    renamed = {"release": "helper"}
    fields = {one: renamed.get(one.field, one.field) for one in REFUSALS}
    return {one: field if field in form.base_fields else None for one, field in fields.items()}  # type: ignore[attr-defined]


def _settle(
    request: HttpRequest, page: FormPage, form: type[HelpForm], save: Any, more: dict[str, Any]
) -> HttpResponse:
    initial = _initial(request)

    def build(data: Any) -> HelpForm:
        return form(data, initial=initial)

    shown = FormPage(
        page.title, page.words, page.submit, page.back, page.crumbs, template="metrics/enablements/new.html", more=more
    )
    return settle(request, shown, build, save, refusals={**refusals_at(form), NotTheirs: "helper"})


def _initial(request: HttpRequest) -> dict[str, str]:
    """What the address names, in words that the fields take back."""
    release, feature = request.GET.get("release", "")[:30], request.GET.get("feature", "")[:30]
    helper = release if release and helper_named(release) else ""
    if not helper:
        slug = request.GET.get("product", "")[:80]
        named = visible_products(request.user).filter(slug=slug).first() if slug else None
        helper = named.name if named else ""
    return {"helper": helper, "feature": feature if feature and feature_named(feature) else ""}


def _page(title: str, words: str, submit: str, request: HttpRequest) -> FormPage:
    back = reverse("enablements")
    return FormPage(title, words, submit, back, (("Enablements", back),))


def _saved(said: Said, words: str) -> Saved:
    told = words if said.is_new else f"{said.enablement.key} says that already."
    return Saved(told, reverse("enablement", args=[said.enablement.pk]))


def _may(request: HttpRequest, now: datetime) -> dict[str, bool]:
    """Whether the reader has something that helps, and something that can be helped."""
    user, day = request.user, now.date()
    writes = isinstance(user, User) and writable_products(user, day=day).exists()
    belongs = writes or teams_of(user, day=day, roles=tuple(Membership.Role)).exists()
    return {"may_claim": writes, "may_thank": belongs}
