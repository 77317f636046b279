"""Settings of products in the browser: added, changed, given away, staffed, and refused in words."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.models import Ally, Assignment, Exposure, Product, ProductTeam, Release
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.conftest import Cast
from tests.factories import LONG_AGO, NOW, assign, make_product, make_user, own
from tests.journeys.forms import opened, send
from tests.journeys.test_pages import signed_in, text_of

pytestmark = pytest.mark.django_db
FACTS = "/settings/products/checkout/facts/"
TODAY = datetime.now(UTC).date()


def released(product: Product) -> Release:
    """A version that was released in staging, and in no other environment."""
    event = NewReleaseEvent("ci", "1", product, "1.0", "released", NOW - timedelta(days=1), environment="staging")
    return ingest_release_event(event=event, now=NOW).release


def test_an_administrator_adds_a_product_that_continues_another(cast: Cast) -> None:
    client = signed_in(cast.admin)
    given = {"name": "Switchyard Cloud", "slug": "switchyard-cloud", "type": "E", "continues": "switchyard"}
    response = send(client, "/settings/products/new/", **given)
    assert (response.status_code, response["Location"]) == (303, "/settings/products/switchyard-cloud/")
    product = Product.objects.get(slug="switchyard-cloud")
    assert (product.type, product.continues, product.released_is_live) == ("E", cast.switchyard, False)
    page = text_of(client.get(response["Location"]))
    assert "Continues Switchyard" in page
    assert "No team owns it yet" in page
    assert "Continued by Switchyard Cloud" in text_of(client.get("/settings/products/switchyard/"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"slug": "checkout"}, "There is a product &#x27;checkout&#x27; already"),
        ({"slug": "new"}, "is the address of a page of ours"),
        ({"slug": "Rate Desk"}, "Use small letters, digits and single hyphens"),
        ({"name": ""}, "Write the name that people use"),
        ({"type": ""}, "Choose whether colleagues or customers use it"),
        ({"type": "X"}, "Choose whether colleagues or customers use it"),
        ({"time_zone": "Europe/Atlantis"}, "Choose a time zone from the list"),
        ({"currency": "eur"}, "three capital letters"),
        ({"continues": "nothing"}, "Choose a product from the list"),
        ({"country": "XX"}, "Choose a country from the list"),
        (
            {"country": "DE", "subdivision": "ZZ"},
            "Germany has no &#x27;ZZ&#x27; with public holidays of its own. Write one of",
        ),
        ({"country": "AW", "subdivision": "A"}, "Leave it empty"),
        ({"subdivision": "BY"}, "belongs to a country: choose that first"),
        ({"name": "a\x00b"}, "Null characters are not allowed"),
    ],
)
def test_a_bad_product_is_refused_in_words_with_what_was_typed_kept(
    cast: Cast, typed: dict[str, str], words: str
) -> None:
    good = {"name": "Fine name", "slug": "fine", "type": "I"}
    response = send(signed_in(cast.admin), "/settings/products/new/", **{**good, **typed})
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count(words) == 2  # in the summary and at the field
    assert "<title>Error: New product" in page
    assert 'aria-invalid="true"' in page
    assert "Fine name" in page or "name" in typed
    assert Product.objects.count() == 2


def test_a_pm_changes_what_may_be_changed_and_no_type(cast: Cast) -> None:
    typed = {"name": "Check-out", "audience": "shippers", "time_zone": "Europe/Amsterdam", "currency": "USD"}
    response = send(signed_in(cast.emil), FACTS, **typed, type="I", slug="other")
    assert (response.status_code, response["Location"]) == (303, "/settings/products/checkout/")
    stands = Product.objects.get(pk=cast.checkout.pk)
    assert (stands.name, stands.audience, stands.time_zone, stands.currency) == tuple(typed.values())
    assert (stands.type, stands.slug) == ("E", "checkout")


def test_a_product_takes_the_public_holidays_of_its_country(cast: Cast) -> None:
    client = signed_in(cast.emil)
    assert "no country none are left out of effects" in text_of(client.get("/settings/products/checkout/"))
    assert send(client, FACTS, country="DE", subdivision="BY").status_code == 303
    stands = Product.objects.get(pk=cast.checkout.pk)
    assert (stands.country, stands.subdivision) == ("DE", "BY")
    assert "Germany, BY: 1" in text_of(client.get("/settings/products/checkout/"))


def test_a_new_production_environment_reads_every_release_again_at_once(cast: Cast) -> None:
    release = released(cast.checkout)
    assert not Exposure.objects.exists()
    typed = {"production_environment": "staging", "released_is_live": "on"}
    assert send(signed_in(cast.emil), FACTS, **typed).status_code == 303
    release.refresh_from_db()
    assert (release.state, Exposure.objects.get().exposed_at) == ("live", NOW - timedelta(days=1))
    assert send(signed_in(cast.emil), FACTS, released_is_live=None).status_code == 303
    assert not Exposure.objects.exists()


def test_who_saves_second_is_told_who_saved_first_and_loses_nothing(cast: Cast) -> None:
    emil, lena = signed_in(cast.emil), signed_in(cast.lena)
    form = opened(emil, FACTS)
    assert send(lena, FACTS, name="Lena’s name").status_code == 303
    response = emil.post(FACTS, {**form, "name": "Emil’s name"})
    page = text_of(response)
    assert response.status_code == 409
    assert "Lena changed Lena’s name just now." in page
    assert "Name Lena’s name Emil’s name" in page
    assert response.context["form"]["name"].value() == "Emil’s name"
    assert Product.objects.get(slug="checkout").name == "Lena’s name"
    mine = {bound.name: bound.value() for bound in response.context["form"] if bound.value()}
    assert emil.post(FACTS, mine).status_code == 303
    assert Product.objects.get(slug="checkout").name == "Emil’s name"


def test_a_transfer_is_dated_and_keeps_the_past(cast: Cast) -> None:
    start = TODAY + timedelta(days=10)
    response = send(signed_in(cast.lena), "/settings/products/checkout/team/", team="finance", start=start)
    assert response.status_code == 303
    spans = [
        (row.team.slug, row.period.lower, row.period.upper)
        for row in ProductTeam.objects.filter(product=cast.checkout).order_by("period")
    ]
    assert spans == [("booking", LONG_AGO, start), ("finance", start, None)]
    earlier = send(signed_in(cast.lena), "/settings/products/checkout/team/", team="platform", start=TODAY)
    assert earlier.status_code == 422
    assert "Checkout belongs to Finance since" in text_of(earlier)


def test_a_lead_names_a_second_pm_and_two_owners_are_refused_by_name(cast: Cast) -> None:
    client, path = signed_in(cast.lena), "/settings/products/checkout/pms/new/"
    refused = send(client, path, user="paula@example.com", role="owner")
    assert refused.status_code == 422
    assert "Emil owns Checkout since 2020-01-01" in text_of(refused)
    assert send(client, path, user=" PAULA ", role="co_owner").status_code == 303
    assert Assignment.objects.get(user=cast.paula, product=cast.checkout).role == "co_owner"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"user": "Nobody Known"}, "Nobody here is called “Nobody Known”"),
        ({"user": "Sam"}, "Several people are called “Sam”"),
        ({"user": "gone@example.com"}, "Nobody here is called"),
        ({"user": ""}, "Name a colleague by mail address or whole name"),
        ({"user": "x\x00y"}, "Null characters are not allowed"),
        ({"start": "2026-02-30"}, "Write the day like 2026-06-15"),
        ({"start": "0001-01-01"}, "Choose a day between 2000 and 2099"),
        ({"end": "2020-01-01"}, "It cannot end on 2020-01-01 if it starts on"),
        ({"role": "king"}, "Choose a role from the list"),
    ],
)
def test_a_bad_role_is_refused_in_words(cast: Cast, typed: dict[str, str], words: str) -> None:
    make_user("Sam"), make_user("Sam", email="sam.two@example.com")
    make_user("Gone", is_active=False)
    good = {"user": "otto@example.com", "role": "covering", "start": "2026-01-01"}
    response = send(signed_in(cast.lena), "/settings/products/checkout/pms/new/", **{**good, **typed})
    assert response.status_code == 422
    assert words in text_of(response)
    assert Assignment.objects.filter(product=cast.checkout).count() == 1


def test_an_owner_becomes_co_owner_and_later_goes(cast: Cast) -> None:
    client, row = signed_in(cast.lena), Assignment.objects.get(user=cast.emil)
    path = f"/settings/products/checkout/pms/{row.pk}/"
    assert send(client, path, role="co_owner", start="2026-03-01").status_code == 303
    later = Assignment.objects.get(user=cast.emil, role="co_owner")
    assert (
        send(client, f"/settings/products/checkout/pms/{later.pk}/", role="gone", start="2026-05-01").status_code == 303
    )
    spans = Assignment.objects.filter(user=cast.emil).order_by("period")
    assert [(one.role, one.period.lower, one.period.upper) for one in spans] == [
        ("owner", LONG_AGO, date(2026, 3, 1)),
        ("co_owner", date(2026, 3, 1), date(2026, 5, 1)),
    ]
    refused = send(client, path, role="gone", start="2019-01-01")
    assert refused.status_code == 422
    assert "what has held stays as it was" in text_of(refused)


def test_a_pm_names_an_ally_who_sees_accounts_until_it_ends(cast: Cast) -> None:
    client = signed_in(cast.emil)
    given = {"user": "otto@example.com", "function": "legal", "start": "2026-01-01"}
    assert send(client, "/settings/products/checkout/allies/new/", **given).status_code == 303
    again = send(client, "/settings/products/checkout/allies/new/", **given)
    assert again.status_code == 422
    assert "Otto does this for Checkout on some of these days already" in text_of(again)
    row = Ally.objects.get()
    assert send(client, f"/settings/products/checkout/allies/{row.pk}/", start="2026-02-01").status_code == 303
    assert Ally.objects.get().period.upper == date(2026, 2, 1)


def test_the_pages_cost_the_same_at_one_and_at_fifty(cast: Cast) -> None:
    client, counts = signed_in(cast.admin), []
    for more in (0, 50):
        for number in range(more):
            product = make_product(f"made-{number}")
            own(cast.booking, product)
            assign(make_user(f"Maker {number}"), product)
            assign(make_user(f"Helper {number}"), cast.checkout, "covering")
        asked = []
        for path in ("/settings/products/", "/settings/products/checkout/", "/settings/teams/", "/people/"):
            with CaptureQueriesContext(connection) as statements:
                assert client.get(path).status_code == 200
            asked.append(len(statements))
        counts.append(asked)
    assert counts[0] == counts[1]
