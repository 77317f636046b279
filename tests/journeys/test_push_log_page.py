"""The push log in the browser: one's own tokens' calls, filtered and page by page."""

import re

import pytest

from products.models import ApiCall, ApiToken, User
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import make_product, own
from tests.factories import make_token as secret_for
from tests.journeys.test_tokens import browser, text


def test_the_push_log_shows_the_calls_of_ones_own_tokens(cast: Cast) -> None:
    own(cast.booking, make_product("refunds", "E"))
    Api(secret_for(cast.emil, team=cast.booking)).post("release-events", {"product": "checkout"})
    Api(secret_for(cast.paula, product=cast.switchyard)).get("products")

    def lines(user: User, query: str = "") -> list[tuple[str, int]]:
        found = browser(user).get(f"/settings/push-log/?{query}").context["page"].rows
        return [(row.method, row.status) for row in found]

    assert lines(cast.emil) == [("POST", 400)]
    assert lines(cast.paula) == [("GET", 200)]
    assert lines(cast.lena) == lines(cast.admin) == [("GET", 200), ("POST", 400)]
    assert lines(cast.otto) == []
    assert lines(cast.lena, "status=4") == lines(cast.lena, "product=refunds") == [("POST", 400)]
    token = ApiToken.objects.get(product=cast.switchyard)
    assert lines(cast.lena, f"token={token.pk}") == [("GET", 200)]
    assert lines(cast.lena, f"token={token.pk}&status=5") == []
    page = text(browser(cast.emil).get("/settings/push-log/"))
    assert "/api/v1/release-events" in page
    assert str(ApiCall.objects.order_by("pk")[0].request_id) in page
    assert "missing required field" in page


@pytest.mark.parametrize(
    "query", ["token=0", "token=x", "status=7", "product=nothing", "before=x", f"before={'9' * 30}"]
)
def test_an_unknown_filter_is_not_found(cast: Cast, query: str) -> None:
    assert browser(cast.emil).get(f"/settings/push-log/?{query}").status_code == 404


def test_anothers_token_and_no_token_look_the_same(cast: Cast) -> None:
    secret_for(cast.paula, product=cast.switchyard)
    number = ApiToken.objects.get().pk
    answers = [browser(cast.emil).get(f"/settings/push-log/?token={one}") for one in (number, number + 1)]
    assert [answer.status_code for answer in answers] == [404, 404]
    shown = {re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text(answer)) for answer in answers}
    assert len(shown) == 1


def test_the_push_log_is_turned_page_by_page(cast: Cast) -> None:
    api = Api(secret_for(cast.emil, product=cast.checkout))
    for _ in range(53):
        api.get("products")
    emil = browser(cast.emil)
    first = emil.get("/settings/push-log/?status=2").context["page"]
    second = emil.get(f"/settings/push-log/?status=2&before={first.older}").context["page"]
    assert (len(first.rows), len(second.rows), second.older) == (50, 3, None)
    assert {row.id for row in first.rows}.isdisjoint(row.id for row in second.rows)
    assert "There is nothing older" in text(emil.get("/settings/push-log/?before=1"))
