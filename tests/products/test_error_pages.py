"""What people read when something is not there, not theirs, too old, or broken."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.conftest import Cast

FRAME = 'class="side"'


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "words"), [("500.html", "our fault, not yours"), ("503.html", "Try again in a few")])
def test_a_broken_page_needs_neither_a_request_nor_the_database(
    name: str, words: str, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    with django_assert_num_queries(0):
        text = render_to_string(name)
    assert words in text
    assert FRAME not in text
    assert text.count("<h1>") == 1


@pytest.mark.django_db
def test_a_stranger_gets_the_missing_page_without_the_frame(client: Client) -> None:
    answer = client.get("/nothing/here/", secure=True)
    assert answer.status_code == 404
    assert "Nothing here" in answer.text
    assert FRAME not in answer.text


def test_somebody_signed_in_finds_the_way_back_from_a_missing_page(cast: Cast, client: Client) -> None:
    client.force_login(cast.paula)
    answer = client.get("/nothing/here/", secure=True)
    assert answer.status_code == 404
    assert FRAME in answer.text
    assert "/products/switchyard/" in answer.text


def test_an_expired_form_says_that_nothing_was_stored(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.paula)
    answer = client.post("/feedback/new/", {"text": "Late"}, secure=True)
    assert answer.status_code == 403
    assert "This form has expired" in answer.text
    assert "Nothing was stored" in answer.text
