"""Find or do: typing mistakes, keys, versions, rights, and words that nothing can be done with."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path

from feedback.services.feedback import log_feedback
from metrics.queries.find import BadSearch, Found, find, read_words
from products.models import Release, User
from tests.conftest import Cast
from tests.factories import NOW, make_diagnosis, make_entry, make_kpi, make_product, make_user

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def labels(found: Found, title: str) -> list[str]:
    """The hits of one group."""
    return [hit.label for group in found.groups if group.title == title for hit in group.hits]


def look(user: User, words: str) -> Found:
    """Find as the view does."""
    return find(user, read_words(words), day=TODAY)


def release(cast: Cast, name: str, version: str) -> Release:
    """A planned release of the checkout."""
    return Release.objects.create(
        product=cast.checkout, environment="production", version=version, name=name, state="planned"
    )


def signed_in(user: User) -> Client:
    """A browser of one person."""
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("typed", ["checkout", "chekout", "chckout", "CHECK", "che", "c"])
def test_a_product_is_found_by_its_beginning_and_with_typing_mistakes(cast: Cast, typed: str) -> None:
    assert labels(look(cast.otto, typed), "Products") == ["Checkout"]


def test_a_release_is_found_by_name_by_version_and_by_key(cast: Cast) -> None:
    made = release(cast, "Split payment", "7.4.0")
    for typed in ("split", "paymnet", "payment split", "7.4", "7.4.0"):
        assert labels(look(cast.otto, typed), "Releases") == ["Split payment"], typed
    for typed in (made.key, made.key.lower(), f"r{made.pk}"):
        [group] = look(cast.otto, typed).groups
        assert (group.title, group.hits[0].label) == ("Keys", "Split payment")


def test_a_release_without_a_name_is_found_by_its_version(cast: Cast) -> None:
    release(cast, "", "2026.11-rc1")
    assert labels(look(cast.otto, "2026.11"), "Releases") == ["2026.11-rc1"]


def test_the_key_of_an_entry_or_a_diagnosis_leads_to_its_page(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout, "Words")
    diagnosis = make_diagnosis(cast.emil, cast.checkout, entry)
    for typed, detail in ((entry.key, "feedback about Checkout"), (diagnosis.key.lower(), "diagnosis of Checkout")):
        [group] = look(cast.otto, typed).groups
        [hit] = group.hits
        assert (hit.label, hit.detail, hit.type) == (typed.upper(), detail, "E")
        assert "Words" in signed_in(cast.otto).get(hit.url).content.decode()


def test_feedback_is_not_found_by_its_words(cast: Cast) -> None:
    log_feedback(
        text="The depot is wrong", product=cast.checkout, channel="chat", logged_by=cast.emil, received_at=NOW,
        source="test", source_id="1", now=NOW,
    )  # fmt: skip
    assert look(cast.emil, "depot").total == 0


def test_kpis_and_teams_are_found_with_where_they_belong(cast: Cast) -> None:
    make_kpi(cast.checkout, "conversion-rate", "ratio")
    [kpi] = [hit for group in look(cast.otto, "convrsion").groups for hit in group.hits]
    assert (kpi.label, kpi.detail, kpi.type) == ("Conversion rate", "KPI of Checkout", "E")
    [team] = [hit for group in look(cast.otto, "platform").groups for hit in group.hits]
    assert (team.label, team.url) == ("Platform", "/impact/?team=platform")


def test_colleagues_are_found_and_those_who_left_are_not(cast: Cast) -> None:
    make_user("Gone Girl", is_active=False)
    [hit] = [hit for group in look(cast.otto, "pauls").groups for hit in group.hits]
    assert (hit.label, hit.url) == ("Paula", "/people/?q=Paula")
    assert labels(look(cast.otto, "gone"), "People") == []


def test_the_nearest_comes_first_and_far_ones_only_where_nothing_is_near(cast: Cast) -> None:
    for name in ("Route planner", "Router", "Pallet route"):
        make_product(name.lower().replace(" ", "-"), name=name)
    assert labels(look(cast.otto, "router"), "Products")[0] == "Router"
    make_product("split-payment", name="Split payment")
    far = look(cast.otto, "splti")
    assert (labels(far, "Products"), far.close) == (["Split payment"], True)
    assert "come close" in far.text


def test_nothing_found_says_what_to_try(cast: Cast) -> None:
    found = look(cast.otto, "xqzvw")
    assert found.groups == ()
    assert "Nothing here is called “xqzvw”. Try" in found.text


@pytest.mark.parametrize(("who", "offered"), [("paula", True), ("lena", True), ("otto", False), ("admin", False)])
def test_only_what_the_person_may_do_is_offered(cast: Cast, settings: object, who: str, offered: bool) -> None:
    class WithTokens:
        urlpatterns = [path("settings/tokens/", lambda request: None, name="tokens"), path("", include("pmtrack.urls"))]

    settings.ROOT_URLCONF = WithTokens
    person = getattr(cast, who)
    assert ("Make a token" in labels(look(person, "token"), "Do")) is offered
    assert "Log feedback" in labels(look(person, "log"), "Do")
    assert "Log feedback" in labels(look(person, ""), "Do")


def test_a_page_that_does_not_exist_is_not_offered(cast: Cast) -> None:
    assert all(hit.url.startswith("/") for group in look(cast.admin, "").groups for hit in group.hits)
    assert len(look(cast.lena, "").groups[0].hits) >= 5


def test_strangers_are_sent_to_the_sign_in_and_people_who_left_find_nothing(cast: Cast) -> None:
    for address in ("/find/?q=checkout", "/find/options/?q=checkout"):
        assert Client().get(address).headers["Location"].startswith("/login/")
    cast.otto.is_active = False
    assert find(cast.otto, "checkout", day=TODAY).total == 0


@pytest.mark.parametrize(
    "typed",
    ["%", "_", "'; DROP TABLE products_product; --", '"><script>', "\\", "\x00checkout\x00", "chec%", "c_eckout"],
)
@pytest.mark.parametrize("address", ["/find/", "/find/options/"])
def test_wildcards_quotes_and_nul_do_no_harm(cast: Cast, address: str, typed: str) -> None:
    response = signed_in(cast.otto).get(address, {"q": typed})
    assert response.status_code == (200 if any(sign.isalnum() for sign in typed) else 422)
    page = response.content.decode()
    assert '"><script>' not in page
    assert "\x00" not in page


@pytest.mark.parametrize(
    ("typed", "told"),
    [("x" * 10_000, "more than 100 characters"), ("%%%", "no letter or digit"), ("\x00", "no letter or digit")],
)
def test_words_that_cannot_be_looked_for_are_refused_in_words(cast: Cast, typed: str, told: str) -> None:
    with pytest.raises(BadSearch, match=told):
        read_words(typed)
    response = signed_in(cast.otto).get("/find/", {"q": typed})
    page = response.content.decode()
    assert response.status_code == 422
    assert told in page
    assert "<title>Error: Find or do" in page
    assert 'aria-invalid="true"' in page
    assert len(page) < 30_000


def test_a_search_costs_the_same_statements_however_many_names_there_are(cast: Cast) -> None:
    client = signed_in(cast.lena)
    costs = []
    for more in (0, 50):
        for number in range(more):
            make_kpi(make_product(f"cargo-{number}", "E"), f"cargo-{number}")
        with CaptureQueriesContext(connection) as statements:
            assert client.get("/find/options/?q=cargo").status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 13


@pytest.mark.parametrize(
    ("table", "words"), [("product", "name"), ("feature", "title"), ("release", "name || version"), ("user", "name")]
)
def test_a_name_is_looked_up_in_its_index(cast: Cast, table: str, words: str) -> None:
    make_user("Somebody")
    release(cast, "Split", "1")
    with CaptureQueriesContext(connection) as statements:
        connection.cursor().execute("SET LOCAL enable_seqscan = off")
        find(cast.lena, "split", day=TODAY)
        asked = [one["sql"] for one in statements if f'FROM "products_{table}"' in one["sql"] and "<<->" in one["sql"]]
        for sql in asked:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql.replace('%', '%%')}", [])
                plan = "\n".join(row[0] for row in cursor.fetchall())
            assert f"products_{table}_by_likeness" in plan, plan
            assert "Order By" in plan
    assert asked or table == "user"
