"""How sure credits are: errors exact where they can be, drawn where they cannot, and joint where credits are added up."""

from dataclasses import replace
from math import hypot, sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as campaign
from hypothesis import strategies as st

from metrics.stats.credit import MixedKpis, NothingCredited, credited
from metrics.stats.network import Downstream, Effect, gather
from metrics.stats.split import Days
from tests.stats.companies import EXAMPLES, companies, helped, node, release, rng, worked_example


@campaign(max_examples=15, deadline=None)
@given(companies(), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_come_changes_nothing_not_even_an_error(
    company: list[Downstream], chance: Random
) -> None:
    shuffled = [replace(one, helps=tuple(chance.sample(one.helps, len(one.helps)))) for one in company]
    chance.shuffle(shuffled)
    first, second = (credited(gather(some), rng=rng()) for some in (company, shuffled))
    assert first.by_node() == second.by_node()


@EXAMPLES
@given(companies(uncertain=False))
def test_the_error_of_all_credits_together_is_that_of_all_effects_together(company: list[Downstream]) -> None:
    found = credited(gather(company), rng=rng())
    assert found.exact
    assert found.over(found.nodes).error == pytest.approx(
        hypot(*(one.effect.error for one in company if one.effect)), abs=1e-9
    )


def test_uncertain_days_widen_the_error_as_their_spread_says() -> None:
    checkout = release("checkout", helped("web platform", "accelerated", Days(0, 36)), effect=Effect(100, 0))
    found = credited(gather([checkout]), rng=rng())
    web = found.by_node()[node("web platform")]
    assert not found.exact
    assert web.value == pytest.approx(10)
    assert web.error == pytest.approx(100 / 180 * 36 / sqrt(12), rel=0.15)


def test_drawn_errors_agree_with_exact_ones() -> None:
    exact = credited(gather(worked_example()), rng=rng())
    hardly = replace(gather(worked_example()), high=gather(worked_example()).high * (1 + 1e-9))
    drawn = credited(hardly, rng=rng())
    assert (exact.exact, drawn.exact) == (True, False)
    np.testing.assert_allclose(drawn.errors, exact.errors, rtol=0.15)
    np.testing.assert_array_equal(drawn.spread, credited(hardly, rng=rng()).spread)


def test_a_large_network_draws_its_errors_and_still_conserves_its_effects() -> None:
    effects = np.random.default_rng(3).normal(0, 10, 4500)
    chain = [
        release(f"product {number}", helped(f"product {number + 1}", "unblocked"), effect=Effect(float(effect), 0.5))
        for number, effect in enumerate(effects)
    ]
    found = credited(gather(chain), rng=rng())
    credits = found.by_node()
    arrived = 0.0
    for number, effect in enumerate(effects):
        assert credits[node(f"product {number}")].value == pytest.approx((effect + arrived) / 2, abs=1e-9)
        arrived = (effect + arrived) / 2
    together = found.over(found.nodes)
    assert not found.exact
    assert together.value == pytest.approx(effects.sum(), abs=1e-9)
    assert together.error == pytest.approx(0.5 * sqrt(4500), rel=0.15)
    assert np.median(found.errors) == pytest.approx(0.5 / sqrt(3), rel=0.05)  # ½e + ¼e + ⅛e …: variance ⅓


def test_releases_with_one_joint_effect_have_one_error_exact_or_drawn() -> None:
    apart = [release("checkout", effect=Effect(10, error), name=f"R-{error}") for error in (3, 4)]
    bundled = [replace(one, effect=replace(one.effect, bundle="June")) for one in apart if one.effect]
    unsure = release("search", helped("design system", "enabled", Days(1, 9)), effect=Effect(5, 1))
    for company, error in ((apart, 5), (bundled, 7)):
        assert credited(gather(company), rng=rng()).errors == pytest.approx([error])
        drawn = credited(gather([*company, unsure]), rng=rng())
        assert not drawn.exact
        assert drawn.by_node()[node("checkout")].error == pytest.approx(error, rel=0.12)


def test_an_interval_is_as_wide_as_its_error_says() -> None:
    low, high = (
        credited(gather([release("checkout", effect=Effect(10, 2))]), rng=rng()).over([node("checkout")]).interval
    )
    assert (round(low, 2), round(high, 2)) == (6.08, 13.92)


def test_only_credits_of_one_kpi_are_added_up_and_only_where_there_are_any() -> None:
    company = [release("checkout", effect=Effect(10, 1), kpi=kpi) for kpi in ("orders", "revenue")]
    found = credited(gather(company), rng=rng())
    with pytest.raises(MixedKpis):
        found.over(found.nodes)
    for unknown in ([], [node("nowhere")]):
        with pytest.raises(NothingCredited):
            found.over(unknown)
