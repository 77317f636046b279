"""What internal releases did for the work of others, on the impact pages: the rows, their order, their count, and the sentence."""

from datetime import timedelta

import pytest
from django.test import Client

from metrics.models import Enablement
from metrics.queries.dashboards import Dashboard, Panel, type_dashboard
from metrics.queries.periods import read_period
from products.models import Release
from tests.conftest import Cast
from tests.credit.scene import LIVE, ask_again, read, ship, thanks
from tests.factories import NOW, make_feature, make_kpi

PERIOD = read_period("", "", today=NOW.date())


@pytest.fixture
def helping(cast: Cast) -> Release:
    """A live release of Switchyard that sped up one feature of Checkout and enabled another; a third help is claimed only."""
    release = ship(cast.switchyard, "Flags")
    said = (
        ("Bulk booking", "accelerated", (4, 6)),
        ("Push alerts", "enabled", None),
        ("Invoices", "accelerated", (20, 30)),
    )
    rows = [thanks(cast.emil, make_feature(cast.emil, cast.checkout, title=title), cast.switchyard, kind, days, release)
        for title, kind, days in said]  # fmt: skip
    ask_again(rows[2], cast.emil)
    return release


def internal(cast: Cast) -> tuple[Dashboard, Panel]:
    """The internal dashboard and its panel."""
    dashboard = type_dashboard(cast.lena, "I", period=PERIOD, now=NOW)
    return dashboard, dashboard.panels[0]


def test_benefits_stand_by_grade_and_then_by_size_under_their_count(cast: Cast, helping: Release) -> None:
    dashboard, panel = internal(cast)
    assert panel.benefits is not None
    rows = [(row.work, row.grade, row.saved) for row in panel.benefits.table.rows]
    assert rows == [
        ("Bulk booking", "confirmed", "5 days"), ("Push alerts", "confirmed", "new"), ("Invoices", "claimed", "25 days"),
    ]  # fmt: skip
    assert panel.title == "Internal: 2 of 3 benefits are backed"
    assert "Of three benefits for the work of others, two are confirmed or measured." in dashboard.verdict


def test_a_release_that_helped_is_counted_as_live_once_and_not_listed_as_unread(cast: Cast, helping: Release) -> None:
    ship(cast.switchyard, "Audit trail")
    _, panel = internal(cast)
    assert (panel.total, panel.unread, panel.shown, panel.all) == (2, 1, 4, 4)
    assert [row.release for row in panel.rows] == ["Audit trail"]


def test_what_its_asked_colleague_disputes_is_no_benefit(cast: Cast, helping: Release) -> None:
    for row in Enablement.objects.all():
        no_answer = {"asked": None, "asked_at": None, "expires_at": None, "days_low": None, "days_high": None}
        ask_again(row, cast.emil).update(state="disputed", answered_by=cast.emil, answered_at=NOW, **no_answer)
    dashboard, panel = internal(cast)
    assert (panel.benefits, panel.unread) == (None, 1)
    assert "benefit" not in dashboard.verdict


def test_help_of_a_release_outside_the_period_or_rolled_back_is_no_benefit_of_it(cast: Cast, helping: Release) -> None:
    Release.objects.update(live_at=LIVE - timedelta(days=900))
    assert internal(cast)[1].benefits is None
    Release.objects.update(live_at=LIVE, state="rolled_back", rolled_back_at=NOW)
    assert internal(cast)[1].benefits is None


def test_help_without_a_release_counts_by_the_day_on_which_it_was_said(cast: Cast) -> None:
    thanks(cast.emil, make_feature(cast.emil, cast.checkout), cast.switchyard, "unblocked", None, None)
    _, panel = internal(cast)
    assert panel.benefits is not None
    assert (panel.benefits.total, panel.benefits.releases, panel.title) == (1, 0, "Internal: 1 of 1 benefit is backed")
    assert "The one benefit for the work of others is confirmed or measured." in internal(cast)[0].verdict


def test_claims_that_nobody_answered_are_told_as_claims(cast: Cast, helping: Release) -> None:
    for row in Enablement.objects.filter(state="confirmed"):
        ask_again(row, cast.emil)
    dashboard, panel = internal(cast)
    assert panel.title == "Internal: 0 of 3 benefits are backed"
    assert "Three benefits for the work of others are claimed, none confirmed yet." in dashboard.verdict


def test_the_team_page_prints_each_benefit_with_its_evidence(cast: Cast, helping: Release) -> None:
    client = Client()
    client.force_login(cast.paula)
    page = client.get("/impact/?team=platform", secure=True).content.decode()
    for row in Enablement.objects.all():
        assert f'href="/enablements/{row.key}/"' in page
    assert "Working days saved" in page
    assert "2 of 3 benefits are backed" in page


def test_evidence_counts_benefits_of_internal_products_and_readings_of_external_releases(
    cast: Cast, helping: Release
) -> None:
    Enablement.objects.filter(kind="enabled").update(state="measured")
    kpi = make_kpi(cast.checkout, "happiness", "mean")
    read(ship(cast.checkout, "One-page booking"), kpi, 1, 0.5)
    read(ship(cast.checkout, "Split payment"), kpi, 1, 0.5, word="too_early", words="Too early")
    ship(cast.checkout, "Night mode")
    ship(cast.checkout, "Long ago", live=LIVE - timedelta(days=900))
    found = {type: type_dashboard(cast.lena, type, period=PERIOD, now=NOW).products[0].evidence for type in "IE"}
    assert (found["I"].full, found["I"].half, found["I"].thin, found["I"].text) == (1, 1, 1, "2 of 3 backed")
    assert (found["E"].full, found["E"].half, found["E"].thin, found["E"].text) == (1, 1, 1, "1 of 3 read")
    assert found["E"].label == "3 releases: 1 with an effect read, 1 with a KPI named, 1 with none"


def test_no_evidence_is_said_in_words_and_not_as_a_zero(cast: Cast) -> None:
    for type, words in (("I", "nothing claimed"), ("E", "no release")):
        (product,) = type_dashboard(cast.lena, type, period=PERIOD, now=NOW).products
        assert (product.evidence.total, product.evidence.text) == (0, words)
