"""The split of one release's effect: the Shapley value, who enters the game, and what is refused."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from math import comb, inf, nan
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as campaign
from hypothesis import strategies as st

from metrics.stats.split import CountedTwice, Days, Help, Kind, NotDays, Split, State, TooManyUnblockers, split

TEAMS = ("ants", "bees", "cats", "dogs")
KINDS: tuple[Kind, ...] = ("enabled", "unblocked", "accelerated")
STATES: tuple[State, ...] = ("claimed", "confirmed", "adjusted", "disputed", "measured")
SPANS = st.tuples(st.floats(0, 60), st.floats(0, 20)).map(lambda drawn: Days(drawn[0], drawn[0] + drawn[1]))


def help_of(
    team: str,
    kind: Kind = "accelerated",
    days: float | Days | None = None,
    *,
    product: str = "",
    state: State = "confirmed",
    key: str = "",
) -> Help:
    span = days if isinstance(days, Days) or days is None else Days(days, days)
    return Help(key or f"E-{team}-{product}-{kind}", product or team, team, kind, state, span)


@st.composite
def claims(draw: st.DrawFn) -> list[Help]:
    """Up to eight claims by up to four teams with one or two products each, in every state."""
    return [
        help_of(
            team := draw(st.sampled_from(TEAMS)),
            draw(st.sampled_from(KINDS)),
            draw(st.none() | SPANS),
            product=f"{team}-{draw(st.sampled_from('xy'))}",
            state=draw(st.sampled_from(STATES)),
            key=f"E-{number}",
        )
        for number in range(draw(st.integers(0, 8)))
    ]


def shapley_by_coalitions(players: Sequence[str], worth: Callable[[set[str]], float]) -> dict[str, float]:
    """The definition: a player's mean gain over all orders in which the players may come."""
    values = dict.fromkeys(players, 0.0)
    for player in players:
        others = [other for other in players if other != player]
        for size in range(len(players)):
            weight = 1 / (len(players) * comb(len(others), size))
            for before in combinations(others, size):
                values[player] += weight * (worth({*before, player}) - worth(set(before)))
    return values


def by_team(result: Split) -> dict[str, float]:
    shares: dict[str, float] = {}
    for part in result.parts:
        shares[part.player.team] = shares.get(part.player.team, 0.0) + part.share
    return shares


@campaign(max_examples=40, deadline=None)
@given(claims())
def test_the_closed_form_is_the_value_found_by_trying_all_coalitions(helps: list[Help]) -> None:
    counted = [help for help in helps if help.state in {"confirmed", "adjusted", "measured"}]
    needed = {help.team for help in counted if help.kind == "unblocked"}
    saved: dict[str, float] = {}
    for help in counted:
        if help.team not in needed and not (help.kind == "accelerated" and help.days is None):
            days = (help.days.low + help.days.high) / 2 if help.days else 9.0
            saved[help.team] = saved.get(help.team, 0.0) + days
    fit = min(1.0, 90 / sum(saved.values())) if sum(saved.values()) else 1.0

    def worth(present: set[str]) -> float:
        missing = sum(days for team, days in saved.items() if team not in present)
        return (90 - missing * fit) / 90 if {"builder", *needed} <= present else 0.0

    truth = shapley_by_coalitions(["builder", *needed, *saved], worth)
    found = split(helps)
    assert {"builder": found.builder, **by_team(found)} == pytest.approx(truth, abs=1e-12)


@campaign(max_examples=60, deadline=None)
@given(claims())
def test_shares_are_never_negative_and_add_up_to_one(helps: list[Help]) -> None:
    found = split(helps)
    assert all(part.share >= 0 for part in found.parts)
    assert found.builder + sum(part.share for part in found.parts) == pytest.approx(1, abs=1e-12)
    assert found.builder >= 1 / 6 - 1e-12  # what makes passing on come to an end


@campaign(max_examples=60, deadline=None)
@given(claims(), st.randoms(use_true_random=False))
def test_neither_the_order_of_claims_nor_claims_without_evidence_change_a_share(
    helps: list[Help], chance: Random
) -> None:
    evident = [help for help in helps if help.state not in {"claimed", "disputed"}]
    chance.shuffle(evident)
    assert split(evident) == replace(split(helps), unsized=split(evident).unsized)


@campaign(max_examples=60, deadline=None)
@given(claims(), st.sampled_from(TEAMS))
def test_what_loses_its_evidence_returns_its_share_and_nobody_else_loses(helps: list[Help], team: str) -> None:
    before = split(helps)
    after = split([replace(help, state="disputed") if help.team == team else help for help in helps])
    assert all(after.share(product) == 0 for product in (f"{team}-x", f"{team}-y"))
    for product in {help.product for help in helps if help.team != team}:
        assert after.share(product) >= before.share(product) - 1e-12
    assert after.builder >= before.builder - 1e-12


@campaign(max_examples=60, deadline=None)
@given(claims(), SPANS, st.floats(0, 40))
def test_more_days_saved_never_give_a_smaller_share(helps: list[Help], days: Days, more: float) -> None:
    fewer, longer = (help_of("eels", "accelerated", Days(days.low, days.high + extra)) for extra in (0, more))
    before, after = split([*helps, fewer]), split([*helps, longer])
    assert after.share("eels") >= before.share("eels") - 1e-12
    assert after.builder <= before.builder + 1e-12


@campaign(max_examples=60, deadline=None)
@given(claims(), st.none() | SPANS, st.sampled_from(("enabled", "accelerated", "unblocked")))
def test_equal_evidence_gives_an_equal_share(helps: list[Help], days: Days | None, kind: Kind) -> None:
    unblocking = {help.team for help in helps if help.kind == "unblocked"}
    if kind == "unblocked" and len(unblocking) > 2:
        helps = [help for help in helps if help.kind != "unblocked"]
    found = split([*helps, help_of("eels", kind, days), help_of("frogs", kind, days)])
    assert found.share("eels") == found.share("frogs")


def test_a_release_without_help_is_the_builders_whole() -> None:
    assert split([]) == Split(1.0, (), ())


def test_enabled_counts_nine_days_where_nobody_said_and_says_so() -> None:
    found = split([help_of("ants", "enabled")])
    assert found.share("ants") == pytest.approx(0.05)
    assert [part.assumed for part in found.parts] == [True]
    assert [part.assumed for part in split([help_of("ants", "enabled", 9)]).parts] == [False]


def test_accelerated_by_an_unknown_number_of_days_shares_nothing_and_is_named() -> None:
    found = split([help_of("ants", "accelerated", key="E-1")])
    assert found == Split(1.0, (), ("E-1",))


def test_days_beyond_the_horizon_are_scaled_down_to_it() -> None:
    found = split([help_of("ants", days=90), help_of("bees", days=270)])
    assert (found.builder, found.share("ants"), found.share("bees")) == pytest.approx((0.5, 0.125, 0.375))


def test_a_shorter_horizon_makes_the_same_days_count_for_more() -> None:
    assert split([help_of("ants", days=18)], horizon=45).share("ants") == pytest.approx(0.2)


def test_a_team_that_unblocked_is_one_player_with_whatever_it_did_and_with_however_many_products() -> None:
    alone = split([help_of("ants", "unblocked", product="rails")])
    with_days = split([help_of("ants", "unblocked", product="rails"), help_of("ants", days=30, product="rails")])
    two_products = split([help_of("ants", "unblocked", product=product) for product in ("rails", "signals")])
    assert alone.share("rails") == with_days.share("rails") == 0.5
    assert (two_products.share("rails"), two_products.share("signals"), two_products.builder) == (0.25, 0.25, 0.5)


def test_four_teams_may_have_unblocked_and_a_fifth_is_refused_in_words() -> None:
    four = [help_of(team, "unblocked") for team in TEAMS]
    assert split(four).builder == pytest.approx(0.2)
    assert split([*four, help_of("eels", "unblocked", state="claimed")]).builder == pytest.approx(0.2)
    with pytest.raises(TooManyUnblockers, match=r"5 teams .*: name the 4 that mattered most") as refused:
        split([*four, help_of("eels", "unblocked")])
    assert refused.value.teams == (*TEAMS, "eels")


def test_the_same_claim_twice_is_refused() -> None:
    with pytest.raises(CountedTwice, match="E-1 is there twice"):
        split([help_of("ants", days=1, key="E-1"), help_of("bees", days=1, key="E-1")])


@pytest.mark.parametrize(("low", "high"), [(-1, 1), (2, 1), (0, inf), (nan, 1), (1, nan)])
def test_days_that_are_no_span_are_refused(low: float, high: float) -> None:
    with pytest.raises(NotDays):
        Days(low, high)


@pytest.mark.parametrize("horizon", [0, -90, nan, inf])
def test_a_horizon_that_is_none_is_refused(horizon: float) -> None:
    with pytest.raises(NotDays, match="horizon"):
        split([help_of("ants", days=1)], horizon=horizon)
