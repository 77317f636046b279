"""Ask for sign-offs, decide them, waive them; by link, one screen decides one without signing in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from pmtrack.web.form_pages import see_other, settle
from products.access import leads_product
from products.forms.releases import DecideForm, RequestForm, WaiveForm
from products.models import SignOff, SignOffDecision, SignOffLink
from products.queries.signoffs import usual_waits, visible_sign_offs, waiting_for
from products.services.edits import ChangedMeanwhile
from products.services.secret_links import LinkUnusable
from products.services.signoff_letters import decide_by_link, sign_off_link_opened
from products.services.signoffs import (
    BadApprover,
    BadEvidence,
    DecidedAlready,
    DueTooEarly,
    NotForColleagues,
    NotTheirs,
    SayWhy,
    SignOffRefused,
    Verdict,
    decide_sign_off,
    function_text,
    request_sign_off,
    waive_sign_off,
)
from products.views.asking import form_page
from products.views.secret_pages import GONE, kept_to_itself
from products.views.shipping import LARGEST, release_asked, release_form

SOON = timedelta(days=5)
REFUSALS: dict[type[Exception], str | None] = {
    BadEvidence: "evidence_url",
    SayWhy: "words",
    DecidedAlready: None,
    NotTheirs: None,
    BadApprover: None,
    SignOffRefused: None,
}


@require_safe
def sign_offs(request: HttpRequest) -> HttpResponse:
    """What waits for the reader, and how long each function takes usually."""
    now = datetime.now(UTC)
    usual = [(function_text(one), value.text) for one, value in usual_waits(now=now).items() if value.n]
    context = {"rows": waiting_for(request.user, now=now), "usual": usual}
    return render(request, "products/sign_offs.html", context)


@form_page
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """Ask a colleague for a sign-off of R-``number``; ``?function=`` is chosen before."""
    now = datetime.now(UTC)
    row = release_asked(request, number, day=now.date())
    words = (
        "They get a letter with a link that decides it on one screen. Nobody signs off what they ask for themselves."
    )
    page = release_form(row, f"Ask for a sign-off of {row.key}", words, "Ask")

    def save(given: dict[str, Any]) -> str:
        request_sign_off(release=row, **given, by=request.user, now=now)
        return f"{given['approver'].name} is asked for {function_text(given['function'])}’s sign-off."

    def build(data: Any) -> RequestForm:
        start = {"function": request.GET.get("function", ""), "due_on": now.date() + SOON}
        return RequestForm(data, initial=start)

    refusals = {BadApprover: "approver", DueTooEarly: "due_on", NotForColleagues: None}
    return settle(request, page, build, save, refusals=refusals)


@form_page
def decide(request: HttpRequest, number: int, sign_off: int) -> HttpResponse:
    """Decide as the one who was asked."""
    row = _asked(request, number, sign_off)
    if row.approver_id != request.user.pk:
        who = row.approver.name if row.approver else "whoever is asked next"
        raise PermissionDenied(f"Only {who} decides this sign-off.")
    page = release_form(
        row.release, _question(row), _words(row), "Send the decision", template="products/sign_off.html"
    )

    def save(given: dict[str, Any]) -> str:
        how = {"by": request.user, "now": datetime.now(UTC), "revision": _revision(given)}
        decide_sign_off(sign_off=row, verdict=_verdict(given), **how)
        return "Your decision is noted."

    def build(data: Any) -> DecideForm:
        return DecideForm(data, initial={"version": str(row.revision)})

    return settle(request, page, build, save, refusals=REFUSALS)


@form_page
def waive(request: HttpRequest, number: int, sign_off: int) -> HttpResponse:
    """Go without, as a lead, with a reason."""
    now = datetime.now(UTC)
    row = _asked(request, number, sign_off)
    if not leads_product(request.user, row.release.product, day=now.date()):
        raise PermissionDenied(f"Only a lead of the team that owns {row.release.product.name} may waive a sign-off.")
    title = f"Go without {function_text(row.function)}’s sign-off"
    page = release_form(row.release, title, f"{_words(row)} It stays visible that you waived it.", "Waive it")

    def save(given: dict[str, Any]) -> str:
        waive_sign_off(sign_off=row, reason=given["words"], by=request.user, now=now)
        return f"{function_text(row.function).capitalize()}’s sign-off is waived."

    return settle(request, page, WaiveForm, save, refusals=REFUSALS)


@kept_to_itself
@sensitive_variables("token")
def sign_off_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same screen for whoever holds the link from the letter. Looking writes nothing; POST uses the link up."""
    now = datetime.now(UTC)
    try:
        link = sign_off_link_opened(token, now=now)
        row = link.sign_off
        form = DecideForm(request.POST if request.method == "POST" else None, initial={"version": str(row.revision)})
        status = 200
        if form.is_bound:
            status = _by_link(request, link, form, token, now) if form.is_valid() else 422
            if status == 303:
                return see_other(reverse("sign_off_noted"))
    except LinkUnusable as refused:
        return render(request, "products/sign_off_gone.html", {"words": str(refused)}, status=GONE)
    page = release_form(row.release, _question(row), _words(row), "Send the decision")
    context = {"page": page, "form": form, "person": link.person, "by_link": True}
    return render(request, "products/sign_off.html", context, status=status)


@login_not_required
@require_safe
def sign_off_noted(request: HttpRequest) -> HttpResponse:
    """Where a decision by link leads: thanks, with no secret in the address."""
    return render(request, "products/sign_off_noted.html")


def _by_link(request: HttpRequest, link: SignOffLink, form: DecideForm, token: str, now: datetime) -> int:
    """Decide as the person asked, whom the audit names; the status of what follows."""
    stranger, request.user = request.user, link.person
    try:
        given = form.cleaned_data
        decide_by_link(secret=token, verdict=_verdict(given), now=now, revision=_revision(given))
    except SignOffRefused as refused:
        form.add_error(REFUSALS.get(type(refused)), str(refused))
        return 422
    except ChangedMeanwhile as told:
        form.add_error(None, str(told))
        return 409
    finally:
        request.user = stranger
    return 303


def _asked(request: HttpRequest, number: int, sign_off: int) -> SignOff:
    """The sign-off of that release. Raises 404."""
    rows = visible_sign_offs(request.user).select_related("release__product", "approver", "requested_by")
    row = rows.filter(pk=sign_off, release=number).first() if max(number, sign_off) <= LARGEST else None
    if row is None:
        raise Http404(f"There is no such sign-off of R-{number} that you may see.")
    return row


def _verdict(given: dict[str, Any]) -> Verdict:
    return Verdict(SignOffDecision(given["decision"]), given["words"], given["evidence_url"])


def _revision(given: dict[str, Any]) -> int | None:
    version = given["version"]
    return int(version) if version.isascii() and version.isdigit() else None


def _question(row: SignOff) -> str:
    return f"May {row.release.title} go live?"


def _words(row: SignOff) -> str:
    asks = f"{row.requested_by.name} asks" if row.requested_by else "The rules ask"
    return (
        f"{asks} for {function_text(row.function)}’s sign-off of {row.release.key} of {row.release.product.name}, "
        f"by {row.due_on.day} {row.due_on:%B %Y}."
    )
