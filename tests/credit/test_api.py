"""Credit over REST: the rows as they are kept, narrowed, paged, summed with one error, and beside them what was assisted, whole."""

import base64
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.catalog.quarters import quarter_of
from metrics.models import Credit, Enablement
from metrics.services.credit_check import rebuild_credit
from tests.api.client import Api
from tests.conftest import Cast
from tests.credit.scene import LIVE, Example, ask_again, read, settle, ship, thanks
from tests.factories import NOW, make_feature, make_kpi, make_product, make_token

pytestmark = pytest.mark.django_db
QUARTER = quarter_of(LIVE.date()).name
EXACTLY = {"rel": 1e-9}


@pytest.fixture
def example(cast: Cast) -> Example:
    made = Example(cast)
    settle()
    return made


@pytest.fixture
def api(cast: Cast) -> Api:
    """A token that may read."""
    return Api(make_token(cast.emil, product=cast.checkout, scopes=["read"]))


def items(api: Api, address: str) -> list[dict[str, Any]]:
    """The first page."""
    response = api.get(address)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["items"]
    return found


def all_pages(api: Api, address: str) -> list[dict[str, Any]]:
    """Every page, a row each; whatever is made anew in between, as it may be at any moment."""
    found, cursor = [], ""
    while True:
        page = api.get(f"{address}{'&' if '?' in address else '?'}limit=1{cursor}").json()
        found += page["items"]
        rebuild_credit(now=NOW)
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


def test_the_worked_example_is_told_with_its_parts(example: Example, api: Api) -> None:
    told = {one["product"]: one for one in items(api, "credit")}
    assert {slug: one["credited"] for slug, one in told.items()} == pytest.approx(
        {"checkout": 140 / 3, "payments": 140 / 3, "web": 5.0, "design": 5 / 3}, **EXACTLY
    )
    built, web = told["checkout"], told["web"]
    assert (built["kpi"], built["period"], built["n"], built["own_effect"], built["own_error"]) == (
        "happiness", QUARTER, 1, 100, 20,
    )  # fmt: skip
    assert (built["is_exact"], built["horizon_days"], built["horizon_version"]) == (True, 90, 1)
    assert built["low"] == pytest.approx(built["credited"] - 1.959964 * built["error"])
    assert built["high"] == pytest.approx(built["credited"] + 1.959964 * built["error"])
    assert (web["own_effect"], web["own_error"], web["n"]) == (None, None, 0)
    assert (web["throughput"], web["kept"]) == (pytest.approx(20 / 3), pytest.approx(0.75))


def test_a_split_names_the_builder_the_helpers_and_their_enablements(example: Example, api: Api) -> None:
    (split,) = items(api, f"credit/splits?release={example.release.key}")
    assert (split["product"], split["effect"], split["error"], split["refused"]) == ("checkout", 100, 20, "")
    parts = {one["product"]: one for one in split["parts"]}
    assert parts["payments"]["enablements"] == [example.unblocked.key]
    assert (parts["web"]["enablements"], parts["web"]["days_low"], parts["web"]["team"]) == (
        [example.faster.key],
        18,
        "web",
    )
    assert split["builder"] + sum(one["share"] for one in split["parts"]) == pytest.approx(1)
    (onward,) = items(api, f"credit/splits?release={example.web_release.key}")
    assert (onward["effect"], [one["product"] for one in onward["parts"]]) == (None, ["design"])


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("credit?product=web", 1),
        ("credit?product=nothing-of-ours", 0),
        ("credit?kpi=happiness", 4),
        ("credit?kpi=nothing", 0),
        (f"credit?period={QUARTER}&product=web", 1),
        ("credit?period=2001-Q1", 0),
        ("credit/splits", 2),
        ("credit/splits?product=web", 2),
        ("credit/splits?product=payments", 1),
        ("credit/splits?product=switchyard", 0),
        ("credit/totals?kpi=happiness", 1),
        ("credit/totals?period=2001-Q1", 0),
        ("credit/totals?team=nobody", 0),
        ("assisted?product=web", 1),
        ("assisted?product=design", 0),
        ("assisted?product=nothing-of-ours", 0),
        ("assisted", 2),
    ],
)
def test_filters_narrow_the_lists(example: Example, api: Api, address: str, count: int) -> None:
    assert len(items(api, address)) == count


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("credit?period=2026", "'period' must be a quarter like 2026-Q3."),
        ("credit/totals?period=2026-Q5", "'period' must be a quarter like 2026-Q3."),
        ("credit/splits?release=57", "'release' must be a key like R-123."),
        ("credit?person=emil", "'person' is not a parameter of this call."),
        ("assisted?kpi=happiness", "'kpi' is not a parameter of this call."),
        ("credit?limit=0", "'limit' must be a whole number from 1 to 200."),
    ],
)
def test_what_cannot_be_asked_is_told_in_words(example: Example, api: Api, address: str, words: str) -> None:
    response = api.get(address)
    assert response.status_code == 400
    assert words in response.json()["detail"]


@pytest.mark.parametrize(
    "place", [7, "x", "2026-13-01/1/1", "1/1/2026-02-31", "2026-02-31/1", "1/1/0", "9" * 30, "1/1"]
)
@pytest.mark.parametrize("address", ["credit", "credit/splits", "credit/totals", "assisted"])
def test_a_cursor_of_somebody_else_is_refused(example: Example, api: Api, address: str, place: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    response = api.get(f"{address}?cursor={cursor}")
    assert response.status_code == 400, response.content
    assert "'cursor' is not one that an earlier page gave" in response.json()["detail"]


def test_pages_go_on_where_the_last_one_ended_even_when_credit_is_made_anew(
    cast: Cast, example: Example, api: Api
) -> None:
    other = make_kpi(cast.checkout, "orders", "mean")
    read(example.release, other, 7, 1)
    settle()
    for address, count in (("credit", 8), ("credit/splits", 4), ("credit/totals", 2), ("assisted?product=web", 2)):
        found = all_pages(api, address)
        assert len(found) == count, address
        assert sorted(found, key=str) == sorted(_plain(items(api, address), found), key=str), address


def _plain(rows: list[dict[str, Any]], like: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the moments of ``like``: only these differ."""
    stamps = {str({**one, "computed_at": ""}): one for one in like}
    return [stamps[str({**one, "computed_at": ""})] for one in rows]


def test_the_companys_sum_is_the_measured_effect_and_its_error(example: Example, api: Api) -> None:
    (whole,) = items(api, "credit/totals")
    assert (whole["credited"], whole["error"], whole["n"], whole["products"]) == (
        pytest.approx(100), pytest.approx(20), 1, 4,
    )  # fmt: skip
    assert (whole["low"], whole["high"]) == (pytest.approx(100 - 39.19928), pytest.approx(100 + 39.19928))


def test_sums_of_teams_add_up_to_the_companys_and_never_mix_kpis(cast: Cast, example: Example, api: Api) -> None:
    read(example.release, make_kpi(cast.checkout, "orders", "mean"), 7, 1)
    settle()
    whole = {one["kpi"]: one["credited"] for one in items(api, "credit/totals")}
    assert whole == pytest.approx({"happiness": 100, "orders": 7})
    summed = dict.fromkeys(whole, 0.0)
    for team in ("booking", "payments", "web", "design"):
        for one in items(api, f"credit/totals?team={team}"):
            summed[one["kpi"]] += one["credited"]
    assert summed == pytest.approx(whole)
    (web,) = items(api, "credit/totals?team=web&kpi=happiness")
    assert web["error"] == pytest.approx(Credit.objects.get(product__slug="web", kpi=example.kpi).error)


def test_what_was_assisted_is_the_owners_whole_effect_with_its_verdict(example: Example, api: Api) -> None:
    (web,) = items(api, "assisted?product=web")
    (payments,) = items(api, "assisted?product=payments")
    assert (web["enablement"], web["kind"], web["state"]) == (example.faster.key, "accelerated", "confirmed")
    assert (web["owner_product"], web["release"]) == ("checkout", example.release.key)
    assert web["effect"] == payments["effect"]
    assert (web["effect"]["words"], web["effect"]["kpi"]) == ("Cannot tell", "happiness")
    assert web["effect"] == items(api, f"effects?release={example.release.key}")[0]


def test_help_of_which_nobody_counted_the_days_has_no_share_and_is_assisted_all_the_same(
    cast: Cast, example: Example, api: Api
) -> None:
    dock = make_product("dock", "I")
    said = thanks(cast.emil, example.booking, dock, "accelerated", None, None)
    settle()
    assert items(api, "credit?product=dock") == []
    (split,) = items(api, f"credit/splits?release={example.release.key}")
    assert split["unsized"] == [said.key]
    assert [one["enablement"] for one in items(api, "assisted?product=dock")] == [said.key]


def test_a_claim_that_nobody_confirmed_is_credited_and_assisted_with_nothing(example: Example, api: Api) -> None:
    ask_again(example.unblocked, example.cast.emil)
    settle()
    assert items(api, "credit?product=payments") == []
    assert items(api, "assisted?product=payments") == []


def test_without_credit_lists_are_empty_and_never_zero(cast: Cast, api: Api) -> None:
    for address in ("credit", "credit/splits", "credit/totals", "assisted"):
        assert items(api, address) == [], address


@pytest.mark.django_db(transaction=True)  # versions are told apart once they are committed
def test_an_answer_that_stands_is_not_sent_again_and_a_new_one_is(example: Example, api: Api) -> None:
    addresses = [f"/api/v1/{one}" for one in ("credit", "credit/splits", "credit/totals", "assisted")]
    first = {one: api.client.get(one, headers=api.headers) for one in addresses}
    held = {one: {**api.headers, "If-None-Match": first[one].headers["ETag"]} for one in addresses}
    assert {api.client.get(one, headers=held[one]).status_code for one in addresses} == {304}
    ask_again(example.unblocked, example.cast.emil)
    settle()
    for one in addresses:
        again = api.client.get(one, headers=held[one])
        assert again.status_code == 200, one
        assert again.json() != first[one].json(), one


@pytest.mark.parametrize("address", ["credit", "credit/splits", "credit/totals?team=web", "assisted"])
def test_many_rows_cost_as_many_statements_as_few(cast: Cast, example: Example, api: Api, address: str) -> None:
    items(api, address)  # the first call of a token notes that it was used
    with CaptureQueriesContext(connection) as few:
        items(api, address)
    for number in range(3):
        feature = make_feature(cast.emil, cast.checkout, title=f"Feature {number}")
        release = ship(cast.checkout, f"More {number}", feature)
        read(release, example.kpi, 5, 2)
        thanks(cast.emil, feature, example.web, "accelerated", (9, 9), None)
    settle()
    with CaptureQueriesContext(connection) as many:
        items(api, address)
    assert len(many) == len(few)


def test_credit_is_of_products_and_teams_and_never_of_people(example: Example, api: Api) -> None:
    people = {one.email for one in (example.cast.emil, example.cast.paula, example.cast.lena)}
    for address in ("credit", "credit/splits", "credit/totals", "assisted"):
        told = api.get(address).content.decode()
        assert not [mail for mail in people if mail in told], address
    assert Enablement.objects.filter(thanked_by=example.cast.emil).exists()
