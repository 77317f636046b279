"""Naming KPIs, events, experiments and decisions in Chromium: readable everywhere, and done with and without script."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from metrics.models import Commitment, ReleaseDecision
from metrics.services.commitments import CommitmentFacts, name_kpi
from metrics.services.evidence import ExperimentFacts, decide, enter_experiment
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_days, make_event, make_feature, make_kpi, make_product
from tests.metrics.test_naming import noise

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = {
    "feature": "/features/{feature}/",
    "release": "/releases/{release}/",
    "which KPI": "/features/{feature}/kpis/",
    "one KPI": "/features/{feature}/kpis/orders/?control=searches",
    "experiment": "/releases/{release}/experiments/orders/",
    "decide": "/releases/{release}/decide/",
    "events": "/settings/events/",
    "events of a product": "/settings/events/?product=checkout",
    "new event": "/settings/events/new/",
    "event": "/settings/events/{event}/",
}


@pytest.fixture
def named(cast: Cast) -> dict[str, str]:
    """A feature with three KPIs in several versions, its release with a result and two decisions, events, and a country."""
    now = datetime.now(UTC)
    cast.checkout.country = "NL"
    cast.checkout.save()
    feature = make_feature(cast.emil, cast.checkout, intent="earns")
    orders, revenue, churn = (make_kpi(cast.checkout, slug) for slug in ("orders", "revenue", "churn"))
    searches = make_kpi(make_product("search", "E"), "searches", name="Searches that lead to something")
    for seed, kpi in enumerate((orders, searches)):
        make_days(kpi, now.date(), noise(450, seed))
    for ago, kpi, facts in (
        (30, orders, CommitmentFacts("rise", is_main=True)),
        (29, orders, CommitmentFacts("rise", is_main=True, expected_change=Decimal("0.05"), controls=[searches])),
        (28, churn, CommitmentFacts("stay")),
        (5, revenue, CommitmentFacts("rise", roll_out_days=3)),
    ):
        name_kpi(subject=feature, kpi=kpi, facts=facts, by=cast.emil, now=now - timedelta(days=ago))
        if ago == 28:
            said = {"name": "One-page booking", "features": (feature.key,)}
            exposed = NewReleaseEvent("ci", "1", cast.checkout, "2.0", "exposed", now - timedelta(days=20), **said)
            release = ingest_release_event(event=exposed, now=now).release
    for effect in ("0.04", "0.05"):
        result = ExperimentFacts(
            Decimal(effect), Decimal(0), Decimal("0.1"), "relative", 900, 950, note="By lot, four weeks."
        )
        enter_experiment(release=release, kpi=orders, facts=result, by=cast.emil, now=now)
    decide(release=release, decided="change", reason="A" * 300, by=cast.emil, now=now - timedelta(days=2))
    decide(release=release, decided="keep", reason="It earns.", by=cast.lena, now=now)
    event = make_event(cast.emil, cast.checkout, now.date(), None)
    make_event(cast.lena, None, now.date(), now.date(), name="A day on which the data centre moved", kind="outage")
    return {"feature": feature.key, "release": release.key, "event": str(event.pk)}


@pytest.mark.long  # ten pages of the same parts
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable_in_both_themes_and_at_every_width(
    cast: Cast, named: dict[str, str], open_window: Callable[..., Window], name: str
) -> None:
    assert open_window(cast.lena).troubles(PAGES[name].format(**named)) == {}


def test_a_kpi_is_named_and_a_release_decided_without_script(
    cast: Cast, named: dict[str, str], open_window: Callable[..., Window]
) -> None:
    page = (window := open_window(cast.emil, script=False)).page
    window.go(f"/features/{named['feature']}/")
    page.get_by_role("link", name="Name a KPI").click()
    page.locator("a[href$='kpis/orders/']").click()
    expect(page.get_by_text("that is")).to_have_count(3)
    page.get_by_label("Control 1").select_option("searches")
    page.get_by_role("button", name="Look").click()
    expect(page.get_by_text("beside Searches that lead to something")).to_have_count(1)
    page.get_by_label("By how much, in %").fill("-5")
    page.get_by_role("button", name="Name it").click()
    page.get_by_role("alert").get_by_role("link", name="without a sign").click()
    page.get_by_label("By how much, in %").fill("7.5")
    page.get_by_role("button", name="Name it").click()
    expect(page).to_have_url(re.compile(f"/features/{named['feature']}/(#.*)?$"))
    assert Commitment.objects.latest("pk").expected_change == Decimal("0.075")
    window.go(f"/releases/{named['release']}/")
    page.get_by_role("link", name="Decide anew").click()
    page.get_by_label("What becomes of it").select_option("roll_back")
    page.get_by_label("Why").fill("It loses.")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("heading", name="Decided: roll it back")).to_have_count(1)
    assert ReleaseDecision.objects.count() == 3
