"""API tokens: shape, hashing, reach, expiry, revocation, and the command that makes them."""

import re
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.models import ApiToken, User
from products.services.tokens import (
    NewToken,
    TokenRefused,
    TokenUnusable,
    digest,
    find_token,
    is_well_formed,
    make_token,
    revoke_token,
)
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import NOW, assign, make_product, own
from tests.factories import make_token as secret_for


def made(maker: User, **terms: Any) -> NewToken:
    """A token with usual terms, changed by ``terms``."""
    usual = {"name": "CI", "kind": "ci", "scopes": ["release:write"], "now": NOW}
    return make_token(maker=maker, **{**usual, **terms})


def test_a_secret_has_the_promised_shape_and_only_its_hash_is_stored(cast: Cast) -> None:
    new = made(cast.emil, product=cast.checkout)
    assert re.fullmatch(r"pmt_ci_[0-9A-Za-z]{38}", new.secret)
    row = ApiToken.objects.values().get()
    assert new.secret not in str(row)
    assert (row["digest"], row["last_four"]) == (digest(new.secret), new.secret[-4:])
    assert new.secret.startswith(row["prefix"])


def test_a_mistyped_secret_never_reaches_the_database(cast: Cast) -> None:
    secret = made(cast.emil, product=cast.checkout).secret
    wrong = [secret[:-1], secret + "x", secret.swapcase(), secret[:10] + "é" + secret[11:], "", "pmt_ci_", "a_b_c_d"]
    for position in range(7, len(secret)):
        wrong.append(secret[:position] + ("0" if secret[position] != "0" else "1") + secret[position + 1 :])
    with CaptureQueriesContext(connection) as seen:
        for text in wrong:
            assert not is_well_formed(text), text
            with pytest.raises(TokenUnusable):
                find_token(text, now=NOW)
    assert len(seen) == 0


def test_a_token_lasts_ninety_days_unless_told_and_a_year_at_most(cast: Cast) -> None:
    assert made(cast.emil, product=cast.checkout).token.expires_at == NOW + timedelta(days=90)
    for expires_at in (NOW, NOW + timedelta(days=367)):
        with pytest.raises(TokenRefused, match="expires"):
            made(cast.emil, product=cast.checkout, expires_at=expires_at)


def test_the_use_of_a_token_is_written_at_most_once_a_minute(cast: Cast) -> None:
    secret = made(cast.emil, product=cast.checkout).secret

    def last_used(at: datetime) -> datetime | None:
        find_token(secret, now=at)
        return ApiToken.objects.values_list("last_used_at", flat=True).get()

    assert last_used(NOW) == NOW
    assert last_used(NOW + timedelta(seconds=59)) == NOW
    assert last_used(NOW + timedelta(seconds=60)) == NOW + timedelta(seconds=60)


def test_a_token_that_does_not_hold_says_why(cast: Cast) -> None:
    new = made(cast.emil, product=cast.checkout)
    with pytest.raises(TokenUnusable, match="expired on 2026-09-13"):
        find_token(new.secret, now=NOW + timedelta(days=90))
    revoke_token(token=new.token, now=NOW)
    revoke_token(token=new.token, now=NOW + timedelta(days=1))
    with pytest.raises(TokenUnusable, match="revoked on 2026-06-15"):
        find_token(new.secret, now=NOW + timedelta(days=2))


def test_a_token_of_someone_who_left_does_not_hold(cast: Cast) -> None:
    secret = made(cast.emil, product=cast.checkout).secret
    User.objects.filter(pk=cast.emil.pk).update(is_active=False)
    with pytest.raises(TokenUnusable, match="has left"):
        find_token(secret, now=NOW)


def test_pms_and_leads_make_tokens_for_their_own_and_nobody_else_does(cast: Cast) -> None:
    for maker in (cast.emil, cast.lena):
        assert made(maker, name=maker.name, product=cast.checkout).token.created_by == maker
        assert made(maker, name=maker.name, team=cast.booking).token.team == cast.booking
    for maker in (cast.paula, cast.otto, cast.admin):
        with pytest.raises(TokenRefused, match="not a PM or lead"):
            made(maker, product=cast.checkout)
    for maker in (cast.paula, cast.otto):
        with pytest.raises(TokenRefused, match="not a PM or lead"):
            made(maker, team=cast.booking)


def test_an_admins_token_is_for_one_named_team(cast: Cast) -> None:
    assert made(cast.admin, team=cast.booking).token.team == cast.booking


@pytest.mark.parametrize(
    "terms",
    [{"scopes": []}, {"scopes": ["everything"]}, {"kind": "root"}, {"team": "booking"}, {"product": None}],
)
def test_terms_that_cannot_be_are_refused_in_words(cast: Cast, terms: dict[str, Any]) -> None:
    wanted = {"product": cast.checkout, **terms}
    if wanted.get("team"):
        wanted["team"] = cast.booking
    with pytest.raises(TokenRefused):
        made(cast.emil, **wanted)
    assert not ApiToken.objects.exists()


EVENT = {
    "source": "ci",
    "event_id": "1",
    "version": "1",
    "kind": "exposed",
    "occurred_at": "2026-06-01T09:30:00Z",
}


def test_a_team_token_reaches_what_the_team_owns_and_nothing_else(cast: Cast) -> None:
    refunds = make_product("refunds", "E")
    own(cast.booking, refunds)
    api = Api(secret_for(cast.lena, team=cast.booking))
    assert api.post("release-events", {**EVENT, "product": "checkout"}).status_code == 201
    assert api.post("release-events", {**EVENT, "product": "refunds", "event_id": "2"}).status_code == 201
    forbidden = api.post("release-events", {**EVENT, "product": "switchyard", "event_id": "3"})
    assert forbidden.status_code == 403, "Lena leads that team, too, but this token is for the other"


def test_a_product_token_stays_with_its_product(cast: Cast) -> None:
    assign(cast.emil, cast.switchyard, "co_owner")
    api = Api(secret_for(cast.emil, product=cast.checkout))
    assert api.post("release-events", {**EVENT, "product": "switchyard"}).status_code == 403


def test_revocation_holds_from_the_next_request_on(cast: Cast) -> None:
    api = Api(secret_for(cast.emil, product=cast.checkout))
    assert api.get("products").status_code == 200
    revoke_token(token=ApiToken.objects.get(), now=NOW)
    answer = api.get("products")
    assert (answer.status_code, "revoked" in answer.json()["detail"]) == (401, True)


def test_the_command_prints_the_secret_alone_on_its_output(cast: Cast) -> None:
    out, err = StringIO(), StringIO()
    call_command("token", "--for=EMIL@example.com", "--product=checkout", "--scope=kpi:write", stdout=out, stderr=err)
    secret = out.getvalue().strip()
    assert find_token(secret, now=ApiToken.objects.get().created_at).scopes == ["kpi:write"]
    assert "Shown once" in err.getvalue()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--for=nobody@example.com", "--product=checkout"], "no user with email"),
        (["--for=emil@example.com", "--product=nothing"], "no product with slug"),
        (["--for=otto@example.com", "--product=checkout"], "not a PM or lead"),
        (["--for=emil@example.com", "--product=checkout", "--days=0"], "expires"),
        (["--for=emil@example.com", "--product=checkout", "--days=99999999999"], "int|large|days"),
    ],
)
def test_the_command_says_in_words_why_it_makes_no_token(cast: Cast, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("token", *arguments, stdout=StringIO(), stderr=StringIO())
