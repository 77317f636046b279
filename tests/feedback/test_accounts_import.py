"""Accounts from a CSV: looked at first, applied once, updated by reference, refused by row and reason; never people."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feedback.models import Account, ConsentChange
from feedback.services.accounts_import import apply_accounts, look_at_accounts
from pmtrack.web.tables.files import read_table
from products.services.sheets import RowsRefused
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_user
from tests.metrics.uploads import browser_of, text

HEAD = "reference,name,segment,annual_value,currency,valued_on,manager,consent,products\n"
BRENNER = "brenner,Brenner Logistik,retail,117000.50,EUR,2026-01-31,emil@example.com,yes,checkout\n"


def look(content: str, head: str = HEAD) -> Any:
    """What rows below the header would do."""
    return look_at_accounts(table=read_table(head + content, "comma"))


def apply(cast: Cast, content: str, *, head: str = HEAD, keep: bool = False) -> Any:
    """Apply rows below the header."""
    table = read_table(head + content, "comma")
    return apply_accounts(table=table, by=cast.admin, keep_good_rows=keep, now=NOW)


def test_a_new_account_comes_with_manager_consent_value_and_products(cast: Cast) -> None:
    apply(cast, BRENNER)
    account = Account.objects.get()
    assert (account.reference, account.name, account.segment) == ("brenner", "Brenner Logistik", "retail")
    assert (account.annual_value, account.currency, account.valued_on) == (
        Decimal("117000.50"),
        "EUR",
        date(2026, 1, 31),
    )
    assert (account.manager, account.consent, account.consent_via) == (cast.emil, "yes", cast.emil)
    assert list(account.products.all()) == [cast.checkout]
    step = ConsentChange.objects.get()
    assert (step.from_consent, step.to_consent, step.by, step.at) == ("not_asked", "yes", cast.admin, NOW)


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    apply(cast, BRENNER)
    again = look(BRENNER)
    assert (again.does_something, again.same, again.refused) == (False, 1, ())


def test_a_changed_file_updates_and_tells_only_what_it_says_itself(cast: Cast) -> None:
    apply(cast, BRENNER)
    changed = "brenner,Brenner SE,wholesale,90000,EUR,2026-06-01,paula@example.com,no,\n"
    words = look(changed).changed[0].words
    assert words == (
        "value becomes 90,000.00 EUR on 1 Jun 2026; name becomes Brenner SE; segment becomes wholesale; "
        "manager becomes Paula; consent becomes “no”; products become none"
    )
    assert "Logistik" not in words
    apply(cast, changed)
    account = Account.objects.get()
    assert (account.name, account.manager, account.consent, account.consent_via) == (
        "Brenner SE",
        cast.paula,
        "no",
        None,
    )
    assert not account.products.exists()
    assert ConsentChange.objects.count() == 2


def test_a_column_that_the_file_lacks_stays_and_an_empty_consent_changes_nothing(cast: Cast) -> None:
    apply(cast, BRENNER)
    apply(cast, "brenner,Brenner SE\n", head="reference,name\n")
    apply(cast, "brenner,Brenner AG,\n", head="reference,name,consent\n")
    account = Account.objects.get()
    assert (account.name, account.segment, account.consent, account.manager) == (
        "Brenner AG",
        "retail",
        "yes",
        cast.emil,
    )
    assert account.products.count() == 1


def test_a_manager_who_left_may_stay_but_does_not_come_anew(cast: Cast) -> None:
    apply(cast, BRENNER)
    cast.emil.is_active = False
    cast.emil.save()
    assert not look(BRENNER).refused
    assert "has left. Name somebody who is here." in look(BRENNER.replace("brenner", "other")).refused[0].reason


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("bren ner,Brenner,,,,,,,", "other signs than letters"),
        (",Brenner,,,,,,,", "There is no reference"),
        ("b,,,,,,,,", "There is no name"),
        ("b,=cmd|x,,,,,,,", "is a formula"),
        ("b,anna.huber@brenner.example,,,,,,,", "looks like a mail address of somebody outside"),
        ("b,Brenner +49 170 1234567,,,,,,,", "looks like a phone number of somebody outside"),
        ("b,Brenner,call 0170 1234567,,,,,,", "looks like a phone number"),
        ("b,Brenner,,12k,EUR,2026-01-31,,,", "“12k” is not a number"),
        ("b,Brenner,,-5,EUR,2026-01-31,,,", "is not between 0 and"),
        ("b,Brenner,,1e30,EUR,2026-01-31,,,", "is not between 0 and"),
        ("b,Brenner,,1234,,2026-01-31,,,", "needs its currency"),
        ("b,Brenner,,1234,EUR,,,,", "the day it was true"),
        ("b,Brenner,,1234,EUR,2026-02-30,,,", "is no day of the calendar"),
        ("b,Brenner,,,,,nobody@example.com,,", "“nobody@example.com” is no colleague’s mail address"),
        ("b,Brenner,,,,,,perhaps,", "“perhaps” is none of not_asked, yes and no"),
        ("b,Brenner,,,,,,yes,", "name the manager through whom"),
        ("b,Brenner,,,,,,,harbour", "there is no product “harbour”"),
        ("b,Brenner,,,,,,,switchyard", "Switchyard is internal"),
    ],
)
def test_a_row_that_cannot_be_applied_says_why_and_how_to_mend_it(cast: Cast, row: str, words: str) -> None:
    looked = look(row + "\n")
    assert not looked.does_something
    assert (looked.refused[0].number, words in looked.refused[0].reason) == (2, True), looked.refused


def test_a_number_that_could_be_two_is_never_guessed(cast: Cast) -> None:
    rows = 'b,Brenner,,"1,234",EUR,2026-01-31,,,\n'
    assert "could be a thousand or a little over one" in look(rows).refused[0].reason


def test_doubled_references_with_different_words_are_all_refused(cast: Cast) -> None:
    looked = look("b,Brenner,,,,,,,\nb,Brenner SE,,,,,,,\nc,Castor,,,,,,,\nc,Castor,,,,,,,\n")
    assert {row.number: row.reason for row in looked.refused} == dict.fromkeys(
        (2, 3), "“b” stands in rows 2, 3 with different words. Keep one."
    )
    assert (len(looked.new), looked.same) == (1, 1)


def test_good_rows_go_in_without_the_refused_only_on_request(cast: Cast) -> None:
    rows = BRENNER + "b,,,,,,,,\n"
    with pytest.raises(RowsRefused, match="Tick"):
        apply(cast, rows)
    assert not Account.objects.exists()
    apply(cast, rows, keep=True)
    assert Account.objects.count() == 1


def test_ids_with_leading_zeros_are_no_phone_numbers(cast: Cast) -> None:
    assert not look("0012345678901,Brenner,,,,,,,\n").refused


def test_a_look_takes_as_many_statements_for_one_row_as_for_fifty(cast: Cast) -> None:
    counts = []
    for size in (1, 50):
        for number in range(size):
            if not Account.objects.filter(reference=f"a{number}").exists():
                make_account(f"a{number}", cast.emil).products.add(cast.checkout)
        rows = "".join(f"a{number},Account {number} SE,,,,,paula@example.com,no,checkout\n" for number in range(size))
        with CaptureQueriesContext(connection) as statements:
            assert len(look(rows).changed) == size
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 4


def test_thousands_of_accounts_go_in_with_few_statements(cast: Cast, django_assert_max_num_queries: Any) -> None:
    rows = "".join(f"a{number},Account {number},,,,,emil@example.com,yes,checkout\n" for number in range(3_000))
    with django_assert_max_num_queries(40):
        apply(cast, rows)
    assert Account.objects.filter(products=cast.checkout).count() == 3_000


@pytest.fixture
def ada(cast: Cast) -> Client:
    """The administrator's browser."""
    return browser_of(cast.admin)


def chosen(client: Client, content: str) -> Any:
    """Choose a file; the answer."""
    file = SimpleUploadedFile("accounts.csv", content.encode())
    return client.post("/settings/accounts/", {"kind": "accounts", "file": file})


def test_the_page_shows_what_would_change_and_applies_it(ada: Client, cast: Cast) -> None:
    page = chosen(ada, HEAD + BRENNER)["Location"]
    assert "Applying this file would add one account." in text(ada.get(page))
    done = ada.post(page, follow=True)
    assert "Applied: 1 new account, 0 changed, 0 ended." in text(done)
    assert Account.objects.count() == 1


def test_only_administrators_import_and_another_imports_file_is_not_theirs(ada: Client, cast: Cast) -> None:
    page = chosen(ada, HEAD + BRENNER)["Location"]
    for who in (cast.emil, cast.lena, cast.otto):
        client = browser_of(who)
        assert [client.get("/settings/accounts/").status_code, client.get(page).status_code] == [403, 403]
        assert client.post(page).status_code == 403
    assert browser_of(make_user("Bo Admin", is_admin=True)).get(page).status_code == 404
    assert ada.get(page.replace("accounts", "directory")).status_code == 404
    assert not Account.objects.exists()


def test_an_unknown_kind_is_not_found(ada: Client) -> None:
    file = SimpleUploadedFile("accounts.csv", (HEAD + BRENNER).encode())
    assert ada.post("/settings/accounts/", {"kind": "people", "file": file}).status_code == 404
