"""The strict reading of bodies and parameters, one rule at a time."""

import json
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from pmtrack.web.errors import Problem
from pmtrack.web.pagination import read_cursor, write_cursor
from pmtrack.web.parsing import decode, instant_parameter, parameters


class Item(msgspec.Struct, forbid_unknown_fields=True):
    """A small body."""

    kind: Literal["a", "b"]
    names: list[Annotated[str, Meta(max_length=3)]] = []


class Batch(msgspec.Struct, forbid_unknown_fields=True):
    """A list of them."""

    items: list[Item]


def refusal(body: bytes, kind: Any = Batch) -> Problem:
    """The problem with a body."""
    with pytest.raises(Problem) as refused:
        decode(body, kind)
    return refused.value


def status_of(call: Callable[[], object]) -> int:
    """200, or the status of the problem."""
    try:
        call()
    except Problem as problem:
        return problem.status_code
    return 200


@pytest.mark.parametrize(
    ("body", "pointer", "code", "words"),
    [
        (b'{"items": [{"kind": "c"}]}', "/items/0/kind", "invalid", "Use one of: a, b"),
        (b'{"items": [{"kind": "a"}, {}]}', "/items/1/kind", "missing", "Add it"),
        (b'{"items": [{"kind": "a", "x/y~": 1}]}', "/items/0/x~1y~0", "unknown", "Leave it out"),
        (b'{"items": [{"kind": "a", "names": ["aaaa"]}]}', "/items/0/names/0", "invalid", "length <= 3"),
        (b'{"items": 1}', "/items", "invalid", "array"),
        (b"[]", "", "invalid", "object"),
    ],
)
def test_a_wrong_field_is_pointed_at_with_how_to_mend_it(body: bytes, pointer: str, code: str, words: str) -> None:
    problem = refusal(body)
    assert (problem.status_code, problem.errors[0].pointer, problem.errors[0].code) == (400, pointer, code)
    assert words in problem.errors[0].detail


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"a": {"b": 1, "b": 2}}', "'b' is given twice"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"a": "x\\\\\\u0000"}', "NUL"),
        (b"[" * 21 + b"]" * 21, "20 levels"),
        (b'{"a":' * 21 + b"1" + b"}" * 21, "20 levels"),
        (b'["]", ' * 21 + b"1" + b"]" * 21, "20 levels"),
        (b'{"a": ' + b"1" * 41 + b"}", "40 digits"),
        (b'{"a": \xff}', "UTF-8"),
        (b"{]", "JSON"),
        (b"]" * 50_000, "JSON"),
        (b"", "JSON"),
    ],
)
def test_what_is_no_clean_json_is_refused_with_the_reason(body: bytes, words: str) -> None:
    problem = refusal(body, dict)
    assert (problem.status_code, problem.code) == (400, "malformed-json")
    assert words in problem.detail


@pytest.mark.parametrize(
    "value",
    [
        {"a": "\\u0000 is how NUL is written"},
        {"a": "[" * 100 + '"' + "{" * 100},
        {"a": "1" * 100},
        {"a": -1.5e300},
        {"a": '🚀 ü \\ " \n'},
        [{"b": 1}, {"b": 2}],
    ],
)
def test_clean_json_passes_however_odd_its_texts_are(value: Any) -> None:
    for escaped in (True, False):
        body = json.dumps(value, ensure_ascii=escaped).encode()
        assert decode(body, Any) == value


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.text(st.characters(exclude_characters="\x00", codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=5), inner, max_size=4
        )
    ),
    max_leaves=15,
)


@given(JSON)
def test_every_clean_document_is_read_as_the_standard_library_reads_it(value: Any) -> None:
    assert decode(json.dumps(value).encode(), Any) == value
    assert decode(json.dumps(value, ensure_ascii=False).encode(), Any) == value


@given(st.binary(max_size=60) | st.text('{}[]":,\\u0019eE+-. ', max_size=60).map(str.encode))
def test_no_bytes_whatever_raise_anything_but_a_problem(body: bytes) -> None:
    assert status_of(lambda: decode(body, Any)) in {200, 400}


@pytest.mark.parametrize(
    "body",
    [
        b'"' + b'\\"' * 2_000_000,
        b"[" * 4_000_000,
        b"[}" * 2_000_000,
        b"{}" * 2_000_000,
        b'"' + b"\\\\" * 2_000_000 + b'u0000"',
        b"1" * 4_000_000,
    ],
)
def test_a_hostile_body_costs_no_more_than_its_length(body: bytes) -> None:
    started = time.process_time()
    with pytest.raises(Problem):
        decode(body, dict, limit=len(body))
    assert time.process_time() - started < 5


def test_a_body_over_the_limit_is_not_looked_at() -> None:
    with pytest.raises(Problem) as refused:
        decode(b"x" * 11, Batch, limit=10)
    assert refused.value.status_code == 413


@given(st.text(max_size=40) | st.binary(max_size=30).map(lambda raw: raw.hex()))
def test_a_cursor_survives_tampering(cursor: str) -> None:
    assert status_of(lambda: read_cursor(cursor)) in {200, 400}


@given(st.integers(0, 2**63 - 1) | st.from_regex(r"\A[-a-z0-9_]{1,60}\Z"))
def test_a_cursor_gives_its_key_back(key: int | str) -> None:
    assert read_cursor(write_cursor(key)) == key


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colour=red", "Known: since, limit"),
        ("since=1&since=2", "more than once"),
        ("since=%00", "cannot be searched"),
        ("since=" + "x" * 1001, "cannot be searched"),
        ("since=2026-06-15", "offset"),
        ("since=2026-06-15T09:30:00", "offset"),
    ],
)
def test_a_query_parameter_is_known_single_and_typed(query: str, words: str) -> None:
    request = RequestFactory().get(f"/?{query}")
    with pytest.raises(Problem) as refused:
        instant_parameter(parameters(request, "since", "limit"), "since")
    assert refused.value.status_code == 400
    assert words in refused.value.detail
    assert refused.value.errors[0].pointer.startswith("?")


def test_a_plus_sign_that_became_a_blank_is_an_offset_again() -> None:
    given_ = parameters(RequestFactory().get("/?since=2026-06-15T09:30:00+02:00"), "since")
    instant = instant_parameter(given_, "since")
    assert instant is not None
    assert instant.isoformat() == "2026-06-15T09:30:00+02:00"
