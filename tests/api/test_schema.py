"""Generated requests over the whole OpenAPI document, by everybody: never a 5xx, never an answer that is not documented."""

from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as campaign
from hypothesis.strategies import sampled_from
from pytest_django.live_server_helper import LiveServer
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from tests.conftest import Cast
from tests.factories import make_kpi, make_token
from tests.permissions.actors import make_actors


@pytest.fixture
def document(transactional_db: None, settings: Any, live_server: LiveServer, cast: Cast) -> Any:
    """The document as a real server serves it."""
    settings.API_RATE_PER_MINUTE = 1_000_000
    make_kpi(cast.checkout, "revenue")
    return schemathesis.openapi.from_url(f"{live_server.url}/api/openapi.json")


@pytest.fixture
def callers(document: Any, cast: Cast) -> dict[str, dict[str, str]]:
    """What each caller of the permissions table sends to say who it is, by name."""
    clients = make_actors(cast).clients
    return {name: _credentials(client) for name, client in clients.items()}


def _credentials(client: Client) -> dict[str, str]:
    session, token = client.cookies.get("sessionid"), client.defaults.get("HTTP_AUTHORIZATION")
    if session:
        return {"Cookie": f"sessionid={session.value}"}
    return {"Authorization": token} if token else {}


def try_operation(operation: Any, callers: dict[str, dict[str, str]], examples: int) -> None:
    """Send ``examples`` generated requests to one operation, each by one of the callers."""

    @given(case=operation.as_strategy(), caller=sampled_from(sorted(callers)))
    @campaign(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def send(case: Case, caller: str) -> None:
        response = case.call(headers={**dict(case.headers or {}), **callers[caller]})
        assert response.status_code < 500, f"{operation.label}: {response.status_code} {response.text[:500]}"
        case.validate_response(response, checks=[not_a_server_error, status_code_conformance])

    send()


def test_no_generated_request_gets_a_5xx_or_an_undocumented_answer(document: Any, cast: Cast) -> None:
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) >= 15
    owner = {"token": {"Authorization": f"Bearer {make_token(cast.emil, product=cast.checkout)}"}}
    for operation in operations:
        try_operation(operation, owner, examples=8)


@pytest.mark.long
def test_no_generated_request_of_anybody_gets_a_5xx_in_two_thousand(document: Any, callers: Any) -> None:
    assert len(callers) >= 19
    for found in document.get_all_operations():
        try_operation(found.ok(), callers, examples=110)
