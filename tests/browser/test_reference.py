"""The API's reference in a real browser: readable at every width in both themes, and without script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from metrics.models import Kpi
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_kpi, make_token

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visits(cast: Cast) -> Kpi:
    """Checkout's visits."""
    return make_kpi(cast.checkout, "checkout-visits", "sum")


@pytest.mark.long  # looked at page by page
def test_the_reference_is_readable_in_both_themes_and_at_every_width(
    cast: Cast, visits: Kpi, open_window: Callable[..., Window]
) -> None:
    make_token(cast.emil, product=cast.checkout)
    assert open_window(cast.emil).troubles("/api/docs/") == {}


def test_the_reference_needs_no_script(cast: Cast, visits: Kpi, open_window: Callable[..., Window]) -> None:
    window = open_window(cast.emil, script=False)
    window.go("/api/docs/")
    window.page.click("nav.toc >> text=Push readings of a KPI")
    assert window.page.url.endswith("#push_readings")
    expect(window.page.locator("#push_readings")).to_contain_text("kpis/checkout-visits/readings:batch")


def test_every_link_within_the_reference_leads_somewhere(
    cast: Cast, visits: Kpi, open_window: Callable[..., Window]
) -> None:
    window = open_window(cast.emil)
    window.go("/api/docs/")
    lost = window.page.evaluate(
        "[...document.querySelectorAll('main a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        '.filter(id => document.querySelectorAll(`[id="${id}"]`).length !== 1)'
    )
    assert lost == []
