"""One link, many hands at the same moment: one of them chooses the password."""

import pytest

from products.models import User
from products.services.passwords import LinkUnusable, PasswordLink, choose_password, make_link
from tests.factories import NOW, make_user
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def choose(link: PasswordLink, password: str) -> str:
    """The password, where it was taken; else "" for a link that no longer holds."""
    try:
        choose_password(uid=link.uid, token=link.token, password=password, now=NOW)
    except LinkUnusable:
        return ""
    return password


def test_of_six_who_use_one_link_at_once_one_chooses_the_password() -> None:
    link = make_link(person=make_user("Noor"), now=NOW)
    outcomes = at_once(lambda number: choose(link, f"password number {number}"), range(6))
    (chosen,) = [outcome for outcome in outcomes if outcome]
    assert User.objects.get().check_password(chosen)


def test_of_six_links_made_at_once_one_holds() -> None:
    noor = make_user("Noor")
    links = at_once(lambda number: make_link(person=noor, now=NOW.replace(microsecond=number)), range(6))
    held = [link for link in links if choose(link, "correct horse battery")]
    assert len(held) == 1
