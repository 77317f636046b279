"""Personal data in a text: found where it is, taken out once and for all, and nothing else touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.catalog.privacy import INSTEAD, personal_data, without_personal_data

NAMES = st.sampled_from(["keller", "j.keller", "anna-maria", "o_brien+news"])
ADDRESSES = st.builds(
    lambda name, host, end: f"{name}@{host}.{end}",
    NAMES,
    st.sampled_from(["brenner", "mail.b"]),
    st.sampled_from(["example", "co.uk"]),
)
PHONES = st.sampled_from(["+49 170 1234567", "0049-30-1234567", "(030) 123 45 67", "+1 (555) 010-9999", "0170/1234567"])
TITLED = st.sampled_from(["Mrs Keller", "Herr Müller", "Dr. Anna Berg", "Mme Dupont"])
PERSONAL = st.one_of(ADDRESSES, PHONES, TITLED)
# Words that are nobody: figures, days, versions and sums that look a little like a number to call.
HARMLESS = st.sampled_from(
    [
        "the depot",
        "2026-06-15",
        "12.5 %",
        "v2.10.3",
        "1,200 orders",
        "€117,000",
        "R-123",
        "FB-402",
        "at 14:05",
        "mr",
        "M4 bolts",
        "00:30",
    ]
)


@given(st.lists(HARMLESS, max_size=6), PERSONAL, st.lists(HARMLESS, max_size=6))
def test_what_is_personal_is_found_and_taken_out_and_the_rest_stays(
    before: list[str], personal: str, after: list[str]
) -> None:
    text = ", ".join([*before, personal, *after])
    assert personal_data(text) == (personal.removeprefix("("),)
    assert without_personal_data(text) == ", ".join(
        [*before, personal.replace(personal.removeprefix("("), INSTEAD), *after]
    )


@given(st.lists(HARMLESS, max_size=12))
def test_nothing_is_found_where_nothing_is(words: list[str]) -> None:
    text = ", ".join(words)
    assert (personal_data(text), without_personal_data(text)) == ((), text)


@given(st.text(max_size=300), PERSONAL, st.text(max_size=300))
def test_taking_it_out_again_changes_nothing_whatever_the_text(before: str, personal: str, after: str) -> None:
    once = without_personal_data(f"{before} {personal} {after}")
    assert without_personal_data(once) == once
    assert personal_data(once) == ()


@pytest.mark.parametrize("address", ["emil@example.com", "EMIL@EXAMPLE.COM"])
def test_colleagues_addresses_are_ours(address: str) -> None:
    assert personal_data(f"Ask {address}", ours="example.com") == ()
    assert personal_data(f"Ask {address}.evil.net", ours="example.com") == (f"{address}.evil.net",)


def test_a_long_text_of_near_misses_is_read_in_a_blink() -> None:
    text = "a" * 50_000 + "+1" * 25_000 + "Mr " * 10_000 + "0 " * 25_000
    assert without_personal_data(text) == without_personal_data(without_personal_data(text))
