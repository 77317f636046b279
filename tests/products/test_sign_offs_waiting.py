"""Whoever is asked for a sign-off sees it: in the rail of every page, and among the letters; nobody else does."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from products.models import Release, SignOff, User
from products.services.signoff_letters import post_sign_off_letters
from products.services.signoffs import Verdict, decide_sign_off, request_sign_off
from tests.conftest import Cast
from tests.factories import NOW, make_release
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db


def ask(cast: Cast, function: str, release: Release | None = None) -> Any:
    """Emil asks Otto."""
    row = release or make_release(cast.checkout, f"3.{function}", name="Night plans")
    due = NOW.date() + timedelta(days=9)
    return request_sign_off(release=row, function=function, approver=cast.otto, due_on=due, by=cast.emil, now=NOW)


def rail(user: User) -> str:
    return text(browser_of(user).get("/kpis/"))


def test_the_rail_counts_what_waits_for_the_reader_alone_until_it_is_decided(cast: Cast) -> None:
    assert "Sign-offs" not in rail(cast.otto)
    first, _ = ask(cast, "legal"), ask(cast, "privacy")
    assert ", 2 sign-offs wait for you</span>" in rail(cast.otto)
    assert "wait for you" not in rail(cast.emil)
    decide_sign_off(sign_off=first, verdict=Verdict(first.Decision.APPROVED), by=cast.otto, now=NOW)
    assert ", 1 sign-off waits for you</span>" in rail(cast.otto)


def test_a_letter_about_a_sign_off_stands_among_the_letters_of_the_one_who_is_asked(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    ask(cast, "legal")
    waits = text(browser_of(cast.otto).get("/letters/"))
    assert "Legal: may Night plans of Checkout go live?" in waits
    assert "waits to be sent" in waits
    post_sign_off_letters(now=NOW)
    assert "1 of 1 sent" in text(browser_of(cast.otto).get("/letters/"))
    assert "Night plans" not in text(browser_of(cast.emil).get("/letters/"))
    assert [one.to for one in mail.outbox][-1:] == [[cast.otto.email]]


@pytest.mark.parametrize("asked", ["approver", "requested_by"])
def test_the_database_itself_keeps_requester_and_approver_apart(cast: Cast, asked: str) -> None:
    row = ask(cast, "legal")
    other = row.requested_by if asked == "approver" else row.approver
    with (
        pytest.raises(IntegrityError, match=r"approver_is_not_the_requester|is_not_of_its_own_pm"),
        transaction.atomic(),
    ):
        SignOff.objects.filter(pk=row.pk).update(**{asked: other})
    made = {"release": row.release, "approver": cast.otto, "requested_by": cast.otto, "due_on": row.due_on}
    with pytest.raises(IntegrityError, match="approver_is_not_the_requester"), transaction.atomic():
        SignOff.objects.create(function="privacy", requested_at=NOW, **made)
