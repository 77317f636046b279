"""The demo company, told once through the services and then looked at as a visitor would."""

import json
import stat
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import numpy as np
import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, Max, Q, Sum
from pytest_django import DjangoDbBlocker

from feedback.models import Feedback
from metrics.models import (
    Commitment,
    Credit,
    CreditMark,
    CreditPart,
    Enablement,
    Kpi,
    Mark,
    Reading,
    ReleaseDecision,
    Rollup,
)
from metrics.queries.circles import circles_for
from metrics.queries.enablement_page import questions_for
from metrics.services.credit_check import check_credit
from metrics.sources.credits import read_credit_facts
from pmtrack.demo import company, hearing, kpis, usage
from pmtrack.demo.days import business_on, calendar
from pmtrack.demo.effects import CONTROLS, TRUE_EFFECTS
from pmtrack.demo.releases import PLANS
from pmtrack.demo.series import Shift, common_demand, draw
from pmtrack.demo.story import SEED
from pmtrack.stack.places import home
from products.access import writable_products
from products.models import Assignment, Membership, Product, Release, User
from tests.factories import NOW

TODAY = NOW.date()
pytestmark = pytest.mark.xdist_group("demo")  # told once, not once in each process


@pytest.fixture(scope="module")
def halden(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[date]:
    """The company in the database; gives its today, the day after the newest readings."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("demo", stdout=StringIO())
        yield Reading.objects.aggregate(newest=Max("day"))["newest"] + timedelta(days=1)
        transaction.set_rollback(True)
    (home() / "demo.json").unlink()


def test_it_has_people_products_and_facts_of_both_types(halden: date, db: None) -> None:
    types = dict(Product.objects.values_list("type").annotate(Count("id")))
    assert types == {"E": 4, "I": 3}
    assert set(Kpi.objects.values_list("family", flat=True)) == set(Kpi.Family.values)
    assert set(Kpi.objects.values_list("form", flat=True)) == set(Kpi.Form.values)
    assert 280 <= Feedback.objects.count() <= 320
    assert User.objects.count() >= 85


def test_its_figures_are_up_to_date_when_it_stands(halden: date, db: None) -> None:
    assert not Mark.objects.exists()
    revenue = Kpi.objects.get(slug="checkout-revenue")
    days = Rollup.objects.filter(measure=f"kpi:{revenue.pk}")
    assert days.count() == revenue.readings.count() == company.HISTORY_DAYS
    newest = revenue.readings.get(day=halden - timedelta(days=1))
    assert days.get(day=newest.day).numerator == newest.numerator


def test_switchyard_reaches_eleven_of_fourteen_teams_after_three(halden: date, db: None) -> None:
    weeks = Rollup.objects.filter(measure="reach.teams", product__slug="switchyard").order_by("day")
    assert (weeks.first().numerator, weeks.last().numerator) == (3, 11)
    assert {week.denominator for week in weeks} == {14}


def test_a_release_taken_back_after_14_minutes_was_shipped_again(halden: date, db: None) -> None:
    spans = Release.objects.get(name="Bulk toggle").exposures.order_by("exposed_at")
    first, second = spans
    assert first.rolled_back_at - first.exposed_at == timedelta(minutes=14)
    assert second.rolled_back_at is None


def test_trying_a_release_with_a_few_customers_does_not_start_its_clock(halden: date, db: None) -> None:
    pilot = Release.objects.get(name="One-page booking", environment="pilot")
    assert (pilot.live_at, pilot.exposures.count()) == (None, 0)


def test_a_pm_who_moved_writes_only_where_she_is_now(halden: date, db: None) -> None:
    maya = User.objects.get(name="Maya Lindgren")
    duties = Assignment.objects.filter(user=maya).order_by("period").values_list("product__slug", "period")
    (before, left), (now, held) = duties
    assert (before, now) == ("switchyard", "checkout")
    assert left.upper == held.lower
    assert held.upper is None
    writable = set(writable_products(maya, day=halden).values_list("slug", flat=True))
    assert "checkout" in writable
    assert "switchyard" not in writable


def test_an_internal_tool_that_opened_to_customers_is_continued_by_another_product(halden: date, db: None) -> None:
    opened = Product.objects.get(slug="dock-booking")
    assert (opened.type, opened.continues.slug, opened.continues.type) == ("E", "dock-planner", "I")


def test_its_sign_ins_work_and_only_their_owner_can_read_them(halden: date, db: None) -> None:
    path = home() / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for part, role in (("lead", "lead"), ("pm", "pm")):
        user = authenticate(None, **json.loads(path.read_text())[part])
        assert Membership.objects.filter(user=user, role=role, period__contains=halden).exists()
    assert User.objects.exclude(password__startswith="!").count() == len(company.SIGN_INS)


def test_told_again_it_refuses_and_changes_nothing(halden: date, db: None) -> None:
    with pytest.raises(CommandError, match="This database is in use"):
        call_command("demo", stdout=StringIO())
    assert Product.objects.count() == len(company.PRODUCTS)


def test_the_same_seed_and_today_tell_the_same_story() -> None:
    year = calendar(today=TODAY, length=company.HISTORY_DAYS)
    for measure in kpis.MEASURES:
        first, again = (draw(measure, seed=1, calendar=year, demand=common_demand(1, year)) for _ in range(2))
        other = draw(measure, seed=2, calendar=year, demand=common_demand(2, year))
        assert first == again
        assert first != other or measure.first == 0, "only a KPI that nobody pushes yet is the same in every story"
    entries, repeated = (hearing.heard(seed=1, today=TODAY, colleagues=["A B", "C D"]) for _ in range(2))
    assert entries == repeated
    assert list(usage.weeks(seed=1, today=TODAY, length=430)) == list(usage.weeks(seed=1, today=TODAY, length=430))


@pytest.mark.parametrize("today", [TODAY, date(2028, 2, 29), date(2027, 1, 1), date(2026, 11, 1)])
def test_it_can_be_told_on_any_day(today: date) -> None:
    year = calendar(today=today, length=company.HISTORY_DAYS)
    assert year.days[-1] == today - timedelta(days=1)
    entries = hearing.heard(seed=SEED, today=today, colleagues=["A B"])
    assert max(entry.received_at.date() for entry in entries) < today
    assert len({entry.text for entry in entries}) == len(entries)
    weeks = list(usage.weeks(seed=SEED, today=today, length=company.HISTORY_DAYS))
    assert {week.week.weekday() for week in weeks} == {0}
    assert max(week.week for week in weeks) + timedelta(days=7) <= today
    assert all(week.active <= week.eligible for week in weeks)


def test_holidays_move_with_easter() -> None:
    assert business_on(date(2026, 4, 6)) < 1  # Easter Monday
    assert business_on(date(2027, 3, 29)) < 1
    assert business_on(date(2026, 12, 25)) < business_on(date(2026, 12, 23))


@pytest.mark.parametrize(("slug", "change"), [("checkout-revenue", 0.2), ("checkout-conversion", 0.05)])
def test_a_true_effect_moves_its_kpi_by_what_the_table_says_and_nothing_before(slug: str, change: float) -> None:
    year = calendar(today=TODAY, length=company.HISTORY_DAYS)
    measure = next(measure for measure in kpis.MEASURES if measure.slug == slug)
    demand, shift = common_demand(SEED, year), Shift(change, start=200, rollout=0, end=400)
    plain = draw(measure, seed=SEED, calendar=year, demand=demand)
    moved = draw(measure, seed=SEED, calendar=year, demand=demand, shifts=[shift])
    levels = np.array([[float(day.numerator / (day.denominator or 1)) for day in days] for days in (plain, moved)])
    gap = levels[1] / levels[0] - 1 if measure.form == "sum" else levels[1] - levels[0]
    assert np.all(gap[:200] == 0)
    assert gap[200:400].mean() == pytest.approx(change, rel=0.15)
    assert abs(gap[400:].mean()) < change / 5


def test_the_table_of_effects_names_releases_kpis_and_untouched_controls_that_exist() -> None:
    slugs, plans = {measure.slug for measure in kpis.MEASURES}, {(plan.product, plan.version) for plan in PLANS}
    touched = {(effect.product, effect.kpi) for effect in TRUE_EFFECTS}
    assert {effect.kpi for effect in TRUE_EFFECTS} | set(CONTROLS) <= slugs
    assert {(effect.product, effect.version) for effect in TRUE_EFFECTS} <= plans
    for kpi, controls in CONTROLS.items():
        own = next(measure.product for measure in kpis.MEASURES if measure.slug == kpi)
        assert set(controls) <= slugs
        assert all((own, control) not in touched for control in controls)


def test_its_next_release_says_what_it_is_to_change_and_what_could_show(halden: date, db: None) -> None:
    named = {
        row.kpi.slug: row for row in Commitment.objects.filter(feature__title="Split payment").select_related("kpi")
    }
    assert set(named) == {"checkout-revenue", "checkout-conversion", "checkout-churn"}
    assert all(row.detectable for row in named.values())
    assert list(ReleaseDecision.objects.order_by("at").values_list("decided", flat=True)) == [
        "change",
        "roll_back",
        "keep",
    ]


def test_it_says_whose_work_helped_whom_in_every_state_and_in_a_circle(halden: date, db: None) -> None:
    states = dict(Enablement.objects.values_list("state").annotate(Count("id")))
    assert set(states) == {"claimed", "confirmed", "adjusted", "disputed", "measured", "expired"}
    maya = User.objects.get(email__startswith="maya.")
    assert [one.question for one in questions_for(maya, now=datetime.now(UTC))] == [
        "Did Who sees what of Switchyard help with Invoice at checkout?"
    ]
    ines = User.objects.get(email__startswith="ines.")
    circles = circles_for(ines, day=halden)
    assert [one.names for one in circles.teams] == ["Booking and Platform"]
    assert circles.people
    assert circles.within
    measured = Enablement.objects.get(state="measured")
    assert (measured.feature and measured.feature.title, measured.days_high) == ("Bulk rate upload", 20)


def test_its_credit_stands_with_it_and_adds_up_to_the_measured_effects(halden: date, db: None) -> None:
    measured: dict[tuple[int, date], float] = defaultdict(float)
    for one in read_credit_facts().read:
        measured[one.kpi, one.period] += one.effect.value
    summed = Credit.objects.values_list("kpi", "period").annotate(Sum("credited"))
    assert {(kpi, period): value for kpi, period, value in summed} == pytest.approx(measured, rel=1e-9)
    assert len(measured) >= 10
    assert check_credit(now=datetime.now(UTC)) == []
    assert not CreditMark.objects.exists()


def test_its_credit_flows_through_assumed_days_and_in_a_circle_and_one_product_has_many_links(
    halden: date, db: None
) -> None:
    parts = CreditPart.objects.select_related("split")
    assert parts.filter(is_assumed=True).exists()
    assert parts.filter(unblocks__gt=0).exists()
    helped = {(one.split.kpi_id, one.split.period, one.product.slug, one.split.product.slug) for one in parts}
    assert any((kpi, period, other, one) in helped for kpi, period, one, other in helped)
    assert Credit.objects.filter(own_effect=None, credited__gt=0).exists()
    links = Q(upstream_product__slug="switchyard") | Q(downstream_product__slug="switchyard")
    assert Enablement.objects.filter(links).count() > 8
