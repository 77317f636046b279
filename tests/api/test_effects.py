"""What releases did over REST: the values that the pages print, narrowed, paged and never a figure where there is none."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client

from metrics.models import Kpi
from metrics.queries.effects import Effect
from metrics.services.effect_check import rebuild_effects
from metrics.services.rollups import refresh
from products.models import Release
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import expose, make_commitment, make_event, make_kpi, make_product, make_release, make_token
from tests.metrics.daily import DAY, HISTORY, LIVE, NOW, amounts, fill, noon

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(cast: Cast) -> Api:
    """A token that may read."""
    return Api(make_token(cast.emil, product=cast.checkout, scopes=["read"]))


@pytest.fixture
def named(cast: Cast) -> Release:
    """A release of Checkout that moved orders, left visits alone, and named sign-ups, of which nothing was ever read."""
    release = make_release(cast.checkout, "2.0", name="One-page booking")
    for slug, lift in (("orders", 0.15), ("visits", 0.0)):
        kpi = make_kpi(cast.checkout, slug)
        make_commitment(cast.emil, release, kpi, is_main=slug == "orders", declared_at=noon(LIVE - 30 * DAY))
        fill(kpi, amounts(HISTORY + 30, lift=lift, seed=3), is_fresh=False)
    make_commitment(cast.emil, release, make_kpi(cast.checkout, "sign-ups"), declared_at=noon(LIVE - 30 * DAY))
    expose(release, noon(LIVE))
    refresh(now=NOW)
    return release


def items(api: Api, query: str = "") -> list[dict[str, Any]]:
    """The first page."""
    response = api.get(f"effects{query}")
    assert response.status_code == 200, response.content
    return response.json()["items"]


def test_pages_print_what_the_api_answers(cast: Cast, api: Api, named: Release) -> None:
    told = {one["kpi"]: msgspec.convert(one, Effect) for one in items(api)}
    assert [told[slug].words for slug in ("orders", "visits")] == ["Clearly better", "Cannot tell"]
    client = Client()
    client.force_login(cast.lena)
    pages = ["/products/checkout/", f"/releases/{named.key}/?kpi=orders", f"/releases/{named.key}/?kpi=visits"]
    product, *release = (client.get(path).content.decode() for path in pages)
    for page, slug in zip(release, ("orders", "visits"), strict=True):
        effect = told[slug]
        for text in (effect.words, effect.change_text, effect.range_text, effect.label):
            assert text in page, (slug, text)
        assert effect.percent_text in product, slug
        assert effect.change_text in client.get(f"/kpis/{slug}/").content.decode(), slug


def test_what_cannot_be_read_has_words_and_no_figure(api: Api, named: Release) -> None:
    (one,) = items(api, "?kpi=sign-ups")
    assert (one["word"], one["figures"], one["horizon"]) == ("not_enough_data", None, 0)
    assert one["words"].startswith("Not enough data: ")
    assert one["reason"]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["sign-ups", "visits", "orders"]),
        ("?product=checkout", ["sign-ups", "visits", "orders"]),
        ("?product=switchyard", []),
        ("?product=nothing-of-ours", []),
        ("?kpi=visits", ["visits"]),
        (f"?since={LIVE}", ["sign-ups", "visits", "orders"]),
        (f"?since={LIVE + DAY}", []),
        ("?word=clearly", ["orders"]),
        ("?basis=past", ["sign-ups", "visits", "orders"]),
        ("?basis=experiment", []),
        ("?release=R-999999999999999999", []),
    ],
)
def test_filters_narrow_the_list(api: Api, named: Release, query: str, slugs: list[str]) -> None:
    assert [one["kpi"] for one in items(api, query)] == slugs


def test_a_release_is_asked_for_by_its_key(cast: Cast, api: Api, named: Release) -> None:
    assert len(items(api, f"?release={named.key}")) == 3
    assert items(api, f"?release={make_release(cast.checkout, '3.0').key}") == []


def test_a_release_shows_on_the_product_whose_kpi_it_named(cast: Cast, api: Api, named: Release) -> None:
    searches = make_kpi(make_product("search", "E"), "searches")
    other = make_release(cast.checkout, "4.0")
    make_commitment(cast.emil, other, searches, declared_at=noon(LIVE))
    expose(other, noon(LIVE + 2 * DAY))
    refresh(now=NOW)
    assert [(one["release"], one["product"]) for one in items(api, "?product=search")] == [(other.key, "checkout")]


def test_every_basis_can_be_read_beside_the_preferred_one(cast: Cast, api: Api, named: Release) -> None:
    make_event(cast.emil, cast.checkout, LIVE + 3 * DAY, LIVE + 5 * DAY)
    refresh(now=NOW)
    (plain,), (preferred,) = items(api, "?kpi=orders&basis=plain"), items(api, "?kpi=orders")
    assert (plain["basis"], preferred["basis"]) == ("plain", "past")
    assert plain["figures"]["effect"] != preferred["figures"]["effect"]


def test_pages_go_on_where_the_last_one_ended_even_when_estimates_are_made_anew(
    cast: Cast, api: Api, named: Release
) -> None:
    second = make_release(cast.checkout, "5.0")
    make_commitment(cast.emil, second, Kpi.objects.get(slug="visits"), declared_at=noon(LIVE))
    expose(second, noon(LIVE + timedelta(days=20)))
    refresh(now=NOW)
    whole = [(one["release"], one["kpi"]) for one in items(api)]
    assert whole[0] == (second.key, "visits")
    walked, query = [], "?limit=1"
    while query:
        page = api.get(f"effects{query}").json()
        walked += [(one["release"], one["kpi"]) for one in page["items"]]
        query = f"?limit=1&cursor={page['next']}" if page["next"] else ""
        rebuild_effects(now=NOW)
    assert walked == whole


@pytest.mark.django_db(transaction=True)
def test_nothing_changed_is_304_until_a_reading_changes_the_effect(api: Api, named: Release) -> None:
    first = api.get("effects?kpi=orders")
    api.headers["If-None-Match"] = first["ETag"]
    assert api.get("effects?kpi=orders").status_code == 304
    Kpi.objects.get(slug="orders").readings.filter(day__gte=LIVE).update(numerator=500)
    refresh(now=NOW)
    again = api.get("effects?kpi=orders")
    assert (again.status_code, again.json()["items"][0]["words"]) == (200, "Clearly worse")


def test_a_page_costs_as_many_statements_for_one_as_for_all(
    api: Api, named: Release, django_assert_max_num_queries: Any
) -> None:
    items(api)  # a token's first call writes down that it was used
    with django_assert_max_num_queries(8) as one:
        items(api, "?limit=1")
    with django_assert_max_num_queries(8) as all:
        items(api)
    assert len(one) == len(all)


@pytest.mark.parametrize(
    "query",
    ["release=57", "release=R-0", "since=soon", "word=great", "basis=feeling", "cursor=NTc", "cursor=xx", "limit=0"],
)
def test_bad_filters_are_refused_in_words(api: Api, query: str) -> None:
    response = api.get(f"effects?{query}")
    assert response.status_code == 400
    assert query.partition("=")[0] in response.json()["detail"]
