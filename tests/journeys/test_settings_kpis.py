"""Settings of KPIs in the browser: defined, changed, reworded, and refused in words."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Kpi, KpiDefinition
from metrics.services.readings import NewReading, push_readings
from tests.conftest import Cast
from tests.factories import NOW, make_kpi
from tests.journeys.forms import opened, send
from tests.journeys.test_pages import signed_in, text_of

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date()
NEW = "/settings/kpis/new/"
GOOD = {
    "name": "Revenue",
    "slug": "checkout-revenue",
    "wording": "Fees paid that day.",
    "family": "revenue",
    "form": "sum",
    "unit": "EUR",
    "currency": "EUR",
    "direction": "up",
    "target": "117000",
    "smallest_change_worth": "0.02",
    "is_main": "on",
}


@pytest.fixture
def revenue(cast: Cast) -> Kpi:
    """A KPI of Checkout with one wording."""
    kpi = make_kpi(cast.checkout, "revenue", currency="EUR")
    KpiDefinition.objects.create(kpi=kpi, holds_from=date(2026, 1, 1), wording="All fees.")
    return kpi


def test_a_pm_defines_a_kpi_of_the_own_product(cast: Cast) -> None:
    client = signed_in(cast.emil)
    response = send(client, NEW, **GOOD)
    assert (response.status_code, response["Location"]) == (303, "/settings/kpis/checkout-revenue/")
    kpi = Kpi.objects.get(slug="checkout-revenue")
    assert (kpi.product, kpi.target, kpi.smallest_change_worth, kpi.is_main) == (
        cast.checkout,
        Decimal(117000),
        Decimal("0.02"),
        True,
    )
    page = text_of(client.get(response["Location"]))
    assert "Fees paid that day." in page
    assert "Smallest change worth having 2 %" in page


def test_a_lead_chooses_among_the_products_of_all_own_teams(cast: Cast) -> None:
    client = signed_in(cast.lena)
    assert send(client, NEW, **GOOD).status_code == 422
    assert send(client, f"{NEW}?product=switchyard", **GOOD).status_code == 303
    assert Kpi.objects.get().product == cast.switchyard


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"product": "switchyard"}, "product"),
        ({"slug": "taken"}, "slug"),
        ({"is_main": "on"}, "is_main"),
        ({"currency": "euro"}, "currency"),
        ({"target": "NaN"}, "target"),
        ({"target": "1e999999"}, "target"),
        ({"target": "1" * 30}, "target"),
        ({"smallest_change_worth": "-1"}, "smallest_change_worth"),
        ({"smallest_change_worth": "0.00001"}, "smallest_change_worth"),
        ({"form": "sums"}, "form"),
        ({"holds_from": "9999-99-99"}, "holds_from"),
        ({"wording": "x" * 1001}, "wording"),
        ({"wording": ""}, "wording"),
    ],
)
def test_a_bad_kpi_is_refused_at_its_field(cast: Cast, typed: dict[str, str], field: str) -> None:
    make_kpi(cast.checkout, "taken", is_main=True)
    response = send(signed_in(cast.emil), NEW, **{**GOOD, "is_main": None, **typed})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert response.context["form"]["name"].value() == "Revenue"
    assert Kpi.objects.count() == 1


def test_a_new_wording_is_a_new_version_and_the_old_one_stays(cast: Cast, revenue: Kpi) -> None:
    client, path = signed_in(cast.emil), "/settings/kpis/revenue/wording/"
    assert send(client, path, wording="Fees without refunds.", holds_from="2026-06-01").status_code == 303
    page = text_of(client.get("/settings/kpis/revenue/"))
    assert page.index("Fees without refunds. from 1 Jun 2026 on") < page.index(
        "All fees. from 1 Jan 2026 to 1 Jun 2026"
    )
    assert "nothing is read across it" in page
    refused = send(client, path, wording="Sneaked in.", holds_from="2026-06-01")
    assert refused.status_code == 422
    assert "has a definition from 2026-06-01 on" in text_of(refused)
    assert refused.context["form"]["wording"].value() == "Sneaked in."
    assert send(client, path, wording="Soon.", holds_from=TODAY + timedelta(days=9)).status_code == 303
    assert "planned from" in text_of(client.get("/settings/kpis/revenue/"))


def test_a_new_main_kpi_takes_the_place_of_the_old_one(cast: Cast, revenue: Kpi) -> None:
    old = make_kpi(cast.checkout, "conversion", is_main=True)
    other = make_kpi(cast.switchyard, "rollouts", is_main=True)
    assert send(signed_in(cast.emil), "/settings/kpis/revenue/facts/", is_main="on").status_code == 303
    assert list(Kpi.objects.filter(is_main=True).order_by("slug")) == [revenue, other]
    assert old.pk


def test_a_change_keeps_what_the_readings_were_made_for(cast: Cast, revenue: Kpi) -> None:
    typed = {
        "name": "Fees",
        "direction": "down",
        "target": "0.5",
        "form": "ratio",
        "slug": "x",
        "product": "switchyard",
    }
    assert send(signed_in(cast.lena), "/settings/kpis/revenue/facts/", **typed).status_code == 303
    revenue.refresh_from_db()
    assert (revenue.name, revenue.direction, revenue.target) == ("Fees", "down", Decimal("0.5"))
    assert (revenue.form, revenue.slug, revenue.product) == ("sum", "revenue", cast.checkout)


def test_money_that_is_read_keeps_its_currency(cast: Cast, revenue: Kpi) -> None:
    day = NewReading(day=date(2026, 6, 1), numerator=Decimal(5))
    push_readings(kpi=revenue, readings=[day], source="bi", now=NOW)
    response = send(signed_in(cast.emil), "/settings/kpis/revenue/facts/", currency="USD")
    assert response.status_code == 422
    assert "has readings in EUR" in text_of(response)


def test_two_who_change_one_kpi_are_told_of_each_other(cast: Cast, revenue: Kpi) -> None:
    path = "/settings/kpis/revenue/facts/"
    emil, lena = signed_in(cast.emil), signed_in(cast.lena)
    form = opened(emil, path)
    assert send(lena, path, target="100").status_code == 303
    response = emil.post(path, {**form, "target": "200"})
    assert response.status_code == 409
    assert "Lena changed Revenue just now." in text_of(response)
    assert "Target 100 200" in text_of(response)
    assert Kpi.objects.get().target == 100


def test_the_list_of_kpis_costs_the_same_at_one_and_at_fifty(cast: Cast, revenue: Kpi) -> None:
    client, counts = signed_in(cast.emil), []
    for more in (0, 50):
        for number in range(more):
            make_kpi(cast.switchyard, f"made-{number}")
        with CaptureQueriesContext(connection) as statements:
            assert client.get("/settings/kpis/").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_an_administrator_reads_kpis_and_is_told_who_changes_them(cast: Cast, revenue: Kpi) -> None:
    page = text_of(signed_in(cast.admin).get("/settings/kpis/revenue/"))
    assert "Checkout’s PMs and the leads of its team may change it" in page
    assert "New wording" not in page
