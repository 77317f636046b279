"""Django's admin goes through the same rules as the settings."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from products.models import Exposure, Membership, Product, User
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.conftest import Cast
from tests.factories import NOW, make_kpi
from tests.journeys.forms import opened
from tests.journeys.test_pages import signed_in, text_of

pytestmark = pytest.mark.django_db


def save(client: Client, path: str, **typed: str) -> HttpResponse:
    """Open the admin's form, change what is ``typed``, save."""
    form = client.get(path).context["adminform"].form
    stands = {bound.name: bound.value() for bound in form if bound.value() not in (None, False)}
    return client.post(path, {**stands, **typed})


def test_a_new_clock_set_in_the_admin_reads_every_release_again(cast: Cast) -> None:
    event = NewReleaseEvent("ci", "1", cast.checkout, "1.0", "released", NOW - timedelta(days=1))
    ingest_release_event(event=event, now=NOW)
    assert not Exposure.objects.exists()
    path = f"/admin/products/product/{cast.checkout.pk}/change/"
    assert save(signed_in(cast.admin), path, released_is_live="on").status_code == 302
    assert Exposure.objects.get().exposed_at == NOW - timedelta(days=1)


def test_the_admins_note_is_who_changed_it_last(cast: Cast) -> None:
    emil = signed_in(cast.emil)
    path = "/settings/products/checkout/facts/"
    form = {bound.name: bound.value() for bound in emil.get(path).context["form"] if bound.value()}
    save(signed_in(cast.admin), f"/admin/products/product/{cast.checkout.pk}/change/", name="Till")
    response = emil.post(path, {**form, "name": "Desk"})
    assert response.status_code == 409
    assert "Ada Admin changed Till just now." in text_of(response)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"time_zone": "Mars"}, "is no IANA time zone"),
        ({"currency": "eur"}, "currency"),
        ({"country": "XX"}, "is no country that we know"),
        ({"country": "DE", "subdivision": "ZZ"}, "Germany has no such subdivision"),
    ],
)
def test_a_bad_product_is_refused_in_the_admin_in_words(cast: Cast, typed: dict[str, str], words: str) -> None:
    response = save(signed_in(cast.admin), f"/admin/products/product/{cast.checkout.pk}/change/", **typed)
    assert response.status_code == 200
    assert words in text_of(response)


def test_the_admin_changes_no_type_no_role_and_nobodys_standing(cast: Cast) -> None:
    client = signed_in(cast.admin)
    save(client, f"/admin/products/product/{cast.checkout.pk}/change/", type="I", slug="other")
    row = Membership.objects.get(user=cast.emil)
    save(client, f"/admin/products/membership/{row.pk}/change/", role="lead")
    save(client, f"/admin/products/user/{cast.emil.pk}/change/", is_admin="on", is_active="")
    assert Product.objects.get(pk=cast.checkout.pk).type == "E"
    assert Product.objects.get(pk=cast.checkout.pk).slug == "checkout"
    assert Membership.objects.get(pk=row.pk).role == "pm"
    assert (User.objects.get(pk=cast.emil.pk).is_admin, User.objects.get(pk=cast.emil.pk).is_active) == (False, True)


def test_an_empty_period_is_refused_in_the_admin_in_words(cast: Cast) -> None:
    client = signed_in(cast.admin)
    given = {"user": cast.otto.pk, "team": cast.booking.pk, "role": "pm", "period_0": "2026-07-01"}
    response = client.post("/admin/products/membership/add/", {**given, "period_1": "2026-07-01"})
    assert response.status_code == 200
    assert "A period has a first day" in text_of(response)
    no_start = client.post("/admin/products/membership/add/", {**given, "period_0": "", "period_1": "2026-07-01"})
    assert "A period has a first day" in text_of(no_start)
    assert not Membership.objects.filter(user=cast.otto, team=cast.booking).exists()


def test_kpis_are_looked_at_in_the_admin_and_changed_by_who_answers_for_them(cast: Cast) -> None:
    kpi = make_kpi(cast.checkout, "revenue")
    client = signed_in(cast.admin)
    assert client.get("/admin/metrics/kpi/").status_code == 200
    assert client.get(f"/admin/metrics/kpi/{kpi.pk}/change/").status_code == 200
    assert client.post(f"/admin/metrics/kpi/{kpi.pk}/change/", {"name": "Other"}).status_code == 403
    assert client.get("/admin/metrics/kpi/add/").status_code == 403


def test_a_change_in_the_admin_is_named_to_who_had_the_same_open_in_the_settings(cast: Cast) -> None:
    emil, path = signed_in(cast.emil), "/settings/products/checkout/facts/"
    form = opened(emil, path)
    save(signed_in(cast.admin), f"/admin/products/product/{cast.checkout.pk}/change/", name="Till")
    response = emil.post(path, {**form, "name": "Counter"})
    assert response.status_code == 409
    assert "Ada Admin changed Till just now." in text_of(response)
