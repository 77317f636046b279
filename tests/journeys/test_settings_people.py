"""Settings of teams and people in the browser, and the list of people."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from products.models import ApiToken, Membership, Team, User
from tests.conftest import Cast
from tests.factories import LONG_AGO, join, make_token, make_user
from tests.journeys.forms import opened, send
from tests.journeys.test_pages import signed_in, text_of

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date()
NEW_ROLE = "/settings/teams/booking/roles/new/"


def spans(user: User, team: Team) -> list[tuple[str, object, object]]:
    """Role, first day and end of each row, in order."""
    rows = Membership.objects.filter(user=user, team=team).order_by("period")
    return [(row.role, row.period.lower, row.period.upper) for row in rows]


def test_a_lead_adds_somebody_to_the_own_team_and_to_no_other(cast: Cast) -> None:
    client = signed_in(cast.lena)
    response = send(client, NEW_ROLE, user="otto@example.com", role="pm", end=TODAY + timedelta(days=30))
    assert (response.status_code, response["Location"]) == (303, "/settings/teams/booking/")
    assert spans(cast.otto, cast.booking) == [("pm", TODAY, TODAY + timedelta(days=30))]
    assert "Otto is in Booking from" in text_of(client.get("/settings/teams/booking/"))
    elsewhere = client.post("/settings/teams/finance/roles/new/", {"user": "lena@example.com", "role": "lead"})
    assert elsewhere.status_code == 403


def test_an_overlapping_role_is_refused_at_its_field(cast: Cast) -> None:
    response = send(signed_in(cast.lena), NEW_ROLE, user="emil@example.com", role="lead")
    assert response.status_code == 422
    assert response.context["form"].errors["start"] == ["Emil is PM of Booking since 2020-01-01. End that role first."]
    assert response.context["form"]["user"].value() == "emil@example.com"


def test_a_change_of_role_ends_one_row_and_starts_another(cast: Cast) -> None:
    row = Membership.objects.get(user=cast.emil)
    assert send(signed_in(cast.lena), f"/settings/teams/booking/roles/{row.pk}/", role="lead").status_code == 303
    assert spans(cast.emil, cast.booking) == [("pm", LONG_AGO, TODAY), ("lead", TODAY, None)]
    page = text_of(signed_in(cast.admin).get("/settings/teams/booking/"))
    assert page.index("Emil Lead") < page.index("Emil PM 1 Jan 2020")


def test_two_leads_changing_one_role_are_told_of_each_other(cast: Cast) -> None:
    row = Membership.objects.get(user=cast.emil)
    path = f"/settings/teams/booking/roles/{row.pk}/"
    lena, ada = signed_in(cast.lena), signed_in(cast.admin)
    form = opened(lena, path)
    assert send(ada, path, role="gone", start=TODAY + timedelta(days=5)).status_code == 303
    response = lena.post(path, {**form, "role": "lead"})
    assert response.status_code == 409
    assert "Ada Admin changed Emil as PM in Booking just now." in text_of(response)
    assert spans(cast.emil, cast.booking) == [("pm", LONG_AGO, TODAY + timedelta(days=5))]


def test_a_planned_role_that_somebody_took_back_meanwhile_is_not_found(cast: Cast) -> None:
    row = join(cast.otto, cast.booking, "pm", start=TODAY + timedelta(days=5))
    client, path = signed_in(cast.lena), f"/settings/teams/booking/roles/{row.pk}/"
    form = opened(client, path)
    assert send(signed_in(cast.admin), path, role="gone").status_code == 303
    assert not Membership.objects.filter(pk=row.pk).exists()
    assert client.post(path, {**form, "role": "lead"}).status_code == 404


def test_an_administrator_adds_and_renames_a_team(cast: Cast) -> None:
    client = signed_in(cast.admin)
    response = send(client, "/settings/teams/new/", name="Rail", slug="rail")
    assert (response.status_code, response["Location"]) == (303, "/settings/teams/rail/")
    assert "Nobody is in this team yet" in text_of(client.get("/settings/teams/rail/"))
    assert send(client, "/settings/teams/new/", name="Rail", slug="rail").status_code == 422
    assert send(client, "/settings/teams/rail/name/", name="Railways").status_code == 303
    assert Team.objects.get(slug="rail").name == "Railways"


def test_an_administrator_adds_a_person_and_is_led_to_the_link_for_a_password(cast: Cast) -> None:
    client = signed_in(cast.admin)
    response = send(client, "/settings/people/new/", name="Noor Visser", email="Noor@Example.com")
    noor = User.objects.get(email="noor@example.com")
    assert (response.status_code, response["Location"]) == (303, f"/settings/people/{noor.pk}/link/")
    assert (noor.is_admin, noor.is_active, noor.has_usable_password()) == (False, True, False)
    assert "Noor Visser noor@example.com yes, no password yet" in text_of(client.get("/settings/people/?q=noor"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"email": "PAULA@example.com"}, "paula@example.com belongs to somebody already"),
        ({"email": "nobody"}, "Write the mail address like"),
        ({"name": ""}, "Write the name that colleagues use"),
    ],
)
def test_a_bad_person_is_refused_in_words(cast: Cast, typed: dict[str, str], words: str) -> None:
    good = {"name": "Noor Visser", "email": "noor@example.com"}
    response = send(signed_in(cast.admin), "/settings/people/new/", **{**good, **typed})
    assert response.status_code == 422
    assert words in text_of(response)
    assert not User.objects.filter(name="Noor Visser").exists()


def test_who_has_left_is_signed_out_and_cut_off_at_once(cast: Cast) -> None:
    emil, admin = signed_in(cast.emil), signed_in(cast.admin)
    secret = make_token(cast.emil, product=cast.checkout, scopes=["read"])
    key = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    assert emil.get("/people/").status_code == 200
    assert Client().get("/api/v1/products", **key).status_code == 200
    assert send(admin, f"/settings/people/{cast.emil.pk}/left/").status_code == 303
    assert emil.get("/people/")["Location"].startswith("/login/")
    assert Client().get("/api/v1/products", **key).status_code == 401
    assert spans(cast.emil, cast.booking) == [("pm", LONG_AGO, TODAY)]
    assert "Emil" not in [row.name for row in admin.get("/people/").context["page"].rows]
    assert "has left" in text_of(admin.get("/settings/people/?q=emil"))


def test_who_comes_back_gets_no_old_session_and_no_old_token(cast: Cast) -> None:
    emil, admin = signed_in(cast.emil), signed_in(cast.admin)
    secret = make_token(cast.emil, product=cast.checkout, scopes=["read"])
    for step in ("left", "back"):
        assert send(admin, f"/settings/people/{cast.emil.pk}/{step}/").status_code == 303
    assert User.objects.get(pk=cast.emil.pk).is_active
    assert emil.get("/people/")["Location"].startswith("/login/")
    assert Client().get("/api/v1/products", HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 401
    assert ApiToken.objects.get().revoked_at is not None


def test_the_last_administrator_can_neither_leave_nor_step_back(cast: Cast) -> None:
    client = signed_in(cast.admin)
    for response in (
        send(client, f"/settings/people/{cast.admin.pk}/left/"),
        send(client, f"/settings/people/{cast.admin.pk}/", is_admin=None),
    ):
        assert response.status_code == 422
        assert "Ada Admin is the only administrator" in text_of(response)
    assert User.objects.get(pk=cast.admin.pk).is_admin


def test_an_administrator_may_step_back_when_there_is_another(cast: Cast) -> None:
    client = signed_in(cast.admin)
    assert send(client, f"/settings/people/{cast.lena.pk}/", is_admin="on").status_code == 303
    assert send(client, f"/settings/people/{cast.admin.pk}/", is_admin=None).status_code == 303
    assert client.get("/settings/people/").status_code == 403


def test_two_administrators_renaming_one_person_are_told(cast: Cast) -> None:
    one, two = signed_in(cast.admin), signed_in(make_user("Bea Boss", is_admin=True))
    path = f"/settings/people/{cast.otto.pk}/"
    form = opened(one, path)
    assert send(two, path, name="Otto Outer").status_code == 303
    response = one.post(path, {**form, "name": "Otto Outsider"})
    assert response.status_code == 409
    assert "Bea Boss changed Otto Outer just now." in text_of(response)


def test_people_are_listed_by_name_with_team_role_and_products_and_nothing_to_rank(cast: Cast) -> None:
    response = signed_in(cast.otto).get("/people/")
    page = text_of(response)
    assert "Emil PM, Booking E external product Checkout" in page
    assert "Lena Lead, Booking; Lead, Platform" in page
    names = ["Ada Admin", "Emil", "Lena", "Otto", "Paula"]
    assert [row.name for row in response.context["page"].rows] == names
    sorted_otherwise = signed_in(cast.otto).get("/people/?sort=products&order=-name&ordering=-roles")
    assert [row.name for row in sorted_otherwise.context["page"].rows] == names


@pytest.mark.parametrize(
    ("asked", "found"),
    [("emi", {"Emil"}), ("BOOKING", {"Emil", "Lena"}), ("otto@example", {"Otto"}), ("", None), ("nobody%", set())],
)
def test_people_are_found_by_name_address_and_team(cast: Cast, asked: str, found: set[str] | None) -> None:
    page = signed_in(cast.otto).get("/people/", {"q": asked}).context["page"]
    names = {row.name for row in page.rows}
    assert names == ({"Ada Admin", "Emil", "Lena", "Otto", "Paula"} if found is None else found)
    assert page.total == len(names)


@pytest.mark.parametrize("asked", ["a\x00b", "x" * 5000, "'; --", "\\", "%_"])
def test_an_odd_question_about_people_is_answered(cast: Cast, asked: str) -> None:
    response = signed_in(cast.otto).get("/people/", {"q": asked})
    assert response.status_code == 200
    assert "Nobody’s name, address or team holds" in text_of(response)


def test_more_people_than_a_page_holds_are_paged_and_keep_the_question(cast: Cast) -> None:
    for number in range(60):
        make_user(f"Zoe {number:02}")
    client = signed_in(cast.otto)
    first = client.get("/people/?q=zoe")
    assert [row.name for row in first.context["page"].rows][-1] == "Zoe 49"
    assert "?q=zoe&amp;page=2" in first.content.decode()
    second = client.get("/people/?q=zoe&page=2").context["page"]
    assert [len(second.rows), second.total, second.pages] == [10, 60, 2]
    assert "There is no page 9 of people" in text_of(client.get("/people/?page=9"))
