"""A password is chosen with a link that holds once, and changed by whoever knows it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from products.models import AuditEntry, User
from products.services.passwords import make_link
from products.services.people import mark_as_left, welcome_back
from tests.conftest import Cast
from tests.factories import make_user
from tests.journeys.forms import send
from tests.journeys.test_pages import signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_was_tried_yet")]
GOOD, BETTER = "correct horse battery", "staple of another horse"


def address_of(person: User, *, made: datetime | None = None) -> str:
    """Where a new link for ``person`` leads."""
    link = make_link(person=person, now=made or datetime.now(UTC))
    return f"/password/{link.uid}/{link.token}/"


def choose(client: Client, path: str, password: str = GOOD, again: str | None = None) -> HttpResponse:
    """Fill the page of a link."""
    return client.post(path, {"password": password, "again": password if again is None else again})


def signs_in(person: User, password: str) -> bool:
    """Whether the sign-in page lets ``person`` in with it."""
    return Client().post("/login/", {"login": person.email, "password": password}).status_code == 302


def audited(page: str = "/settings/audit/", *, by: User) -> str:
    """What the audit says, newest first."""
    return text_of(signed_in(User.objects.get(pk=by.pk)).get(page))


def test_a_new_colleague_gets_from_the_link_to_the_start_page_signed_in(cast: Cast) -> None:
    noor = make_user("Noor")
    shown = signed_in(cast.admin).post(f"/settings/people/{noor.pk}/link/")
    assert (shown.status_code, shown["Cache-Control"]) == (200, "no-store")
    found = re.search(r'value="http://testserver(/password/[^"]+)"', shown.content.decode())
    assert found
    browser = Client()
    assert "For Noor, who signs in as noor@example.com" in text_of(browser.get(found[1]))
    response = choose(browser, found[1])
    assert (response.status_code, response["Location"]) == (303, "/")
    assert "Your password is set, and you are signed in." in text_of(browser.get("/", follow=True))
    assert signs_in(noor, GOOD)


def test_a_link_holds_once(cast: Cast) -> None:
    path = address_of(cast.otto)
    assert choose(Client(), path).status_code == 303
    for response in (Client().get(path), choose(Client(), path, BETTER)):
        assert response.status_code == 410
        assert "This link has been used" in text_of(response)
    assert signs_in(cast.otto, GOOD)


def test_opening_a_link_does_not_use_it_up(cast: Cast) -> None:
    path = address_of(cast.otto)
    assert [Client().get(path).status_code, Client().head(path).status_code] == [200, 200]
    assert choose(Client(), path).status_code == 303


def test_a_link_is_over_after_three_days(cast: Cast) -> None:
    now = datetime.now(UTC)
    assert Client().get(address_of(cast.otto, made=now - timedelta(days=3, minutes=-1))).status_code == 200
    late = Client().get(address_of(cast.otto, made=now - timedelta(days=3, minutes=1)))
    assert late.status_code == 410
    assert "three days, and they are over. Ask an administrator" in text_of(late)


def test_a_newer_link_ends_the_one_before(cast: Cast) -> None:
    first = address_of(cast.otto)
    second = address_of(cast.otto)
    assert [Client().get(first).status_code, Client().get(second).status_code] == [410, 200]


def test_a_sign_in_and_another_password_end_a_link(cast: Cast) -> None:
    cast.otto.set_password(GOOD)
    cast.otto.save(update_fields=["password"])
    before_sign_in = address_of(cast.otto)
    assert signs_in(cast.otto, GOOD)
    assert Client().get(before_sign_in).status_code == 410
    before_change = address_of(cast.otto)
    cast.otto.refresh_from_db()
    cast.otto.set_password(BETTER)
    cast.otto.save(update_fields=["password"])
    assert "another password or a sign-in has ended it" in text_of(Client().get(before_change))


def test_who_left_has_no_link_and_who_came_back_needs_a_new_one(cast: Cast, now: datetime) -> None:
    path = address_of(cast.otto)
    mark_as_left(person=cast.otto, now=now)
    assert "marked as having left" in text_of(Client().get(path))
    refused = signed_in(cast.admin).post(f"/settings/people/{cast.otto.pk}/link/")
    assert refused.status_code == 422
    assert "Otto has left. Welcome them back first." in text_of(refused)
    welcome_back(person=cast.otto)
    assert Client().get(path).status_code == 410


@pytest.mark.parametrize(
    "path", ["/password/x/y/", "/password/MQ/x-y/", "/password/AAAA/%00/", "/password/OTk5OTk5/a-b/"]
)
def test_a_broken_link_is_told_apart_from_an_error(cast: Cast, path: str) -> None:
    for response in (Client().get(path), choose(Client(), path)):
        assert response.status_code == 410
        assert "Ask an administrator for a new link" in text_of(response)


def test_an_enormous_link_asks_the_database_for_nobody(cast: Cast) -> None:
    assert Client().get(f"/password/{'A' * 3000}/{'b' * 3000}/").status_code == 410


@pytest.mark.parametrize(
    ("password", "again", "field", "words"),
    [
        ("short", "short", "password", "at least 12 characters"),
        ("password1234", "password1234", "password", "too common"),
        (GOOD, BETTER, "again", "The two are not the same"),
        ("", "", "password", "Write the password that you choose"),
    ],
)
def test_a_password_that_will_not_do_is_refused_at_its_field_and_the_link_stays(
    cast: Cast, password: str, again: str, field: str, words: str
) -> None:
    path = address_of(cast.otto)
    response = choose(Client(), path, password, again)
    assert response.status_code == 422
    assert words in response.context["form"].errors[field][0]
    assert "<title>Error: " in response.content.decode()
    assert f'value="{password}' not in response.content.decode() or not password
    assert choose(Client(), path).status_code == 303


def test_choosing_a_password_ends_every_session_there_was(cast: Cast) -> None:
    elsewhere = signed_in(cast.otto)
    assert choose(Client(), address_of(cast.otto)).status_code == 303
    assert elsewhere.get("/people/")["Location"].startswith("/login/")


def test_a_link_opened_in_somebody_elses_browser_ends_his_session(cast: Cast) -> None:
    browser, path = signed_in(cast.admin), address_of(cast.otto)
    assert "You are signed in as Ada Admin; that ends here." in text_of(browser.get(path))
    choose(browser, path)
    assert browser.get("/settings/people/").status_code == 403


@pytest.mark.parametrize("name", ["paula", "lena", "otto"])
def test_only_an_administrator_makes_links(cast: Cast, name: str) -> None:
    client = signed_in(getattr(cast, name))
    assert client.get(f"/settings/people/{cast.emil.pk}/link/").status_code == 403
    assert client.post(f"/settings/people/{cast.emil.pk}/link/").status_code == 403
    assert User.objects.get(pk=cast.emil.pk).link_made_at is None


def test_links_made_used_and_refused_are_in_the_audit_without_what_opens(cast: Cast) -> None:
    shown = signed_in(cast.admin).post(f"/settings/people/{cast.otto.pk}/link/").content.decode()
    path = re.search(r'value="http://testserver(/password/[^"]+)"', shown)[1]  # type: ignore[index]
    assert choose(Client(), path).status_code == 303
    assert Client().get(path).status_code == 410
    said = audited(by=cast.admin)
    assert "Ada Admin made a link to choose a password with Otto" in said
    assert "Otto set a new password Otto" in said
    assert "Otto signed in" in said
    assert "Somebody opened a link to choose a password with, in vain Otto" in said
    assert "made a link to choose a password with" in audited("/settings/about-me/", by=cast.otto)
    token = path.split("/")[3]
    assert not [entry for entry in AuditEntry.objects.all() if token in f"{entry.label} {entry.details}"]


def test_links_are_not_tried_without_end(cast: Cast) -> None:
    path = address_of(cast.otto)
    answers = [Client().get(f"{path[:-2]}{'a' if path[-2] != 'a' else 'b'}/").status_code for _ in range(21)]
    assert answers == [410] * 20 + [429]
    assert "Wait five minutes" in text_of(Client().get(path))
    assert AuditEntry.objects.filter(details__has_key="link").count() == 20


def test_one_changes_the_own_password_and_stays_signed_in_here_alone(cast: Cast) -> None:
    cast.emil.set_password(GOOD)
    cast.emil.save(update_fields=["password"])
    here, elsewhere = signed_in(cast.emil), signed_in(cast.emil)
    response = send(here, "/settings/password/", current=GOOD, password=BETTER, again=BETTER)
    assert (response.status_code, response["Location"]) == (303, "/settings/about-me/")
    assert "Your password is changed" in text_of(here.get("/settings/about-me/"))
    assert elsewhere.get("/people/")["Location"].startswith("/login/")
    assert (signs_in(cast.emil, GOOD), signs_in(cast.emil, BETTER)) == (False, True)
    assert "Emil set a new password" in audited(by=cast.admin)


def test_a_wrong_present_password_changes_nothing_and_is_written_down(cast: Cast) -> None:
    cast.emil.set_password(GOOD)
    cast.emil.save(update_fields=["password"])
    client = signed_in(cast.emil)
    response = send(client, "/settings/password/", current="something else", password=BETTER, again=BETTER)
    assert response.status_code == 422
    assert "This is not your password" in response.context["form"].errors["current"][0]
    assert BETTER not in response.content.decode()
    assert signs_in(cast.emil, GOOD)
    assert "Emil could not change the own password" in audited(by=cast.admin)
    answers = [client.post("/settings/password/", {"current": "x"}).status_code for _ in range(5)]
    assert answers == [422] * 4 + [429]


def test_the_sign_in_page_says_whom_to_ask(db: None) -> None:
    assert "Ask an administrator for a link" in text_of(Client().get("/login/"))
