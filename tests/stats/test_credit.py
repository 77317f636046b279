"""Credit is a conserved share of measured effects: the example worked by hand, and every property that the method promises."""

from dataclasses import replace
from fractions import Fraction
from math import inf, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.stats.credit import assisted, credited, effect_shares, settle
from metrics.stats.network import Downstream, Effect, Network, NotAnEffect, SelfLoop, gather
from metrics.stats.split import CountedTwice, TooManyUnblockers
from tests.stats.companies import EXAMPLES, PRODUCTS, companies, helped, release, rng, values, worked_example


def test_the_example_worked_by_hand_comes_out_to_the_last_digit() -> None:
    found = credited(gather(worked_example()), rng=rng())
    shares = {one.product: credit for one, credit in found.by_node().items()}
    truth = {
        "checkout": Fraction(700, 15),
        "payments": Fraction(700, 15),
        "web platform": Fraction(5),
        "design system": Fraction(25, 6),
        "search": Fraction(95, 2),
    }
    assert {product: credit.value for product, credit in shares.items()} == pytest.approx(
        {product: float(value) for product, value in truth.items()}, rel=1e-14
    )
    assert found.exact
    assert shares["design system"].error == pytest.approx(sqrt(Fraction(13, 36)), rel=1e-14)
    assert round(shares["design system"].error, 3) == 0.601
    assert found.values.sum() == pytest.approx(150, rel=1e-14)


def test_the_example_with_a_circle_comes_out_to_the_last_digit() -> None:
    circle = [*worked_example(), release("design system", helped("web platform", "accelerated", 9))]
    found = values(circle)
    arrived_at_web = (Fraction(20, 3) + Fraction(1, 20) * Fraction(5, 2)) / (1 - Fraction(1, 80))
    arrived_at_design = Fraction(5, 2) + arrived_at_web / 4
    assert found["web platform"] == pytest.approx(float(arrived_at_web * 3 / 4), abs=1e-10)
    assert found["design system"] == pytest.approx(float(arrived_at_design * 19 / 20), abs=1e-10)
    assert (round(found["web platform"], 5), round(found["design system"], 5)) == (5.15823, 4.00844)
    assert sum(found.values()) == pytest.approx(150, abs=1e-10)


@EXAMPLES
@given(companies())
def test_credits_add_up_to_the_effects_in_any_graph(company: list[Downstream]) -> None:
    effects = [one.effect.value for one in company if one.effect]
    assert settle(gather(company)).sum() == pytest.approx(sum(effects), abs=1e-9)


@EXAMPLES
@given(companies(), st.floats(-3, 3), st.floats(-3, 3))
def test_credits_are_linear_in_the_effects(company: list[Downstream], one: float, other: float) -> None:
    network = gather(company)
    second = np.roll(network.effect, 1)
    mixed = replace(network, effect=one * network.effect + other * second)
    apart = one * settle(network) + other * settle(replace(network, effect=second))
    np.testing.assert_allclose(settle(mixed), apart, atol=1e-8)


@EXAMPLES
@given(companies())
def test_who_has_neither_an_effect_nor_evidence_has_exactly_nothing(company: list[Downstream]) -> None:
    idle = [
        replace(
            one,
            effect=None if one.node.product == "epsilon" else one.effect,
            helps=tuple(replace(help, state="claimed") if help.product == "epsilon" else help for help in one.helps),
        )
        for one in company
    ]
    assert values(idle).get("epsilon", 0.0) == 0.0


@EXAMPLES
@given(companies(lowest=0))
def test_effects_that_are_not_negative_give_credits_that_are_not(company: list[Downstream]) -> None:
    assert (settle(gather(company)) >= 0).all()


@EXAMPLES
@given(companies(), st.permutations(PRODUCTS))
def test_other_names_for_the_products_change_nothing_but_the_names(company: list[Downstream], names: list[str]) -> None:
    name = dict(zip(PRODUCTS, names, strict=True))
    renamed = [
        replace(
            one,
            node=replace(one.node, product=name[one.node.product]),
            helps=tuple(replace(help, product=name[help.product], team=name[help.product]) for help in one.helps),
        )
        for one in company
    ]
    before = {name[product]: value for product, value in values(company).items()}
    assert values(renamed) == pytest.approx(before, abs=1e-9)


@EXAMPLES
@given(companies())
def test_every_effect_is_shared_out_whole(company: list[Downstream]) -> None:
    shares = effect_shares(gather(company))
    np.testing.assert_allclose(shares.sum(axis=0), 1, atol=1e-12)
    assert (shares >= -1e-15).all()


@EXAMPLES
@given(companies())
def test_passing_on_step_by_step_ends_where_solving_directly_does(company: list[Downstream]) -> None:
    network = gather(company)
    np.testing.assert_allclose(settle(network), effect_shares(network) @ network.effect, atol=1e-9)


def test_a_release_without_evidence_of_help_keeps_its_whole_effect() -> None:
    claimed = release("checkout", helped("payments", "unblocked", state="claimed"), effect=Effect(100, 20))
    found = credited(gather([claimed]), rng=rng())
    assert {one.product: (credit.value, credit.error) for one, credit in found.by_node().items()} == {
        "checkout": (100, 20)
    }


def test_a_helper_of_one_release_has_no_part_in_another_of_the_same_product() -> None:
    first = release("checkout", helped("payments", "unblocked"), effect=Effect(100, 1), name="R-1")
    assert values([first, release("checkout", effect=Effect(-40, 1), name="R-2")]) == {"checkout": 10, "payments": 50}


def test_what_reaches_a_product_is_passed_on_by_the_mean_of_its_releases() -> None:
    first = release("web platform", helped("design system", "accelerated", 45), name="R-1")
    second = release("web platform", name="R-2")
    checkout = release("checkout", helped("web platform", "unblocked"), effect=Effect(100, 1))
    assert values([checkout, first, second]) == pytest.approx(
        {"checkout": 50, "web platform": 43.75, "design system": 6.25}
    )


def test_negative_effects_flow_the_same_way() -> None:
    turned = [
        replace(one, effect=one.effect and Effect(-one.effect.value, one.effect.error)) for one in worked_example()
    ]
    assert values(turned) == {product: -value for product, value in values(worked_example()).items()}


def test_a_kpi_of_another_size_beside_it_does_not_blunt_a_small_one() -> None:
    network = gather(
        [
            release("web", effect=Effect(1e12, 0), kpi="revenue"),
            release("web", helped("design", "unblocked"), effect=Effect(1e-6, 0), kpi="conversion"),
            release("design", helped("web", "unblocked"), kpi="conversion"),
        ]
    )
    small = [number for number, one in enumerate(network.nodes) if one.kpi == "conversion"]
    assert settle(network)[small].sum() == pytest.approx(1e-6, rel=1e-11, abs=0)


def test_assisted_effects_are_whole_with_their_own_errors_and_cannot_be_added_up() -> None:
    rows = assisted(
        [*worked_example(), release("claims", helped("payments", "enabled", state="claimed"), effect=Effect(9, 9))]
    )
    assert {(row.product, row.owner.product, row.effect.value, row.effect.error) for row in rows} == {
        ("payments", "checkout", 100, 20),
        ("web platform", "checkout", 100, 20),
        ("design system", "search", 50, 10),
    }
    with pytest.raises(TypeError):
        sum(rows)  # type: ignore[call-overload]


def test_a_product_that_helped_itself_is_refused_in_words() -> None:
    with pytest.raises(SelfLoop, match="checkout cannot be credited with having helped its own release R-1"):
        gather([release("checkout", helped("checkout", "enabled"))])


def test_the_same_effect_twice_and_five_unblocking_teams_are_refused() -> None:
    with pytest.raises(CountedTwice, match="R-1 is there twice for orders"):
        gather([release("checkout", effect=Effect(1, 1)), release("checkout")])
    with pytest.raises(TooManyUnblockers):
        gather([release("checkout", *(helped(f"p{number}", "unblocked") for number in range(5)))])


@pytest.mark.parametrize(("value", "error"), [(nan, 1), (inf, 1), (1, nan), (1, inf), (1, -1)])
def test_an_effect_that_is_no_number_is_refused(value: float, error: float) -> None:
    with pytest.raises(NotAnEffect):
        Effect(value, error)


def test_where_nothing_was_released_nothing_is_credited() -> None:
    network: Network = gather([])
    assert credited(network, rng=rng()).by_node() == {}
