"""What the capture refuses: said at the field, with every word kept and nothing stored."""

import re

import pytest

from feedback.models import Account, Feedback
from tests.conftest import Cast
from tests.journeys.test_pages import draft_of, signed_in, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("text", "", "Write what you heard"),
        ("text", "   ", "Write what you heard"),
        ("text", "x" * 2001, "Shorten it to 2,000 characters"),
        ("text", "a\x00b", "A character in it cannot be stored (NUL)"),
        ("product", "nothing", "Choose a product from the list"),
        ("channel", "telepathy", "Choose a channel from the list"),
        ("consent", "perhaps", "Choose one of the answers about contact"),
        ("on", "2019-01-01", "Choose today or a day of the last two years"),
        ("draft", "forged", "open for too long"),
        ("source", "a-999999", "Whom you chose cannot be named here"),
        ("said_by", "Nobody Known", "Nobody whom you may name is called"),
    ],
)
def test_what_cannot_be_logged_is_said_at_the_form_and_the_draft_is_kept(
    cast: Cast, field: str, value: str, words: str
) -> None:
    client = signed_in(cast.emil)
    form = {"text": "Kept words", "draft": draft_of(client), field: value}
    response = client.post("/feedback/new/", form)
    assert response.status_code == 422
    assert words in text_of(response)
    page = response.content.decode()
    for target in re.findall(r'<li><a href="#([^"]+)">', page):
        assert f'id="{target}"' in page
    if field != "text":
        assert "Kept words</textarea>" in page
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("product", "words"),
    [
        ("checkout", "Choose the colleague through whom Kuhn spoke."),
        ("switchyard", "Switchyard is internal: its voices are colleagues, not customers."),
        ("", "Choose the product that Kuhn spoke about."),
    ],
)
def test_a_customer_speaks_through_somebody_about_an_external_product(cast: Cast, product: str, words: str) -> None:
    kuhn = Account.objects.create(reference="kuhn", name="Kuhn")
    kuhn.products.add(cast.checkout)
    client = signed_in(cast.emil)
    via = "" if product == "checkout" else str(cast.emil.pk)
    form = {"text": "It is slow", "product": product, "said_by": "Kuhn", "via": via, "draft": draft_of(client)}
    response = client.post("/feedback/new/", form)
    assert (response.status_code, words in text_of(response)) == (422, True)
    assert not Feedback.objects.exists()


def test_what_the_page_carries_is_never_refused_by_itself(cast: Cast) -> None:
    client = signed_in(cast.emil)
    form = {"text": "It is slow", "draft": draft_of(client), "add_to": "1e9\x00", "not_these": "x," * 900}
    assert client.post("/feedback/new/", form).status_code == 303
    assert Feedback.objects.get().merged_into is None
