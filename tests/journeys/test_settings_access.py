"""Who may open and use which settings page: every page, for every member of the cast."""

import pytest
from django.test import Client

from products.models import Ally, Assignment, Membership
from tests.conftest import Cast
from tests.factories import make_kpi, since
from tests.journeys.forms import send
from tests.journeys.test_pages import signed_in, text_of

pytestmark = pytest.mark.django_db
EVERYBODY = {"paula": 200, "emil": 200, "lena": 200, "otto": 200, "admin": 200}
ADMIN = {"paula": 403, "emil": 403, "lena": 403, "otto": 403, "admin": 200}
LEADS = {"paula": 403, "emil": 403, "lena": 200, "otto": 403, "admin": 200}
WRITERS = {"paula": 403, "emil": 200, "lena": 200, "otto": 403, "admin": 200}
KEEPERS = {"paula": 403, "emil": 200, "lena": 200, "otto": 403, "admin": 403}
PAGES = {
    "/people/": EVERYBODY,
    "/settings/": EVERYBODY,
    "/settings/products/": EVERYBODY,
    "/settings/products/new/": ADMIN,
    "/settings/products/checkout/": WRITERS,
    "/settings/products/checkout/facts/": WRITERS,
    "/settings/products/checkout/team/": LEADS,
    "/settings/products/checkout/pms/new/": LEADS,
    "/settings/products/checkout/pms/{assignment}/": LEADS,
    "/settings/products/checkout/allies/new/": KEEPERS,
    "/settings/products/checkout/allies/{ally}/": KEEPERS,
    "/settings/teams/": EVERYBODY,
    "/settings/teams/new/": ADMIN,
    "/settings/teams/booking/": LEADS,
    "/settings/teams/booking/name/": ADMIN,
    "/settings/teams/booking/roles/new/": LEADS,
    "/settings/teams/booking/roles/{membership}/": LEADS,
    "/settings/people/": ADMIN,
    "/settings/people/new/": ADMIN,
    "/settings/people/{person}/": ADMIN,
    "/settings/people/{person}/left/": ADMIN,
    "/settings/people/{person}/back/": ADMIN,
    "/settings/kpis/": EVERYBODY,
    "/settings/kpis/new/": {"paula": 200, "emil": 200, "lena": 200, "otto": 403, "admin": 403},
    "/settings/kpis/revenue/": EVERYBODY,
    "/settings/kpis/revenue/facts/": KEEPERS,
    "/settings/kpis/revenue/wording/": KEEPERS,
}
READ_ONLY = {path for path, may in PAGES.items() if may is EVERYBODY} | {
    "/settings/products/checkout/",
    "/settings/teams/booking/",
    "/settings/people/",
}


@pytest.fixture
def numbers(cast: Cast) -> dict[str, int]:
    """What stands in for the numbers in addresses."""
    make_kpi(cast.checkout, "revenue")
    ally = Ally.objects.create(product=cast.checkout, user=cast.otto, function="legal", period=since())
    return {
        "ally": ally.pk,
        "assignment": Assignment.objects.get(user=cast.emil).pk,
        "membership": Membership.objects.get(user=cast.emil).pk,
        "person": cast.emil.pk,
    }


@pytest.mark.parametrize("path", PAGES)
def test_each_page_opens_for_whom_it_is_for_and_says_to_others_who_that_is(
    cast: Cast, numbers: dict[str, int], path: str
) -> None:
    address = path.format(**numbers)
    for name, status in PAGES[path].items():
        response = signed_in(getattr(cast, name)).get(address)
        assert (name, response.status_code) == (name, status)
        if status == 403:
            assert "Only " in text_of(response) or "is named by" in text_of(response)


@pytest.mark.parametrize("path", sorted(PAGES.keys() - READ_ONLY))
def test_nobody_writes_where_he_may_not_look(cast: Cast, numbers: dict[str, int], path: str) -> None:
    address = path.format(**numbers)
    for name, status in PAGES[path].items():
        if status == 403:
            assert signed_in(getattr(cast, name)).post(address, {}).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_sign_in(cast: Cast, numbers: dict[str, int], path: str) -> None:
    assert Client().get(path.format(**numbers))["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("path", sorted(READ_ONLY))
def test_pages_that_only_show_take_nothing(cast: Cast, numbers: dict[str, int], path: str) -> None:
    assert signed_in(cast.lena).post(path.format(**numbers)).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/settings/products/nothing/",
        "/settings/products/checkout/pms/999999/",
        "/settings/products/checkout/pms/99999999999999999999999999/",
        "/settings/teams/nothing/",
        "/settings/teams/booking/roles/999999/",
        "/settings/people/999999/",
        "/settings/kpis/nothing/",
        "/people/?page=0",
        "/people/?page=x",
        "/settings/people/?page=-1",
    ],
)
def test_what_is_not_there_is_not_found(cast: Cast, path: str) -> None:
    assert signed_in(cast.admin).get(path).status_code == 404


def test_a_row_is_found_only_under_its_own_product_and_team(cast: Cast, numbers: dict[str, int]) -> None:
    client = signed_in(cast.admin)
    assert client.get(f"/settings/products/switchyard/pms/{numbers['assignment']}/").status_code == 404
    assert client.get(f"/settings/teams/platform/roles/{numbers['membership']}/").status_code == 404


def test_a_lead_whose_role_ended_today_changes_nothing_from_the_next_request_on(cast: Cast) -> None:
    client = signed_in(cast.lena)
    assert client.get("/settings/teams/booking/").status_code == 200
    row = Membership.objects.get(user=cast.lena, team=cast.booking)
    assert send(client, f"/settings/teams/booking/roles/{row.pk}/", role="member").status_code == 303
    assert client.get("/settings/teams/booking/").status_code == 403
    assert client.get("/settings/teams/platform/").status_code == 200


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("admin", "You administer pmtrack"),
        ("lena", "You lead Booking and Platform"),
        ("emil", "You may change Checkout, and what is measured there"),
        ("otto", "You may read everything here and change nothing"),
    ],
)
def test_the_settings_say_in_words_what_the_reader_may_change(cast: Cast, name: str, words: str) -> None:
    assert words in text_of(signed_in(getattr(cast, name)).get("/settings/"))
