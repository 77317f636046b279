"""Accounts: who may see which customer, consent with its history, and two people noting it at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feedback.models import Account, ConsentChange
from feedback.queries.accounts import account_list, account_page, value_text
from feedback.services.consent import CONSENT_COLUMNS, ConsentMoved, ViaMissing, set_consent
from products.models import Ally
from products.queries.edits import version_of
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_entry, since, speak
from tests.metrics.uploads import browser_of, text

TODAY = datetime.now(UTC).date()


@pytest.fixture
def brenner(cast: Cast) -> Account:
    """A customer of Checkout, managed by Emil, who spoke twice; one entry is merged into the other."""
    account = make_account("brenner", cast.emil, segment="retail", annual_value=117000, currency="EUR", valued_on=NOW)
    account.products.add(cast.checkout)
    root = make_entry(cast.emil, cast.checkout, "The depot is wrong.")
    speak(root, account=account, via=cast.emil)
    speak(make_entry(cast.emil, cast.checkout, "Wrong depot again.", merged_into=root), account=account)
    return account


def consent(client: Client, **given: Any) -> Any:
    """Send the consent form as it is now; the answer."""
    version = version_of(Account.objects.get(reference="brenner"), CONSENT_COLUMNS)
    usual = {"consent": "yes", "via": "emil@example.com", "version": version}
    return client.post("/accounts/brenner/consent/", {**usual, **given})


@pytest.mark.parametrize(
    ("who", "sees"), [("emil", True), ("lena", True), ("paula", False), ("otto", False), ("admin", False)]
)
def test_a_customer_is_shown_only_near_its_products(cast: Cast, brenner: Account, who: str, sees: bool) -> None:
    client = browser_of(getattr(cast, who))
    listed = client.get("/accounts/")
    assert (listed.status_code, "Brenner" in text(listed)) == (200, sees)
    assert client.get("/accounts/brenner/").status_code == (200 if sees else 404)
    assert client.get("/accounts/brenner/consent/").status_code == (200 if sees else 404)
    assert consent(client).status_code == (303 if sees else 404)
    assert ConsentChange.objects.exists() == sees
    assert "No account is near you." in text(listed) or sees


def test_an_ally_and_the_manager_see_it_and_strangers_sign_in(cast: Cast, brenner: Account, client: Client) -> None:
    Ally.objects.create(product=cast.checkout, user=cast.otto, function="legal", period=since())
    brenner.manager = cast.paula
    brenner.save()
    assert [browser_of(one).get("/accounts/brenner/").status_code for one in (cast.otto, cast.paula)] == [200, 200]
    assert client.get("/accounts/").status_code == 302
    assert browser_of(cast.emil).get("/accounts/nobody/").status_code == 404


def test_a_merged_group_counts_once_and_what_was_taken_back_not_at_all(cast: Cast, brenner: Account) -> None:
    assert account_list(cast.emil, day=TODAY).rows[0].voices == 1
    speak(make_entry(cast.emil, cast.checkout, withdrawn_at=NOW, withdrawn_by=cast.emil), account=brenner)
    assert account_list(cast.emil, day=TODAY).rows[0].voices == 1
    speak(make_entry(cast.emil, cast.checkout), account=brenner)
    assert account_list(cast.emil, day=TODAY).rows[0].voices == 2


def test_its_page_tells_value_products_and_where_merged_words_count(cast: Cast, brenner: Account) -> None:
    page = text(browser_of(cast.emil).get("/accounts/brenner/"))
    for words in ("EUR 117,000 a year, on 15 Jun 2026", "The depot is wrong.", "counts in FB-", "via Emil", "Checkout"):
        assert words in page
    assert "Nobody asked yet whether we may contact them." in page


def test_a_manager_far_from_the_product_sees_only_what_he_may(cast: Cast, brenner: Account) -> None:
    entry = make_entry(cast.paula, None, "No product yet.")
    speak(entry, account=brenner)
    mine = account_page(cast.lena, "brenner", day=TODAY)
    assert mine is not None
    assert [one.text for one in mine.heard] == ["Wrong depot again.", "The depot is wrong."]


def test_consent_is_noted_with_its_history(cast: Cast, brenner: Account) -> None:
    emil = browser_of(cast.emil)
    assert consent(emil, via="Lena").status_code == 303
    done = emil.get("/accounts/brenner/")
    assert "The consent of Brenner is noted." in text(done)
    assert "We may contact them, through Lena." in text(done)
    assert "Yes, through Lena; before: not asked yet" in text(done)
    again = consent(emil, via="lena@example.com")
    assert (again.status_code, ConsentChange.objects.count()) == (303, 1)
    consent(emil, consent="no", via="")
    brenner.refresh_from_db()
    assert (brenner.consent, brenner.consent_via, ConsentChange.objects.count()) == ("no", None, 2)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"via": ""}, "Name the colleague through whom we may contact them"),
        ({"via": "nobody"}, "Nobody here is called “nobody”."),
        ({"consent": "perhaps"}, "Choose one of the answers."),
        ({"consent": ""}, "Choose one of the answers."),
        ({"via": "\x00"}, "Null characters are not allowed."),
    ],
)
def test_bad_input_is_said_at_its_field_and_kept(
    cast: Cast, brenner: Account, given: dict[str, str], words: str
) -> None:
    answer = consent(browser_of(cast.emil), **given)
    assert (answer.status_code, words in text(answer)) == (422, True), text(answer)
    assert "<title>Error: Consent of Brenner" in text(answer)
    assert not ConsentChange.objects.exists()


def test_a_second_answer_at_once_is_told_and_decided_by_pressing_again(cast: Cast, brenner: Account) -> None:
    version = version_of(brenner, CONSENT_COLUMNS)
    now = datetime.now(UTC) - timedelta(minutes=2)
    set_consent(account=brenner, consent="no", via=None, by=cast.lena, now=now)
    answer = consent(browser_of(cast.emil), version=version)
    assert (answer.status_code, "Lena noted another consent of Brenner 2 minutes ago." in text(answer)) == (409, True)
    brenner.refresh_from_db()
    assert brenner.consent == "no"
    assert consent(browser_of(cast.emil)).status_code == 303


def test_the_service_refuses_a_yes_through_nobody_and_a_state_that_moved(cast: Cast, brenner: Account) -> None:
    with pytest.raises(ViaMissing, match="Name the colleague"):
        set_consent(account=brenner, consent="yes", via=None, by=cast.emil, now=NOW)
    with pytest.raises(ConsentMoved, match="Somebody noted another consent of Brenner meanwhile"):
        set_consent(account=brenner, consent="no", via=None, by=cast.emil, now=NOW, version="0" * 32)


def test_the_list_is_narrowed_by_words_and_answer(cast: Cast, brenner: Account) -> None:
    make_account("castor", cast.emil, consent="no")
    emil = browser_of(cast.emil)
    assert [row.name for row in account_list(cast.emil, day=TODAY, asked="RETAIL").rows] == ["Brenner"]
    assert [row.name for row in account_list(cast.emil, day=TODAY, consent="no").rows] == ["Castor"]
    assert "No account near you is called that" in text(emil.get("/accounts/?q=zzz"))
    assert [emil.get(f"/accounts/?{bad}").status_code for bad in ("consent=x", "page=0", "page=x")] == [404, 404, 404]
    assert "There is no page 7" in text(emil.get("/accounts/?page=7"))
    assert emil.get("/accounts/?q=%00").status_code == 200


def test_a_page_of_accounts_takes_as_many_statements_as_one(cast: Cast, brenner: Account) -> None:
    counts = []
    for size in (1, 50):
        for number in range(size - 1):
            make_account(f"a{number}", cast.emil).products.add(cast.checkout)
        with CaptureQueriesContext(connection) as statements:
            assert len(account_list(cast.emil, day=TODAY).rows) == size
        counts.append(len(statements))
    assert counts[0] == counts[1] == 2


def test_values_are_written_with_cents_only_where_there_are_some(brenner: Account) -> None:
    brenner.refresh_from_db()
    assert value_text(brenner.annual_value, "EUR") == "EUR 117,000"
    assert value_text(None, "") == ""
