"""The demo company is for empty databases; others are left as they are."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from pmtrack.stack.places import home
from products.models import Product, User
from tests.conftest import Cast

pytestmark = pytest.mark.xdist_group("demo")  # shares the file of sign-ins with the story's own tests


def test_a_database_with_somebody_in_it_is_left_alone(cast: Cast) -> None:
    with pytest.raises(CommandError, match="--beside"):
        call_command("demo", stdout=StringIO())
    assert set(Product.objects.values_list("slug", flat=True)) == {"switchyard", "checkout"}


def test_beside_others_a_collision_is_said_in_words_and_nothing_is_written(cast: Cast) -> None:
    with pytest.raises(CommandError, match=r"Nothing was written: .* 'booking' already"):
        call_command("demo", "--beside", stdout=StringIO())
    assert User.objects.count() == 5
    assert not (home() / "demo.json").exists(), "a refusal leaves no sign-ins of people who do not exist"
