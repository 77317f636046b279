"""Tables applied while somebody adds the same by another way: said in words, nothing half done, and applied on the next press."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from feedback.models import Account
from products.models import User
from tests.conftest import Cast
from tests.factories import make_account, make_user
from tests.metrics.connections import Elsewhere
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = "email,name,team,role,from,left_on\nnoor@example.com,Noor,booking,pm,2026-01-05,\nzoe@example.com,Zoe,booking,pm,2026-01-05,\n"
ACCOUNTS = "reference,name,segment,annual_value,currency,valued_on,manager,consent,products\nbrenner,Brenner Logistik,,,,,,,\nkuhn,Kuhn,,,,,,,\n"


def chosen(client: Client, path: str, kind: str, content: str) -> str:
    """The address of a chosen file."""
    file = SimpleUploadedFile("all.csv", content.encode())
    return str(client.post(path, {"kind": kind, "file": file})["Location"])


def test_a_colleague_added_meanwhile_is_told_and_the_next_press_applies_the_rest(cast: Cast) -> None:
    ada = browser_of(cast.admin)
    page = chosen(ada, "/settings/directory/", "people", PEOPLE)
    with transaction.atomic():
        make_user("Noor", email="noor@example.com")
        pressed = Elsewhere("import", lambda: ada.post(page)).waits()
    answer = pressed.done()
    assert (answer.status_code, "Somebody changed these people at the same time." in text(answer)) == (409, True)
    assert not User.objects.filter(email="zoe@example.com").exists()
    assert ada.post(page).status_code == 303
    assert User.objects.filter(email__in=["noor@example.com", "zoe@example.com"]).count() == 2


def test_an_account_added_meanwhile_is_told_and_the_next_press_applies_the_rest(cast: Cast) -> None:
    ada = browser_of(cast.admin)
    page = chosen(ada, "/settings/accounts/", "accounts", ACCOUNTS)
    with transaction.atomic():
        make_account("brenner", name="Brenner")
        pressed = Elsewhere("import", lambda: ada.post(page)).waits()
    answer = pressed.done()
    assert (answer.status_code, "Somebody added one of these accounts at the same time." in text(answer)) == (409, True)
    assert not Account.objects.filter(reference="kuhn").exists()
    assert ada.post(page).status_code == 303
    assert Account.objects.get(reference="brenner").name == "Brenner Logistik"
