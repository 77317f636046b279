"""The settings and the list of people in a real browser: every state, every width, both themes, by keyboard, without script."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from metrics.models import KpiDefinition
from products.models import Membership, Product
from products.services.products import add_ally, give_product
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import join, make_kpi, make_product, make_user, own

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Window]
TODAY = datetime.now(UTC).date()
PAGES = {
    "people": ("lena", "/people/"),
    "nobody found": ("otto", "/people/?q=nobody-of-this-name"),
    "settings of a lead": ("lena", "/settings/"),
    "settings of an outsider": ("otto", "/settings/"),
    "settings of an administrator": ("admin", "/settings/"),
    "products": ("lena", "/settings/products/"),
    "new product": ("admin", "/settings/products/new/"),
    "product": ("lena", "/settings/products/checkout/"),
    "product without anybody": ("admin", "/settings/products/bare/"),
    "product, facts": ("emil", "/settings/products/checkout/facts/"),
    "product, transfer": ("lena", "/settings/products/checkout/team/"),
    "product, new PM": ("lena", "/settings/products/checkout/pms/new/"),
    "product, new ally": ("emil", "/settings/products/checkout/allies/new/"),
    "refused": ("otto", "/settings/products/checkout/"),
    "teams": ("lena", "/settings/teams/"),
    "new team": ("admin", "/settings/teams/new/"),
    "team": ("lena", "/settings/teams/booking/"),
    "team, new role": ("lena", "/settings/teams/booking/roles/new/"),
    "people, settings": ("admin", "/settings/people/"),
    "new person": ("admin", "/settings/people/new/"),
    "KPIs": ("emil", "/settings/kpis/"),
    "new KPI": ("emil", "/settings/kpis/new/"),
    "KPI": ("emil", "/settings/kpis/conversion/"),
    "KPI, facts": ("emil", "/settings/kpis/conversion/facts/"),
    "KPI, wording": ("emil", "/settings/kpis/conversion/wording/"),
    "KPI, to read": ("otto", "/settings/kpis/conversion/"),
}


@pytest.fixture
def company(cast: Cast) -> Cast:
    """History, plans and long names: what makes tables wide."""
    tomorrow = TODAY + timedelta(days=30)
    make_product("bare", "E", name="A product with quite a long name for a narrow screen", continues=cast.switchyard)
    give_product(product=cast.checkout, team=cast.finance, start=tomorrow)
    add_ally(product=cast.checkout, user=cast.otto, function="account_management", start=date(2026, 1, 1))
    kpi = make_kpi(cast.checkout, "conversion", "ratio", unit="%", is_main=True, target="0.46")
    KpiDefinition.objects.create(
        kpi=kpi, holds_from=date(2026, 1, 1), wording="Visits that ended in a booking ÷ visits."
    )
    KpiDefinition.objects.create(kpi=kpi, holds_from=tomorrow, wording="Sessions that ended in a booking ÷ sessions.")
    email = "maximiliane.von-der-leyenstein-hohenberg@a-rather-long-company-name.example.com"
    long = make_user("Maximiliane von der Leyenstein-Hohenberg", email=email)
    join(long, cast.booking, "member", start=tomorrow)
    for number in range(60):
        make_user(f"Zoe {number:02}")
    own(cast.booking, make_product("rate-desk"))
    return cast


@pytest.mark.long  # two dozen pages of the same three parts
@pytest.mark.parametrize("name", PAGES)
def test_a_settings_page_is_readable_in_both_themes_and_at_every_width(
    company: Cast, open_window: Open, name: str
) -> None:
    who, path = PAGES[name]
    window = open_window(getattr(company, who))
    assert window.troubles(path) == {}


def test_what_is_wrong_is_said_where_the_focus_is_and_at_the_field(company: Cast, open_window: Open) -> None:
    window = open_window(company.lena, width=390)
    window.go("/settings/teams/booking/roles/new/")
    window.page.fill("#id_user", "Nobody at all")
    with window.page.expect_navigation():
        window.page.press("#id_user", "Enter")
    expect(window.page).to_have_title(re.compile("^Error: Add somebody to Booking"))
    expect(window.page.locator(":focus")).to_contain_text("There is a problem")
    assert window.page.get_attribute("#id_user", "aria-invalid") == "true"
    described = (window.page.get_attribute("#id_user", "aria-describedby") or "").split()
    words = " ".join(window.page.inner_text(f"#{one}") for one in described)
    assert "whole name" in words
    assert "Nobody here is called “Nobody at all”" in words
    assert window.page.input_value("#id_user") == "Nobody at all"
    assert window.violations() == []
    assert window.sideways() <= 0
    window.page.click("[role=alert] a")
    assert window.page.evaluate("document.activeElement.id") == "id_user"


def test_a_conflict_shows_both_texts_and_one_more_press_keeps_ones_own(company: Cast, open_window: Open) -> None:
    path = "/settings/products/checkout/facts/"
    emil, lena = open_window(company.emil, width=390), open_window(company.lena)
    emil.go(path)
    lena.go(path)
    for window, words in ((lena, "hers"), (emil, "his")):
        window.page.fill("#id_audience", words)
        with window.page.expect_navigation():
            window.page.click("main button[type=submit]")
    expect(emil.page.locator(":focus")).to_contain_text("Lena changed Checkout just now.")
    assert emil.page.inner_text("table.both tbody").split() == ["Who", "it", "is", "for", "hers", "his"]
    assert emil.page.input_value("#id_audience") == "his"
    assert emil.violations() == []
    assert emil.sideways() <= 0
    with emil.page.expect_navigation():
        emil.page.click("main button[type=submit]")
    assert Product.objects.get(slug="checkout").audience == "his"


def test_a_role_is_changed_with_the_keyboard_alone_and_without_script(company: Cast, open_window: Open) -> None:
    window = open_window(company.lena, script=False)
    row = Membership.objects.get(user=company.emil)
    window.go(f"/settings/teams/booking/roles/{row.pk}/")
    window.page.focus("#id_role")
    window.page.keyboard.type("No longer")
    for _ in range(5):  # the day, its month, its year, its calendar, the button
        window.page.keyboard.press("Tab")
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    expect(window.page.locator("main")).to_contain_text("Emil’s role in Booking changes on")
    assert Membership.objects.get(pk=row.pk).period.upper == TODAY
    assert window.messages == []


def test_who_marks_somebody_as_left_reads_first_what_that_does(company: Cast, open_window: Open) -> None:
    window = open_window(company.admin)
    window.go("/settings/people/?q=otto")
    window.page.click("text=Has left")
    expect(window.page.locator("main")).to_contain_text("Their API tokens are revoked")
    assert window.violations() == []
    with window.page.expect_navigation():
        window.page.click("main button[type=submit]")
    expect(window.page.locator("main")).to_contain_text("Otto is marked as left.")
    company.otto.refresh_from_db()
    assert not company.otto.is_active
