"""Every page as each of the cast sees it, and the walk from one logged feedback to the lead's page."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feedback.models import Account, Feedback
from feedback.services.feedback import NewVoice, log_feedback
from metrics.services.rollups import refresh
from products.models import User
from tests.conftest import Cast
from tests.factories import make_kpi, make_product, own

pytestmark = pytest.mark.django_db
PAGES = (
    "/impact/",
    "/impact/internal/",
    "/impact/external/",
    "/products/",
    "/products/checkout/",
    "/products/switchyard/",
    "/feedback/",
    "/feedback/new/",
)


def signed_in(user: User) -> Client:
    """A browser of this person."""
    client = Client()
    client.force_login(user)
    return client


def text_of(response: HttpResponse) -> str:
    """What stands on the page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def draft_of(client: Client) -> str:
    """The identity of a fresh form."""
    found = re.search(r'name="draft" value="([^"]+)"', client.get("/feedback/new/").content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize("path", ["/", *PAGES])
def test_a_stranger_is_sent_to_sign_in(cast: Cast, path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("name", ["paula", "emil", "lena", "otto", "admin"])
def test_everybody_signed_in_can_open_every_page(cast: Cast, name: str, path: str) -> None:
    response = signed_in(getattr(cast, name)).get(path)
    assert response.status_code == 200
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "target"),
    [("lena", "/impact/"), ("paula", "/products/switchyard/"), ("emil", "/products/checkout/"), ("otto", "/impact/")],
)
def test_the_start_leads_each_to_his_own_page(cast: Cast, name: str, target: str) -> None:
    assert signed_in(getattr(cast, name)).get("/")["Location"] == target


def test_signing_in_and_out_works_with_a_password(cast: Cast) -> None:
    cast.emil.set_password("a long enough passphrase")
    cast.emil.save(update_fields=["password"])
    client = Client()
    assert client.get("/login/").status_code == 200
    wrong = client.post("/login/", {"login": cast.emil.email, "password": "something else"})
    assert wrong.status_code == 200
    assert "_auth_user_id" not in client.session
    right = client.post("/login/", {"login": cast.emil.email, "password": "a long enough passphrase"})
    assert (right.status_code, right["Location"]) == (302, "/")
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/products/").status_code == 302


def test_a_pm_logs_one_thing_and_the_lead_sees_it_counted(cast: Cast) -> None:
    client = signed_in(cast.emil)
    form = {"text": "Planners see the wrong depot", "product": "checkout", "draft": draft_of(client)}
    saved = client.post("/feedback/new/", form)
    assert saved.status_code == 303
    entry = Feedback.objects.get()
    assert (entry.product, entry.logged_by) == (cast.checkout, cast.emil)
    assert f"Logged {entry.key}" in text_of(client.get(saved["Location"]))
    refresh(now=datetime.now(UTC))
    assert "1 thing heard in the last 90 days" in text_of(signed_in(cast.lena).get("/impact/"))


def test_only_the_text_is_needed(cast: Cast) -> None:
    client = signed_in(cast.otto)
    assert client.post("/feedback/new/", {"text": "It is slow", "draft": draft_of(client)}).status_code == 303
    assert Feedback.objects.get().product is None


def test_a_form_sent_twice_is_one_entry(cast: Cast) -> None:
    client = signed_in(cast.emil)
    form = {"text": "Planners see the wrong depot", "product": "checkout", "draft": draft_of(client)}
    client.post("/feedback/new/", form)
    again = client.post("/feedback/new/", form, follow=True)
    assert Feedback.objects.count() == 1
    assert "was logged before; nothing is stored twice" in text_of(again)


def test_a_form_sent_again_with_other_words_keeps_them_and_asks(cast: Cast) -> None:
    client = signed_in(cast.emil)
    draft = draft_of(client)
    client.post("/feedback/new/", {"text": "First words", "draft": draft})
    response = client.post("/feedback/new/", {"text": "Other words", "draft": draft})
    assert response.status_code == 422
    assert "sent before with other words" in text_of(response)
    assert "Other words</textarea>" in response.content.decode()
    assert Feedback.objects.count() == 1


def test_the_own_product_is_chosen_beforehand(cast: Cast) -> None:
    assert '<option value="checkout" selected>' in signed_in(cast.emil).get("/feedback/new/").content.decode()


def test_customers_are_named_only_to_those_who_may_know_them(cast: Cast, now: datetime) -> None:
    account = Account.objects.create(reference="brenner", name="Brenner Logistik")
    log_feedback(
        text="Slow quotes", product=cast.checkout, channel="call", logged_by=cast.emil, received_at=now, source="test",
        source_id="1", voice=NewVoice(account=account), now=now,
    )  # fmt: skip
    for path in ("/feedback/?scope=all", "/products/checkout/"):
        assert "Brenner" in text_of(signed_in(cast.emil).get(path))
        assert "Brenner" in text_of(signed_in(cast.lena).get(path))
        for name in ("otto", "paula", "admin"):
            page = text_of(signed_in(getattr(cast, name)).get(path))
            assert "Brenner" not in page
            assert "Slow quotes" in page


def test_what_people_wrote_is_never_markup(cast: Cast, now: datetime) -> None:
    log_feedback(
        text="<script>alert(1)</script>", product=cast.checkout, channel="call", logged_by=cast.emil, received_at=now,
        source="test", source_id="1", now=now,
    )  # fmt: skip
    for path in ("/feedback/?scope=all", "/products/checkout/"):
        assert "<script>alert" not in signed_in(cast.emil).get(path).content.decode()


def test_older_feedback_stands_on_the_next_page(cast: Cast, now: datetime) -> None:
    for number in range(53):
        log_feedback(
            text=f"Thing {number:02}", product=None, channel="call", logged_by=cast.emil, received_at=now,
            source="test", source_id=str(number), now=now,
        )  # fmt: skip
    client = signed_in(cast.emil)
    first = client.get("/feedback/")
    assert "Thing 52" in text_of(first)
    assert "Thing 02" not in text_of(first)
    older = re.search(r'rel="next" href="([^"]+)"', first.content.decode())
    assert older
    assert "Thing 02" in text_of(client.get(f"/feedback/{unescape(older[1])}"))


def test_an_unknown_team_is_answered_with_the_known_ones(cast: Cast) -> None:
    response = signed_in(cast.lena).get("/impact/?team=nobody")
    assert response.status_code == 404
    assert "Booking" in text_of(response)
    assert "/impact/?team=platform" in response.content.decode()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/impact/?from=2026-13", 400),
        ("/impact/?from=2026-06&to=2026-01", 400),
        ("/impact/?page=x", 400),
        ("/impact/?all=everything", 400),
        ("/impact/?team=%00", 400),
        ("/impact/internal/?page=0", 400),
        ("/products/checkout/?to=never", 400),
        ("/products/nothing/", 404),
        ("/products/?page=0", 404),
        ("/feedback/?before=x", 404),
        ("/feedback/?product=nothing", 404),
        ("/no/such/page/", 404),
    ],
)
def test_an_address_that_says_nothing_is_refused_in_words(cast: Cast, path: str, status: int) -> None:
    response = signed_in(cast.lena).get(path)
    assert response.status_code == status
    assert "<h1" in response.content.decode()


def test_pages_are_read_and_never_written(cast: Cast) -> None:
    client = signed_in(cast.lena)
    assert {client.post(path).status_code for path in PAGES if path != "/feedback/new/"} == {405}


def test_a_form_without_its_token_is_refused_in_words(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.emil)
    response = client.post("/feedback/new/", {"text": "Planners see the wrong depot"})
    assert response.status_code == 403
    assert not Feedback.objects.exists()


def test_the_team_page_costs_a_lead_thirteen_statements_at_two_and_at_fifty_products(cast: Cast) -> None:
    client = signed_in(cast.lena)
    for more in (0, 48):
        for number in range(more):
            product = make_product(f"made-{number}", "E" if number % 2 else "I")
            own(cast.booking, product)
            make_kpi(product, f"kpi-{number}", "ratio", is_main=True)
        with CaptureQueriesContext(connection) as statements:
            assert client.get("/impact/").status_code == 200
        assert len(statements) == 13, [query["sql"][:80] for query in statements]


def test_more_products_than_a_page_holds_are_paged(cast: Cast) -> None:
    for number in range(25):
        own(cast.booking, make_product(f"made-{number:02}", "E"))
    client = signed_in(cast.lena)
    first, second = text_of(client.get("/impact/")), text_of(client.get("/impact/?page=2"))
    assert "Page 1 of 2, 27 products" in first
    assert "Made 24" in second


def test_the_admin_lists_people_and_products_but_no_readings(cast: Cast) -> None:
    page = text_of(signed_in(cast.admin).get("/admin/"))
    assert all(word in page for word in ("Users", "Teams", "Memberships", "Products", "Assignments", "Kpis"))
    assert not any(word in page for word in ("Readings", "Feedback", "Api tokens", "Groups"))
    assert signed_in(cast.lena).get("/admin/").status_code == 302


@pytest.mark.parametrize("table", ["user", "team", "membership", "product", "assignment"])
def test_the_admin_opens_its_lists_and_forms(cast: Cast, table: str) -> None:
    client = signed_in(cast.admin)
    assert client.get(f"/admin/products/{table}/").status_code == 200
    assert client.get(f"/admin/products/{table}/add/").status_code == 200
