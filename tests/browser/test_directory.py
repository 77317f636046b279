"""Directory and accounts in a real browser: readable at every width in both themes, and done without script."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from feedback.models import Account
from feedback.services.consent import set_consent
from pmtrack.web.tables.files import SheetText
from products.models import SheetKind, User
from products.services.sheets import keep_sheet
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_account, make_entry, speak

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEAD = "email,name,team,role,from,left_on,shoe size\n"
MIXED = (
    f"{HEAD}nora.neumann@example.com,Nora Neumann,booking,pm,2026-05-01,,38\npaula@example.com,Paula,booking,pm,2026-06-01,,\n"
    "emil@example.com,Emil,booking,pm,2020-01-01,2026-06-10,\nnobody,Bad Row,booking,pm,2026-01-01,,\n"
)
SHEETS = {
    "people": (SheetKind.PEOPLE, MIXED),
    "nothing new": (SheetKind.PEOPLE, f"{HEAD}emil@example.com,Emil,booking,pm,2020-01-01,,\n"),
    "no column": (SheetKind.PEOPLE, "name,team\nPaula,platform\n"),
    "accounts": (SheetKind.ACCOUNTS, "reference,name,manager,consent\nbrenner,Brenner SE,,no\n,Nobody,,\n"),
}


@pytest.fixture
def brenner(cast: Cast) -> Account:
    """A customer of Checkout with a long name, consent with history, and things said."""
    now = datetime.now(UTC)
    account = make_account("brenner-logistik", cast.emil, annual_value=117_000, currency="EUR", valued_on=now)
    account.name = "Brenner Logistik und Kontraktlogistik Süd-Tirol GmbH"
    account.save()
    account.products.add(cast.checkout)
    set_consent(account=account, consent="yes", via=cast.emil, by=cast.emil, now=now)
    root = make_entry(cast.emil, cast.checkout, received_at=now)
    speak(root, account=account, via=cast.emil)
    speak(make_entry(cast.emil, cast.checkout, merged_into=root), account=account, via=cast.lena)
    make_account("castor", cast.emil, consent="no")
    return account


@pytest.mark.long  # pages of the same parts
@pytest.mark.parametrize("name", ["choose", "choose accounts", *SHEETS])
def test_an_imports_page_is_readable_in_both_themes_and_at_every_width(
    cast: Cast, open_window: Callable[..., Window], name: str
) -> None:
    path = {"choose": "/settings/directory/", "choose accounts": "/settings/accounts/"}.get(name, "")
    if not path:
        kind, text = SHEETS[name]
        sheet = SheetText(text, "utf-8")
        kept = keep_sheet(kind=kind, owner=cast.admin, name="directory.csv", sheet=sheet, now=datetime.now(UTC))
        path = f"/settings/{'accounts' if kind == SheetKind.ACCOUNTS else 'directory'}/{kept.pk}/"
    window = open_window(cast.admin)
    assert window.troubles(path) == {}


@pytest.mark.long  # pages of the same parts
@pytest.mark.parametrize(
    "path", ["/accounts/", "/accounts/?q=zzz", "/accounts/brenner-logistik/", "/accounts/brenner-logistik/consent/"]
)
def test_a_page_of_accounts_is_readable_in_both_themes_and_at_every_width(
    cast: Cast, brenner: Account, open_window: Callable[..., Window], path: str
) -> None:
    window = open_window(cast.emil)
    assert window.troubles(path) == {}


def test_who_is_near_no_customer_is_told_why_the_list_is_empty(
    cast: Cast, brenner: Account, open_window: Callable[..., Window]
) -> None:
    window = open_window(cast.paula)
    assert window.troubles("/accounts/") == {}
    expect(window.page.locator("main")).to_contain_text("No account is near you.")


def test_a_directory_is_imported_without_script(cast: Cast, open_window: Callable[..., Window], tmp_path: Path) -> None:
    path = tmp_path / "directory.csv"
    path.write_text(MIXED)
    window = open_window(cast.admin, script=False)
    window.go("/settings/")
    window.page.click("text=Import the directory")
    window.page.set_input_files("#people-file", str(path))
    window.page.click("text=Look at the colleagues")
    assert "add one colleague, change one colleague and end the roles of one colleague" in window.page.inner_text(
        "main"
    )
    window.page.check("input[name=keep_good_rows]")
    window.page.click("text=Apply 3 changes")
    expect(window.page.locator("body")).to_contain_text(
        "Applied: 1 new colleague, 1 changed, 1 ended. 1 row left out as refused."
    )
    assert not User.objects.get(email="emil@example.com").is_active
    assert window.messages == []


def test_consent_is_noted_without_script(cast: Cast, brenner: Account, open_window: Callable[..., Window]) -> None:
    window = open_window(cast.emil, script=False)
    window.go("/accounts/")
    window.page.click("text=Castor")
    window.page.click("text=Note their consent")
    window.page.select_option("select[name=consent]", "yes")
    window.page.fill("input[name=via]", "")
    window.page.click("main button[type=submit]")
    expect(window.page).to_have_title(re.compile("^Error: "))
    window.page.fill("input[name=via]", "Lena")
    window.page.click("main button[type=submit]")
    expect(window.page.locator("main")).to_contain_text("We may contact them, through Lena.")
    assert window.messages[1:] == []
