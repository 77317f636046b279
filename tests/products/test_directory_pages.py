"""The directory's pages: a file is looked at, applied on request, refused in words, its owner's alone."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pmtrack.web.tables.files import SheetText
from products.models import AuditEntry, KeptSheet, Team, User
from products.services.sheets import drop_expired_sheets, keep_sheet
from products.tasks import drop_sheets
from tests.conftest import Cast
from tests.factories import NOW, make_user
from tests.metrics.uploads import browser_of, text

TODAY = NOW.date()
HEAD = "email,name,team,role,from,left_on\n"
PAULA = "paula@example.com,Paula,platform,pm,2020-01-01,\n"


@pytest.fixture
def ada(cast: Cast) -> Client:
    """The administrator's browser."""
    return browser_of(cast.admin)


def choose(client: Client, content: str | bytes, *, kind: str = "people") -> Any:
    """Choose a file; the answer."""
    data = content.encode() if isinstance(content, str) else content
    return client.post("/settings/directory/", {"kind": kind, "file": SimpleUploadedFile("all.csv", data)})


def chosen(client: Client, content: str, *, kind: str = "people") -> str:
    """Choose a file; the address of its page."""
    answer = choose(client, content, kind=kind)
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"])


def test_teams_are_looked_at_and_then_added_and_renamed(ada: Client, cast: Cast) -> None:
    page = chosen(ada, "slug,name\nbooking,Booking and quotes\ndocks,Docks\nplatform,Platform\n", kind="teams")
    looked = text(ada.get(page))
    assert "Applying this file would add one team and change one team." in looked
    assert "One row says what is held already." in looked
    assert not Team.objects.filter(slug="docks").exists()
    done = ada.post(page, follow=True)
    assert done.redirect_chain == [("/settings/directory/", 303)]
    assert "Applied: 1 new team, 1 changed, 0 ended." in text(done)
    assert dict(Team.objects.values_list("slug", "name")) == {
        "booking": "Booking and quotes", "docks": "Docks", "platform": "Platform", "finance": "Finance",
    }  # fmt: skip
    assert "nothing would change" in text(ada.get(page))
    again = ada.post(page)
    assert (again.status_code, "Nothing in this file would change anything." in text(again)) == (422, True)


def test_good_rows_go_in_without_the_refused_only_on_request(ada: Client, cast: Cast) -> None:
    page = chosen(ada, HEAD + "nora@example.com,Nora,booking,pm,2026-01-01,\nbad,Bad,booking,pm,2026-01-01,\n")
    assert "One row cannot be applied." in text(ada.get(page))
    refused = ada.post(page)
    assert (refused.status_code, "Tick “Apply the good rows”" in text(refused)) == (422, True)
    assert not User.objects.filter(name="Nora").exists()
    done = ada.post(page, {"keep_good_rows": "yes"}, follow=True)
    assert "Applied: 1 new colleague, 0 changed, 0 ended. 1 row left out as refused." in text(done)
    assert User.objects.filter(name="Nora").exists()


def test_refused_rows_are_given_back_as_a_file_that_computes_nothing(ada: Client, cast: Cast) -> None:
    page = chosen(ada, HEAD + "nora@example.com,=1+1,booking,pm,2026-01-01,\n")
    answer = ada.get(f"{page}refused.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["row", "why it was refused", "email", "name"]
    assert (rows[1][0], rows[1][3]) == ("2", "'=1+1")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"name,team\nPaula,platform\n", "There is no column “email”."),
        (b"email,name,Name\np@example.com,P,Q\n", "Two columns say “name”"),
        (b"PK\x03\x04 a workbook", "Save the sheet as CSV"),
        (b"email,name\n\x81\x8d\xff,\x90\n", "neither UTF-8, UTF-16 nor Windows-1252"),
        (b"email,name\n" + b"p@example.com,Paula\n" * 1_000_000, "more than 25,000 lines"),
    ],
)
def test_a_file_that_is_no_directory_is_refused_in_words(ada: Client, content: bytes, words: str) -> None:
    answer = choose(ada, content)
    if answer.status_code == 303:
        answer = ada.get(answer["Location"])
    assert (answer.status_code, words in text(answer)) == (422, True), text(answer)
    assert "<title>Error: " in text(answer)


def test_letters_of_an_old_encoding_arrive_whole(ada: Client, cast: Cast) -> None:
    page = choose(ada, (HEAD + "joerg@example.com,Jörg Müller,,,,\n").encode("cp1252"))["Location"]
    assert "Windows-1252" in text(ada.get(page))
    ada.post(page)
    assert User.objects.get(email="joerg@example.com").name == "Jörg Müller"


def test_columns_that_nothing_is_read_from_are_named(ada: Client, cast: Cast) -> None:
    page = chosen(ada, "E-Mail;Name;Shoe size\nnora@example.com;Nora;38\n")
    assert "Nothing is read from “Shoe size”." in text(ada.get(page))


@pytest.mark.parametrize("who", ["paula", "lena", "otto"])
def test_only_administrators_import(cast: Cast, ada: Client, who: str) -> None:
    page = chosen(ada, HEAD + PAULA)
    client = browser_of(getattr(cast, who))
    assert client.get("/settings/directory/").status_code == 403
    assert choose(client, HEAD + PAULA).status_code == 403
    assert [client.get(page).status_code, client.post(page).status_code] == [403, 403]
    assert client.get(f"{page}refused.csv").status_code == 403
    assert Client().get("/settings/directory/").status_code == 302


def test_a_file_is_its_owners_alone_and_gone_after_a_day(cast: Cast, ada: Client) -> None:
    page = chosen(ada, HEAD + PAULA)
    other = browser_of(make_user("Bo Admin", is_admin=True))
    assert [other.get(page).status_code, other.post(page).status_code] == [404, 404]
    assert ada.get("/settings/directory/99999999999999999999/").status_code == 404
    assert drop_expired_sheets(now=datetime.now(UTC) + timedelta(hours=23)) == 0
    KeptSheet.objects.update(kept_at=NOW - timedelta(days=2), expires_at=NOW - timedelta(days=1))
    assert ada.get(page).status_code == 404
    drop_sheets()
    assert not KeptSheet.objects.exists()


def test_of_one_owners_files_only_the_newest_are_kept(cast: Cast, now: datetime) -> None:
    for number in range(8):
        sheet = SheetText("slug,name\na,b\n", "utf-8")
        keep_sheet(kind="teams", owner=cast.admin, name=f"{number}.csv", sheet=sheet, now=now)
    assert list(KeptSheet.objects.order_by("pk").values_list("name", flat=True)) == [f"{n}.csv" for n in range(3, 8)]


def test_an_import_is_in_the_audit(cast: Cast, ada: Client) -> None:
    before = AuditEntry.objects.count()
    ada.post(chosen(ada, HEAD + "paula@example.com,Paula,platform,lead,2026-06-01,\n"))
    assert AuditEntry.objects.count() > before
