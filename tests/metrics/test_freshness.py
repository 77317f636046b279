"""ETag and 304: nothing stale, nothing of another reader, nothing without a good session; and cheap."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Kpi
from pmtrack.web.freshness import program_version, seal
from products.models import User
from tests.conftest import Cast
from tests.factories import make_team, make_token
from tests.metrics.keeping import ANSWERS, API, PAGES, furnish, get, push, signed_in, tag_of
from tests.metrics.test_dashboards import ship

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(cast: Cast) -> Cast:
    return furnish(cast)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_that_has_not_changed_is_304_for_one_statement(world: Cast, address: str) -> None:
    client = signed_in(world.lena)
    tag = tag_of(client, address)
    with CaptureQueriesContext(connection) as statements:
        again = get(client, address, tag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert len(statements) == 1
    assert again.headers["Cache-Control"] == "private, no-cache"
    assert {"Cookie"} <= {one.strip() for one in again.headers["Vary"].split(",")}


def test_an_answer_of_the_api_that_has_not_changed_is_304(world: Cast) -> None:
    token = {"Authorization": f"Bearer {make_token(world.emil, product=world.checkout)}"}
    client = Client()
    for address in ANSWERS:
        first = client.get(address, headers=token)
        assert (first.status_code, first.headers["Cache-Control"]) == (200, "private, no-cache"), address
        tag = first.headers["ETag"]
        again = client.get(address, headers={**token, "If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b""), address
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 401, address


def test_whatever_is_pushed_changes_the_answers_that_hold_it(world: Cast) -> None:
    token = {"Authorization": f"Bearer {make_token(world.emil, product=world.checkout)}"}
    client = Client()
    held = {address: client.get(address, headers=token).headers["ETag"] for address in ANSWERS}
    push(world)
    ship(world.checkout, "Two", datetime.now(UTC), datetime.now(UTC))
    told = {
        address: client.get(address, headers={**token, "If-None-Match": tag}).status_code
        for address, tag in held.items()
    }
    names = {f"{API}/products", f"{API}/products/checkout", f"{API}/kpis", f"{API}/kpis/conversion"}
    assert {address for address, status in told.items() if status == 304} == names
    Kpi.objects.update(name="Renamed")
    again = {client.get(one, headers={**token, "If-None-Match": held[one]}).status_code for one in names}
    assert again == {200}


def test_two_readers_never_share_a_tag_and_neither_gains_by_the_others(world: Cast) -> None:
    lena, otto = signed_in(world.lena), signed_in(world.otto)
    for address in PAGES:
        hers, his = tag_of(lena, address), tag_of(otto, address)
        assert hers != his
        assert get(otto, address, hers).status_code == 200
        assert get(Client(), address, hers).status_code == 302


def test_a_tag_is_good_for_its_own_address_alone(world: Cast) -> None:
    client = signed_in(world.lena)
    tag = tag_of(client, "/impact/?team=booking")
    assert get(client, "/impact/?team=platform", tag).status_code == 200
    assert get(client, "/impact/", tag).status_code == 200
    assert get(client, "/products/nothing/", tag).status_code == 404


def end_session(cast: Cast) -> None:
    Session.objects.all().delete()


def let_expire(cast: Cast) -> None:
    Session.objects.update(expire_date=datetime.now(UTC) - timedelta(seconds=1))


def change_password(cast: Cast) -> None:
    cast.lena.set_password("another horse battery staple")
    cast.lena.save(update_fields=["password"])


def leave(cast: Cast) -> None:
    User.objects.filter(pk=cast.lena.pk).update(is_active=False)


@pytest.mark.parametrize("end", [end_session, let_expire, change_password, leave])
def test_without_a_good_session_nothing_is_confirmed(world: Cast, end: Callable[[Cast], None]) -> None:
    client = signed_in(world.lena)
    tag = tag_of(client, "/impact/")
    end(world)
    response = get(client, "/impact/", tag)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login/")
    assert "ETag" not in response.headers


def test_a_page_with_a_message_is_told_once_and_never_kept(world: Cast) -> None:
    client = signed_in(world.emil)
    tag = tag_of(client, "/products/checkout/")
    form = client.get("/feedback/new/")
    draft = form.context["draft"]
    client.post("/feedback/new/", {"text": "Heard", "product": "", "channel": "chat", "draft": draft})
    told = get(client, "/products/checkout/", tag)
    assert told.status_code == 200
    assert "Logged FB-" in told.content.decode()
    assert "ETag" not in told.headers
    after = get(client, "/products/checkout/")
    assert "Logged FB-" not in after.content.decode()
    assert "ETag" in after.headers


def test_a_kept_page_has_a_form_token_that_still_works(world: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.lena)
    first = client.get("/impact/")
    assert "ETag" not in first.headers, "the browser does not hold the form's cookie yet"
    second = client.get("/impact/")
    token = second.context["csrf_token"]
    assert get(client, "/impact/", second.headers["ETag"]).status_code == 304
    assert client.post("/logout/", {"csrfmiddlewaretoken": str(token)}).status_code == 302
    client.force_login(world.lena)
    client.cookies["csrftoken"] = "a" * 32
    assert get(client, "/impact/", second.headers["ETag"]).status_code == 200


@pytest.mark.parametrize("form", ['"nothing", {tag}', '{tag}, W/"nothing"', "{strong}", "*"])
@pytest.mark.parametrize("address", ["/impact/", f"{API}/products"])
def test_lists_of_tags_strong_forms_and_the_asterisk_are_understood(world: Cast, address: str, form: str) -> None:
    client = signed_in(world.lena)
    tag = tag_of(client, address)
    asked = form.format(tag=tag, strong=tag.removeprefix("W/"))
    assert get(client, address, asked).status_code == 304


@pytest.mark.parametrize(
    "held",
    [
        '"nothing"',
        "W/",
        'W/"1-',
        "nonsense",
        'W/"9' + "9" * 40 + '-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"',
        "\xff",
        "é" * 900,
    ],
)
def test_tags_that_we_never_gave_are_answered_in_full(world: Cast, held: str) -> None:
    client = signed_in(world.lena)
    assert client.get("/impact/", HTTP_IF_NONE_MATCH=held).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"), [("/products/nothing/", 404), ("/impact/?from=never", 400), (f"{API}/kpis?limit=0", 400)]
)
def test_a_refusal_is_never_304(world: Cast, address: str, status: int) -> None:
    client = signed_in(world.lena)
    response = get(client, address, "*")
    assert response.status_code == status
    assert "ETag" not in response.headers


def test_writing_is_never_conditional(world: Cast) -> None:
    client = signed_in(world.emil)
    assert client.post("/impact/", headers={"If-None-Match": "*"}).status_code == 405


def test_a_tag_holds_for_a_quarter_of_an_hour_at_most() -> None:
    start = datetime(2026, 6, 15, 22, 0, tzinfo=UTC)
    tags = [seal(1, "/", "t", "v", now=start + timedelta(minutes=minutes)) for minutes in (0, 14, 15, 30)]
    assert tags[0] == tags[1]
    assert len(set(tags)) == 3
    assert (
        len({seal(1, "/", "t", "v", now=start), seal(2, "/", "t", "v", now=start), seal(1, "/a", "t", "v", now=start)})
        == 3
    )
    assert len({seal(1, "/", token, version, now=start) for token in "ab" for version in "vw"}) == 4


def test_the_programs_version_is_the_same_in_every_process() -> None:
    first = program_version()
    program_version.cache_clear()
    assert program_version() == first
    assert len(first) == 32


def test_a_team_that_is_renamed_shows_its_new_name_at_once(world: Cast) -> None:
    client = signed_in(world.lena)
    tag = tag_of(client, "/impact/")
    make_team("unrelated")
    answer = get(client, "/impact/", tag)
    assert answer.status_code == 200
    type(world.booking).objects.filter(slug="booking").update(name="Reservations")
    assert "Reservations" in get(client, "/impact/", answer.headers["ETag"]).content.decode()
