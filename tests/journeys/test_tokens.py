"""Tokens in the browser, for everybody who may come by."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from products.models import ApiToken, User
from products.services.tokens import TokenUnusable, digest, find_token, make_token, revoke_token, roll_token
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import NOW
from tests.factories import make_token as secret_for

FORM = {"name": "CI of Checkout", "reach": "product:checkout", "kind": "ci", "scopes": ["release:write"], "days": "90"}
SECRET = re.compile(r'value="(pmt_[a-z]+_[0-9A-Za-z]{38})"')


def browser(user: User) -> Client:
    """A browser in which the person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def text(answer: object) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("path", ["tokens/", "tokens/new/", "push-log/", "tokens/1/roll/", "tokens/1/revoke/"])
def test_strangers_are_sent_to_the_sign_in(db: None, path: str) -> None:
    answer = Client().get(f"/settings/{path}")
    assert (answer.status_code, answer.headers["Location"].startswith("/login/")) == (302, True)


def test_everybody_sees_the_tokens_that_are_theirs_to_manage(cast: Cast) -> None:
    secret_for(cast.emil, product=cast.checkout)
    secret_for(cast.paula, team=cast.platform)
    seen = {
        name: {one.reach for one in browser(getattr(cast, name)).get("/settings/tokens/").context["page"].rows}
        for name in ("emil", "paula", "lena", "otto", "admin")
    }
    both = {"Checkout", "Team Platform"}
    assert seen == {"emil": {"Checkout"}, "paula": {"Team Platform"}, "lena": both, "otto": set(), "admin": both}


def test_an_outsider_reads_why_there_is_nothing_and_makes_none(cast: Cast) -> None:
    otto = browser(cast.otto)
    page = text(otto.get("/settings/tokens/"))
    assert "PM or lead of none" in page
    assert "Make a token" not in page
    assert otto.get("/settings/tokens/new/").status_code == 403
    assert otto.post("/settings/tokens/new/", FORM).status_code == 403
    assert not ApiToken.objects.exists()


def test_a_pm_without_tokens_is_shown_the_first_push(cast: Cast) -> None:
    page = text(browser(cast.emil).get("/settings/tokens/"))
    assert "No token yet" in page
    assert "http://testserver/api/v1/release-events" in page


def test_the_form_starts_with_the_least_that_is_useful(cast: Cast) -> None:
    form = browser(cast.lena).get("/settings/tokens/new/?product=switchyard").context["form"]
    assert form.initial == {"kind": "ci", "scopes": ["release:write"], "days": 90, "reach": "product:switchyard"}


def test_a_secret_stands_on_one_answer_and_nowhere_else(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    emil = browser(cast.emil)
    answer = emil.post("/settings/tokens/new/", FORM)
    (secret,) = SECRET.findall(text(answer))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    token = find_token(secret, now=datetime.now(UTC))
    assert (token.name, token.scopes, token.product_id) == ("CI of Checkout", ["release:write"], cast.checkout.pk)
    assert abs(token.expires_at - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=1)
    assert secret not in text(emil.get("/settings/tokens/"))
    assert secret not in str(dict(emil.session))
    assert secret not in str(answer.headers)
    assert secret not in caplog.text
    assert cache.get(secret) is None
    assert Api(secret).get("products").status_code == 403, "it was not given the scope 'read'"


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"name": " "}, "name", "Give the token a name"),
        ({"name": "x" * 121}, "name", "Shorten the name"),
        ({"name": "a\x00b"}, "name", "Null characters"),
        ({"scopes": []}, "scopes", "at least one thing"),
        ({"scopes": ["everything"]}, "scopes", "from the list"),
        ({"reach": "product:switchyard"}, "reach", "one of your products or teams"),
        ({"reach": ""}, "reach", "Choose the product or team"),
        ({"kind": "root"}, "kind", "from the list"),
        ({"days": "0"}, "days", "1 to 366"),
        ({"days": "367"}, "days", "1 to 366"),
        ({"days": "9" * 400}, "days", "1 to 366"),
        ({"days": "soon"}, "days", "1 to 366"),
    ],
)
def test_bad_input_is_refused_in_words_and_what_was_typed_stays(
    cast: Cast, changed: dict[str, object], field: str, words: str
) -> None:
    answer = browser(cast.emil).post("/settings/tokens/new/", {**FORM, **changed})
    page = text(answer)
    assert (answer.status_code, "<title>Error: " in page) == (422, True)
    assert words in str(answer.context["form"].errors[field])
    assert f'href="#id_{field}"' in page
    if field != "name":
        assert 'value="CI of Checkout"' in page
    assert not ApiToken.objects.exists()


def test_a_name_is_taken_while_its_token_lives(cast: Cast) -> None:
    emil = browser(cast.emil)
    assert emil.post("/settings/tokens/new/", FORM).status_code == 200
    again = emil.post("/settings/tokens/new/", {**FORM, "name": "ci of  CHECKOUT"})
    assert (again.status_code, "is taken" in text(again)) == (422, True)
    assert emil.post("/settings/tokens/new/", {**FORM, "reach": "team:booking"}).status_code == 200
    revoke_token(token=ApiToken.objects.get(product=cast.checkout), now=datetime.now(UTC))
    assert emil.post("/settings/tokens/new/", FORM).status_code == 200


def test_a_name_is_free_again_once_its_token_expired(cast: Cast) -> None:
    terms = {"name": "CI", "kind": "ci", "scopes": ["read"], "maker": cast.emil, "product": cast.checkout}
    make_token(**terms, now=NOW, expires_at=NOW + timedelta(days=1))
    newer = make_token(**terms, now=NOW + timedelta(days=1)).token
    revoke_token(token=ApiToken.objects.exclude(pk=newer.pk).get(), now=NOW + timedelta(days=2))
    assert ApiToken.objects.count() == 2


def test_an_admin_lists_and_revokes_everything_but_makes_tokens_for_teams_only(cast: Cast) -> None:
    secret_for(cast.emil, product=cast.checkout)
    token = ApiToken.objects.get()
    admin = browser(cast.admin)
    groups = [group for group, _ in admin.get("/settings/tokens/new/").context["form"].fields["reach"].choices]
    assert groups == ["Teams, with all their products"]
    assert admin.post("/settings/tokens/new/", FORM).status_code == 422
    assert admin.post("/settings/tokens/new/", {**FORM, "reach": "team:booking"}).status_code == 200
    assert admin.get(f"/settings/tokens/{token.pk}/roll/").status_code == 403
    assert admin.post(f"/settings/tokens/{token.pk}/roll/").status_code == 403
    assert admin.post(f"/settings/tokens/{token.pk}/revoke/").status_code == 303
    token.refresh_from_db()
    assert (token.revoked_at is not None, token.rolled_at) == (True, None)


@pytest.mark.parametrize("who", ["paula", "otto"])
@pytest.mark.parametrize("verb", ["roll", "revoke"])
def test_others_may_not_know_that_a_token_exists(cast: Cast, who: str, verb: str) -> None:
    secret_for(cast.emil, product=cast.checkout)
    token = ApiToken.objects.get()
    client = browser(getattr(cast, who))
    for number in (token.pk, 10**30):
        assert client.get(f"/settings/tokens/{number}/{verb}/").status_code == 404
        assert client.post(f"/settings/tokens/{number}/{verb}/").status_code == 404
    token.refresh_from_db()
    assert (token.revoked_at, token.rolled_at) == (None, None)


def test_a_rolled_token_holds_for_a_day_beside_its_successor(cast: Cast) -> None:
    old = secret_for(cast.emil, product=cast.checkout)
    token, lena = ApiToken.objects.get(), browser(cast.lena)
    path = f"/settings/tokens/{token.pk}/roll/"
    assert "Roll it" in text(lena.get(path))
    assert ApiToken.objects.count() == 1, "asking changes nothing"
    answer = lena.post(path)
    (new,) = SECRET.findall(text(answer))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert {Api(secret).get("products").status_code for secret in (old, new)} == {200}
    token.refresh_from_db()
    successor = ApiToken.objects.get(digest=digest(new))
    assert (successor.replaces_id, successor.name, successor.scopes) == (token.pk, token.name, token.scopes)
    assert successor.created_by == cast.lena, "the one who rolls answers for the new one"
    page = text(lena.get("/settings/tokens/"))
    assert f"replaced by …{successor.last_four}" in page
    assert f"replaces …{token.last_four}" in page
    assert "Rolled, holds until" in page
    with pytest.raises(TokenUnusable, match="replaced by a new secret"):
        find_token(old, now=token.rolled_at + timedelta(hours=24))
    assert find_token(new, now=token.rolled_at + timedelta(days=89))


def test_a_token_is_rolled_once(cast: Cast) -> None:
    secret_for(cast.emil, product=cast.checkout)
    path = f"/settings/tokens/{ApiToken.objects.get().pk}/roll/"
    emil = browser(cast.emil)
    assert [emil.post(path).status_code for _ in range(2)] == [200, 409]
    assert emil.get(path).status_code == 409
    assert ApiToken.objects.count() == 2


def test_rolling_never_lengthens_the_old_token(cast: Cast) -> None:
    made = make_token(
        name="CI", kind="ci", scopes=["read"], maker=cast.emil, product=cast.checkout, now=NOW,
        expires_at=NOW + timedelta(days=10),
    )  # fmt: skip
    late = NOW + timedelta(days=9, hours=20)
    new = roll_token(token=made.token, maker=cast.emil, now=late).token
    made.token.refresh_from_db()
    assert made.token.expires_at == NOW + timedelta(days=10)
    assert new.expires_at == late + timedelta(days=10)


def test_a_revoked_token_is_refused_from_the_next_call_on(cast: Cast) -> None:
    api = Api(secret_for(cast.emil, product=cast.checkout))
    emil, path = browser(cast.emil), f"/settings/tokens/{ApiToken.objects.get().pk}/revoke/"
    assert "Revoke it" in text(emil.get(path))
    assert api.get("products").status_code == 200, "asking changes nothing"
    answer = emil.post(path, follow=True)
    assert answer.redirect_chain == [("/settings/tokens/", 303)]
    assert "It is refused from now on" in text(answer)
    refused = api.get("products")
    assert (refused.status_code, "revoked" in refused.json()["detail"]) == (401, True)
    assert emil.get(path).status_code == 409
    assert emil.post(path).status_code == 303, "revoking again changes nothing"


def test_the_list_says_how_each_token_stands(cast: Cast) -> None:
    now = datetime.now(UTC)
    terms = {"kind": "ci", "scopes": ["read"], "product": cast.checkout}
    for name, age, life in (("Fresh", 0, 90), ("Old", 80, 90), ("Gone", 100, 90)):
        born = now - timedelta(days=age)
        expires_at = born + timedelta(days=life, minutes=1)
        make_token(name=name, maker=cast.emil, now=born, expires_at=expires_at, **terms)
    revoke_token(token=make_token(name="Ended", maker=cast.emil, now=now, **terms).token, now=now)
    make_token(name="Left", maker=cast.lena, now=now, **terms)
    User.objects.filter(pk=cast.lena.pk).update(is_active=False)
    rows = browser(cast.emil).get("/settings/tokens/").context["page"].rows
    assert {row.name: row.state for row in rows} == {
        "Fresh": "active", "Old": "soon", "Gone": "expired", "Ended": "revoked", "Left": "orphaned"
    }  # fmt: skip
    assert next(row for row in rows if row.name == "Old").state_words == "Expires in 10 days"
    assert {row.name for row in rows if row.can_revoke} == {"Fresh", "Old", "Left"}


@pytest.mark.parametrize("page", ["0", "x", "9" * 9])
def test_a_page_of_tokens_that_cannot_be_is_not_found(cast: Cast, page: str) -> None:
    assert browser(cast.emil).get(f"/settings/tokens/?page={page}").status_code == 404


def test_both_pages_cost_the_same_for_one_and_for_fifty(cast: Cast) -> None:
    emil, spent = browser(cast.emil), {}
    for many in (1, 49):
        for _ in range(many):
            Api(secret_for(cast.emil, product=cast.checkout)).get("products")
        for path in ("/settings/tokens/", "/settings/push-log/"):
            with CaptureQueriesContext(connection) as seen:
                assert emil.get(path).status_code == 200
            spent.setdefault(path, set()).add(len(seen))
    assert {path: len(counts) for path, counts in spent.items()} == {"/settings/tokens/": 1, "/settings/push-log/": 1}
