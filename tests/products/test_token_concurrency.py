"""Tokens from many connections at once: one of a name, one successor, no circle of waiting."""

import pytest

from products.models import ApiToken, Product, Team, User
from products.services.tokens import NameTaken, NewToken, TokenEnded, make_token, revoke_token, roll_token
from tests.factories import NOW, assign, join, make_product, make_team, make_user
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def emil(transactional_db: None) -> User:
    """The PM of Checkout and of Booking."""
    emil = make_user("Emil")
    assign(emil, make_product("checkout", "E"))
    join(emil, make_team("booking"), "pm")
    return emil


def make(emil: User, number: int) -> NewToken | NameTaken:
    """A token called CI, for the product by even numbers and for the team by odd ones."""
    reach = {"team": Team.objects.get()} if number % 2 else {"product": Product.objects.get()}
    try:
        return make_token(name="CI", kind="ci", scopes=["read"], maker=emil, now=NOW, **reach)
    except NameTaken as error:
        return error


def test_of_twenty_tokens_of_one_name_made_at_once_one_lives_for_each_reach(emil: User) -> None:
    outcomes = at_once(lambda number: make(emil, number), range(20))
    assert sum(isinstance(outcome, NewToken) for outcome in outcomes) == 2
    assert ApiToken.objects.filter(product=None).count() == ApiToken.objects.filter(team=None).count() == 1


def roll(emil: User, token: ApiToken) -> NewToken | TokenEnded:
    try:
        return roll_token(token=token, maker=emil, now=NOW)
    except TokenEnded as error:
        return error


def test_a_token_rolled_ten_times_at_once_has_one_successor(emil: User) -> None:
    make(emil, 0)
    token = ApiToken.objects.get()
    outcomes = at_once(lambda one: roll(emil, one), [token] * 10)
    (made,) = [outcome for outcome in outcomes if isinstance(outcome, NewToken)]
    assert list(token.successors.all()) == [made.token]


def test_a_token_revoked_and_rolled_at_once_never_outlives_the_revocation_unseen(emil: User) -> None:
    make(emil, 0)
    token = ApiToken.objects.get()
    at_once(lambda one: roll(emil, token) if one else revoke_token(token=token, now=NOW), [0, 1, 0, 1])
    token.refresh_from_db()
    assert token.revoked_at == NOW
    assert token.successors.count() == (token.rolled_at is not None)
