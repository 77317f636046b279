"""Tokens in the browser: see, make, roll, revoke. A secret stands on one answer and nowhere else."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from products.access import manageable_products, token_teams, visible_tokens
from products.forms.tokens import DEFAULTS, TokenForm
from products.models import ApiToken, Product, Team
from products.queries.tokens import ReachChoices, reach_choices, token_page, token_row
from products.services.tokens import (
    NameTaken,
    NewToken,
    TokenEnded,
    TokenRefused,
    make_token,
    revoke_token,
    roll_token,
)

ROLLED_OR_ENDED = {"rolled", "revoked", "expired"}


@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens of the reader's products and teams, page by page."""
    now = datetime.now(UTC)
    given = request.GET.get("page", "1")
    if not (given.isascii() and given.isdigit() and len(given) < 6 and int(given) > 0):
        raise Http404("There is no such page of tokens. Start from the first.")
    page, choices = token_page(request.user, now=now, page=int(given)), reach_choices(request.user, now=now)
    return render(request, "products/tokens.html", {"page": page, "may_make": bool(choices)})


@require_http_methods(["GET", "HEAD", "POST"])
def new_token(request: HttpRequest) -> HttpResponse:
    """Show the form, or make what it says; for those who answer for a product or a team."""
    now = datetime.now(UTC)
    choices = reach_choices(request.user, now=now)
    if not choices:
        raise PermissionDenied("Tokens are made by PMs and leads, for their own products and teams.")
    if request.method == "POST":
        form = TokenForm(request.POST, reach=choices)
        return _make(request, form, now) if form.is_valid() else _form_page(request, form, status=422)
    first = _first(choices, request.GET.get("product", ""))
    return _form_page(request, TokenForm(initial={**DEFAULTS, "reach": first}, reach=choices))


@require_http_methods(["GET", "HEAD", "POST"])
def roll(request: HttpRequest, number: int) -> HttpResponse:
    """Ask, then give the token a successor whose secret is shown once."""
    now = datetime.now(UTC)
    token = _token(request, number, now)
    if request.method == "POST":
        try:
            made = roll_token(token=token, maker=request.user, now=now)
        except TokenEnded as error:
            return _ended(request, str(error))
        except TokenRefused as error:
            raise PermissionDenied(str(error)) from None
        return _secret_page(request, made, old=token)
    row = token_row(request.user, number, now=now)
    if row is None or row.state in ROLLED_OR_ENDED:
        return _ended(request, f"“{token.name}” was replaced or has ended, so there is nothing to roll.")
    if not row.can_roll:
        raise PermissionDenied("Admins end the tokens of products, and make none for them.")
    return render(request, "products/token_roll.html", {"token": row})


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Ask, then end the token; it holds from the next request on."""
    now = datetime.now(UTC)
    token = _token(request, number, now)
    if request.method == "POST":
        revoke_token(token=token, now=now)
        messages.success(request, f"Revoked “{token.name}” (…{token.last_four}). It is refused from now on.")
        response = redirect("tokens")
        response.status_code = 303
        return response
    row = token_row(request.user, number, now=now)
    if row is None or not row.can_revoke:
        return _ended(request, f"“{token.name}” has ended already, so there is nothing to revoke.")
    return render(request, "products/token_revoke.html", {"token": row})


def _make(request: HttpRequest, form: TokenForm, now: datetime) -> HttpResponse:
    given = form.cleaned_data
    kind, _, slug = given["reach"].partition(":")
    product = manageable_products(request.user, day=now.date()).filter(slug=slug).first() if kind == "product" else None
    team = token_teams(request.user, day=now.date()).filter(slug=slug).first() if kind == "team" else None
    try:
        made = _made(request, given, product, team, now)
    except NameTaken as error:
        form.add_error("name", str(error))
        return _form_page(request, form, status=422)
    except TokenRefused as error:
        form.add_error(None, str(error))
        return _form_page(request, form, status=422)
    return _secret_page(request, made)


def _made(
    request: HttpRequest, given: dict[str, Any], product: Product | None, team: Team | None, now: datetime
) -> NewToken:
    return make_token(
        name=given["name"],
        kind=given["kind"],
        scopes=given["scopes"],
        maker=request.user,
        product=product,
        team=team,
        expires_at=now + timedelta(days=given["days"]),
        now=now,
    )


def _token(request: HttpRequest, number: int, now: datetime) -> ApiToken:
    token = visible_tokens(request.user, day=now.date()).filter(pk=number).first()
    if token is None:
        raise Http404("There is no such token that you may see.")
    return token


def _first(choices: ReachChoices, product: str) -> str:
    """What the form starts with: the product in the address where it is the reader's, else his first."""
    values = [one.value for one in (*choices.products, *choices.teams)]
    return f"product:{product}" if f"product:{product}" in values else values[0]


def _form_page(request: HttpRequest, form: TokenForm, *, status: int = 200) -> HttpResponse:
    return render(request, "products/token_new.html", {"form": form}, status=status)


def _secret_page(request: HttpRequest, made: NewToken, *, old: ApiToken | None = None) -> HttpResponse:
    """The only answer that ever holds the secret: kept by no cache."""
    if old is not None:
        old.refresh_from_db()
    response = render(request, "products/token_secret.html", {"token": made.token, "secret": made.secret, "old": old})
    response.headers["Cache-Control"] = "no-store"
    return response


def _ended(request: HttpRequest, reason: str) -> HttpResponse:
    """409: somebody was here first."""
    return render(request, "products/token_ended.html", {"reason": reason}, status=409)
