"""Credit as derived rows: the worked example, what enters, what changes them, and that nothing is lost on the way."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from metrics.models import Credit, CreditMark, CreditPart, CreditSplit, Enablement, Estimate, Mark
from metrics.services.credit_check import check_credit, rebuild_credit
from metrics.services.credit_drain import drain_credit
from products.models import Release
from tests.conftest import Cast
from tests.credit.scene import LIVE, Example, ask_again, credits, quarter, read, say_again, settle, ship
from tests.factories import NOW, make_feature, make_kpi, make_product, make_team, own

pytestmark = pytest.mark.django_db
EXACTLY = {"rel": 1e-9}


@pytest.fixture
def example(cast: Cast) -> Example:
    made = Example(cast)
    settle()
    return made


def test_the_worked_example_is_stored_to_the_last_digit(example: Example) -> None:
    assert credits() == pytest.approx(
        {"checkout": 140 / 3, "payments": 140 / 3, "web": 5.0, "design": 5 / 3}, **EXACTLY
    )
    rows = {row.product.slug: row for row in Credit.objects.select_related("product")}
    assert {row.period for row in rows.values()} == {quarter(LIVE.date())}
    assert (rows["checkout"].own_effect, rows["checkout"].own_error, rows["checkout"].releases) == (100, 20, 1)
    assert (rows["web"].own_effect, rows["web"].own_error, rows["web"].releases) == (None, None, 0)
    assert rows["web"].throughput == pytest.approx(20 / 3)
    assert rows["web"].kept == pytest.approx(0.75)
    assert rows["checkout"].error == pytest.approx(20 * 0.4666667, rel=1e-6)
    assert all(row.is_exact and (row.horizon_days, row.horizon_version) == (90, 1) for row in rows.values())


def test_the_split_says_who_gets_what_and_on_whose_word(example: Example) -> None:
    held = CreditSplit.objects.get(release=example.release)
    assert (held.effect, held.error, held.refused) == (100, 20, "")
    assert held.builder == pytest.approx(0.4666667, rel=1e-6)
    parts = {part.product.slug: part for part in CreditPart.objects.filter(split=held)}
    assert parts["payments"].share == pytest.approx(held.builder)
    assert parts["payments"].enablements == [example.unblocked.pk]
    assert (parts["web"].days_low, parts["web"].enablements) == (18, [example.faster.pk])
    assert held.builder + sum(part.share for part in parts.values()) == pytest.approx(1)
    assert parts["web"].team is not None
    assert parts["web"].team.slug == "web"


def test_what_is_not_confirmed_any_more_returns_to_the_others(example: Example) -> None:
    ask_again(example.unblocked, example.cast.emil)
    settle()
    found = credits()
    assert "payments" not in found
    assert found["checkout"] == pytest.approx(90)
    assert sum(found.values()) == pytest.approx(100)


@pytest.mark.parametrize(
    "changed",
    [
        {"word": "withdrawn", "words": "Withdrawn", "is_struck": True},
        {"word": "too_early", "words": "Too early", "is_early": True},
        {"is_preferred": False, "basis": "plain"},
    ],
)
def test_only_full_windows_that_stand_enter(example: Example, changed: dict[str, object]) -> None:
    Estimate.objects.filter(pk=example.estimate.pk).update(**changed)
    settle()
    assert not Credit.objects.exists()
    assert not CreditSplit.objects.exists()


def test_a_circle_ends_and_nothing_is_lost(cast: Cast) -> None:
    made = Example(cast)
    tokens = make_feature(cast.emil, made.design, title="Tokens")
    ship(made.design, "Tokens", tokens)
    made.help(made.web, tokens, "accelerated", 9)
    settle()
    found = credits()
    assert found["web"] > 5
    assert sum(found.values()) == pytest.approx(100)
    assert check_credit(now=NOW) == []


def test_uncertain_days_widen_the_interval_and_leave_the_credit(example: Example) -> None:
    sure = Credit.objects.get(product=example.web)
    say_again(example.faster, example.cast.emil, 6, 30)
    settle()
    unsure = Credit.objects.get(product=example.web)
    assert unsure.credited == pytest.approx(sure.credited)
    assert unsure.error > sure.error
    assert not unsure.is_exact
    assert check_credit(now=NOW) == [], "the draws are the same each time"


def test_a_fifth_unblocking_team_leaves_everything_with_the_builder_and_says_why(example: Example) -> None:
    for number in range(4):
        product = make_product(f"helper-{number}", "I")
        own(make_team(f"helper-{number}"), product)
        example.help(product, example.booking, "unblocked")
    settle()
    held = CreditSplit.objects.get(release=example.release)
    assert held.builder == 1
    assert "name the 4 that mattered most" in held.refused
    assert credits() == {"checkout": 100}


def test_a_product_that_continues_another_is_not_helped_by_it(example: Example) -> None:
    example.cast.checkout.continues = example.payments
    example.cast.checkout.save()
    settle()
    assert "payments" not in credits()
    assert sum(credits().values()) == pytest.approx(100)


def test_two_products_of_one_team_unblock_once(example: Example) -> None:
    second = make_product("ledger", "I")
    own(example.payments.ownerships.get().team, second)
    example.help(second, example.booking, "unblocked")
    settle()
    found = credits()
    assert found["payments"] == pytest.approx(found["ledger"])
    assert found["payments"] + found["ledger"] == pytest.approx(found["checkout"])


def test_kpis_and_quarters_never_mix(example: Example) -> None:
    other = make_kpi(example.cast.checkout, "speed", "mean")
    later = ship(example.cast.checkout, "Later", live=LIVE + timedelta(days=100))
    read(later, example.kpi, 7, 1, live_on=(LIVE + timedelta(days=100)).date())
    read(example.release, other, -30, 5)
    settle()
    sums: dict[tuple[int, object], float] = {}
    for row in Credit.objects.all():
        sums[row.kpi_id, row.period] = sums.get((row.kpi_id, row.period), 0) + row.credited
    assert sorted(sums.values()) == pytest.approx([-30, 7, 100])


def test_nothing_is_written_where_nothing_changed(example: Example) -> None:
    before = list(Credit.objects.order_by("pk").values())
    Enablement.objects.filter(pk=example.faster.pk).update(revision=2)
    assert not CreditMark.objects.exists()
    CreditMark.objects.create(source="test", marked_at=NOW)
    drain_credit(now=NOW + timedelta(days=1))
    assert list(Credit.objects.order_by("pk").values()) == before
    assert not CreditMark.objects.exists()


def test_the_check_finds_a_row_that_somebody_changed_and_a_rebuild_mends_it(example: Example) -> None:
    assert check_credit(now=NOW) == []
    before = sorted(credits().items())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE metrics_credit SET credited = credited + 1 WHERE product_id = %s", [example.web.pk])
    assert {one.side for one in check_credit(now=NOW)} == {"stored", "recomputed"}
    with pytest.raises(CommandError, match="Mend them with --rebuild"):
        call_command("check_credit")
    Mark.objects.all().delete()
    rebuild_credit(now=NOW)
    assert sorted(credits().items()) == before
    call_command("check_credit")


def test_help_of_a_release_that_was_rolled_back_counts_for_nothing_until_it_is_back(example: Example) -> None:
    mine = Release.objects.filter(pk=example.web_release.pk)
    mine.update(state="rolled_back", rolled_back_at=NOW)
    settle()
    assert credits() == pytest.approx({"checkout": 50, "payments": 50}, **EXACTLY)
    mine.update(state="live", rolled_back_at=None)
    settle()
    assert credits()["web"] == pytest.approx(5.0, **EXACTLY)
