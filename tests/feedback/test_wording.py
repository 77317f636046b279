"""Words around feedback: the hint at a fix is quick and only ever a hint."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.catalog.wording import asking_message, asks_for_a_fix, cut, telling_message
from products.catalog.words import counted

FIXES = [
    "We need an export button on the quote page.",
    "“Add a chat button”",
    "please build us an app",
    "Can you make the table wider?",
    "Make a dark mode",
    "They want a second login",
    "could somebody put the price first",
]
PROBLEMS = [
    "The wrong depot is offered when a saved address is picked",
    "We need to copy thirty rows by hand for each letter",
    "Adding a pallet fails",
    "They made a mistake because the total is hidden",
    "Building managers cannot see the gate",
    "",
]


@pytest.mark.parametrize("text", FIXES)
def test_a_wish_for_a_solution_is_noticed(text: str) -> None:
    assert asks_for_a_fix(text)


@pytest.mark.parametrize("text", PROBLEMS)
def test_a_problem_is_left_alone(text: str) -> None:
    assert not asks_for_a_fix(text)


@given(st.text(max_size=2000))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    assert asks_for_a_fix(text) in (True, False)


@pytest.mark.parametrize("part", ["please ", "   ", "they say ", "\"'", "we really ", ",.!"])
def test_no_opening_takes_long(part: str) -> None:
    began = perf_counter()
    asks_for_a_fix(part * 2000)
    assert perf_counter() - began < 0.05


@given(st.text(max_size=400), st.integers(2, 80))
def test_what_is_cut_is_never_longer_and_on_one_line(text: str, most: int) -> None:
    short = cut(text, most)
    assert len(short) <= most
    assert "\n" not in short


def test_counts_are_words_a_person_reads() -> None:
    assert [counted(n, "entry", "entries") for n in (0, 1, 1200)] == ["no entries", "1 entry", "1,200 entries"]


def test_the_message_to_an_account_manager_asks_for_consent_first() -> None:
    given_ = {"to": "Petra Holm", "by": "Emil", "purpose": "Why depots?", "quote": "", "address": "https://x/asked/1/"}
    asks = asking_message(**given_, account="Brenner", ask_consent=True)
    assert "could you ask Brenner whether they would talk with us?" in asks
    assert "https://x/asked/1/" in asks
    assert "set up a talk with Brenner" in asking_message(**given_, account="Brenner", ask_consent=False)


def test_whoever_is_told_hears_the_reason() -> None:
    words = telling_message(
        to="Otto", by="Emil", decision="decline", reason="Too rare.", quote="Add a chat", account="", product="Checkout"
    )
    assert "Too rare." in words
    assert "what you told us about Checkout: “Add a chat”" in words
