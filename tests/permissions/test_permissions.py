"""Every route × verb × actor against the table in the repository."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.conftest import Cast
from tests.permissions.actors import ACTORS, PEOPLE, SCOPES, Actors, make_actors
from tests.permissions.canaries import BY_SECRET, told_to
from tests.permissions.routes import Route, all_routes
from tests.permissions.scene import Asked, encoded, set_scene
from tests.permissions.table import REFUSALS, Row, Table, read_table, write_table

WRITES = os.environ.get("PMTRACK_WRITE_TABLE") == "1"
ROUTES = all_routes()
# Setting the scene costs more than asking about it: a dozen routes share one.
GROUPS = [ROUTES[at : at + 12] for at in range(0, len(ROUTES), 12)]
# Open without signing in: they hold no data, are the way in, or ask for the token of a letter, which is the permission.
OPEN = {
    "account_login", "account_logout", "admin:login", "admin:logout", "api_schema", "choose_password", "healthz", "readyz",
    "answer_link", "hand_on_link", "answer_noted", "sign_off_link", "sign_off_noted", "told",
}  # fmt: skip
SEEN: Table = {}


@pytest.fixture(scope="module", autouse=True)
def written() -> Iterator[None]:
    """With PMTRACK_WRITE_TABLE=1 what was seen becomes the table."""
    yield
    if WRITES:
        write_table(SEEN)


def answer(client: Client, verb: str, route: Route, asked: Asked, actor: str = "") -> str:
    """What one actor gets; whatever it wrote is taken back, and a signing out is forgotten.

    Nothing in it may be what the actor may not read, whatever the status.
    """
    cookies = client.cookies.copy()
    address = reverse(route.name, kwargs=asked.place) + (f"?{asked.query}" if asked.query else "")
    body = {} if verb == "GET" else encoded(asked, is_api=route.path.startswith("/api/v1/"))
    point = transaction.savepoint()
    response = client.generic(verb, address, secure=True, **body)
    transaction.savepoint_rollback(point)
    client.cookies = cookies
    if actor and route.name not in BY_SECRET and (words := told_to(actor, response)):
        raise AssertionError(f"{verb} {route.name} tells {actor}: {', '.join(words)}")
    return in_a_word(response)


def in_a_word(response: HttpResponse) -> str:
    """The cell of an answer."""
    leads_to = response.headers.get("Location", "")
    if leads_to.startswith((reverse("account_login"), reverse("admin:login"))) and "next=" in leads_to:
        return "login"
    return str(response.status_code)


def offers(actors: Actors, verb: str, route: Route, asked: Asked) -> bool:
    """Whether the route knows the verb at all: what it answers to somebody who may do everything there."""
    return "405" not in (answer(client, verb, route, asked) for client in actors.mighty)


def rows_of(route: Route, scene: dict[str, Asked], actors: Actors) -> Table:
    """Every verb that somebody gets through with, and what each actor gets."""
    assert route.name in scene or not route.placeholders, f"Say in scene.py what {route.name} is asked about."
    asked = scene.get(route.name, Asked())
    tried: Table = {}
    for verb in route.verbs:
        if verb == "GET" or offers(actors, verb, route, asked):
            row = {name: answer(actors.clients[name], verb, route, asked, name) for name in ACTORS}
            assert not [cell for cell in row.values() if cell.startswith("5") and route.name != "readyz"], (verb, row)
            tried[verb, route.name] = row
    offered = {key: row for key, row in tried.items() if not set(row.values()) <= REFUSALS}
    # A route that refuses everybody whatever the verb is listed by its first one.
    return offered or dict(list(tried.items())[:1])


@pytest.mark.parametrize("routes", GROUPS, ids=lambda routes: f"{routes[0].name} to {routes[-1].name}")
def test_every_actor_gets_what_the_table_says(routes: Sequence[Route], cast: Cast, settings: Any) -> None:
    settings.API_RATE_PER_MINUTE = 1_000_000
    settings.ACCOUNT_RATE_LIMITS = False
    scene, actors = set_scene(cast), make_actors(cast)
    for route in routes:
        rows = rows_of(route, scene, actors)
        SEEN.update(rows)
        if not WRITES:
            listed = {key: row for key, row in read_table().items() if key[1] == route.name}
            assert listed, f"{route.name} is not listed in table.txt: write the table anew and read the diff."
            assert rows == listed


@pytest.fixture
def table() -> Table:
    """The table in the repository."""
    if WRITES:
        pytest.skip("The table is being written.")
    return read_table()


def test_every_route_is_listed_and_nothing_else(table: Table) -> None:
    assert {route for _, route in table} == {route.name for route in ROUTES}


def test_most_cells_are_refusals(table: Table) -> None:
    cells = [cell for row in table.values() for cell in row.values()]
    refused = sum(cell in REFUSALS for cell in cells)
    assert refused >= 0.6 * len(cells), f"{refused} of {len(cells)} cells are refusals"


def through(row: Row, actor: str) -> bool:
    """Whether an actor was not refused; a bad request was permitted, it was only bad."""
    return row[actor] not in REFUSALS


def test_nobody_gets_anywhere_without_signing_in_or_after_leaving(table: Table) -> None:
    for (verb, route), row in table.items():
        if route not in OPEN:
            for actor in ("anonymous", "left", "revoked", "expired"):
                assert not through(row, actor), (verb, route, actor)


def test_a_token_opens_no_page_and_a_session_writes_nothing_over_the_api(table: Table) -> None:
    for (verb, route), row in table.items():
        is_api = route.startswith("api_")
        if route not in OPEN and not is_api:
            assert not [scope for scope in SCOPES if through(row, scope)], (verb, route)
        if is_api and verb != "GET":
            assert not [person for person in PEOPLE if through(row, person)], (verb, route)


def test_a_token_writes_with_one_scope_only_and_never_with_that_of_reading(table: Table) -> None:
    for (verb, route), row in table.items():
        if route.startswith("api_") and verb != "GET":
            writers = [scope for scope in SCOPES if through(row, scope)]
            assert len(writers) == 1, (verb, route, writers)
            assert writers != ["read"], (verb, route)


def test_only_admins_get_into_djangos_admin(table: Table) -> None:
    for (verb, route), row in table.items():
        if route.startswith("admin:") and route not in OPEN:
            assert [actor for actor in ACTORS if through(row, actor)] in (["admin"], []), (verb, route)
