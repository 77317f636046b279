"""Customers: the list, one of them with what it said, and whether we may contact it."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from feedback.access import visible_accounts
from feedback.forms.accounts import ConsentForm
from feedback.models import Account, Consent
from feedback.queries.accounts import account_list, account_page
from feedback.services.consent import ViaMissing, set_consent
from pmtrack.web.form_pages import FormPage, settle
from products.views.asking import form_page, page_asked

NO_SUCH = "There is no such account that you may see. Accounts are shown to the teams and allies of their products."


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """Every customer that the reader may know, by name; ``?q=`` and ``?consent=`` narrow the list."""
    consent = request.GET.get("consent", "")
    if consent and consent not in Consent.values:
        raise Http404("There is no such consent. Choose one from the list of accounts.")
    day = datetime.now(UTC).date()
    found = account_list(
        request.user, day=day, asked=request.GET.get("q", ""), consent=consent, page=page_asked(request)
    )
    return render(request, "feedback/accounts.html", {"page": found, "consents": Consent.choices})


@require_safe
def account(request: HttpRequest, reference: str) -> HttpResponse:
    """One customer: its consent with history, and what it said."""
    found = account_page(request.user, reference, day=datetime.now(UTC).date())
    if found is None:
        raise Http404(NO_SUCH)
    return render(request, "feedback/account.html", {"page": found, "row": found.row})


@form_page
def consent(request: HttpRequest, reference: str) -> HttpResponse:
    """Note whether we may contact the customer, and through whom."""
    now = datetime.now(UTC)
    held = _account(request, reference, now)
    back = reverse("account", args=[reference])
    crumbs = (("Accounts", reverse("accounts")), (held.name, back))
    page = FormPage(
        f"Consent of {held.name}", "What they told one of us. The old answer stays on record.", "Note it", back, crumbs
    )

    def build(data: QueryDict | None) -> ConsentForm:
        return ConsentForm.of(_account(request, reference, now), data)

    def save(given: dict[str, Any]) -> str:
        changed = set_consent(account=held, by=request.user, now=now, **given)  # type: ignore[arg-type]
        return (
            f"The consent of {held.name} is noted." if changed else f"That was known of {held.name}; nothing changed."
        )

    return settle(request, page, build, save, refusals={ViaMissing: "via"})


def _account(request: HttpRequest, reference: str, now: datetime) -> Account:
    """The customer, where the reader may know it. Raises 404: whether there is one may not be known either."""
    known = visible_accounts(request.user, day=now.date()).select_related("consent_via", "manager")
    found = known.filter(reference=reference).first()
    if found is None:
        raise Http404(NO_SUCH)
    return found
