"""Generated requests over the whole OpenAPI document: never a 5xx, never an answer that is not documented."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as campaign
from pytest_django.live_server_helper import LiveServer
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from tests.conftest import Cast
from tests.factories import make_kpi, make_token


@pytest.fixture
def document(transactional_db: None, settings: Any, live_server: LiveServer, cast: Cast) -> Any:
    """The document as a real server serves it."""
    settings.API_RATE_PER_MINUTE = 1_000_000
    make_kpi(cast.checkout, "revenue")
    return schemathesis.openapi.from_url(f"{live_server.url}/api/openapi.json")


@pytest.fixture
def secret(cast: Cast) -> str:
    """A token that may do everything to Checkout."""
    return make_token(cast.emil, product=cast.checkout)


def try_operation(operation: Any, secret: str, examples: int) -> None:
    """Send ``examples`` generated requests to one operation."""

    @given(case=operation.as_strategy())
    @campaign(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def send(case: Case) -> None:
        headers = {**dict(case.headers or {}), "Authorization": f"Bearer {secret}"}
        response = case.call(headers=headers)
        assert response.status_code < 500, f"{operation.label}: {response.status_code} {response.text[:500]}"
        case.validate_response(response, checks=[not_a_server_error, status_code_conformance])

    send()


def test_no_generated_request_gets_a_5xx_or_an_undocumented_answer(document: Any, secret: str) -> None:
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) >= 15
    for operation in operations:
        try_operation(operation, secret, examples=8)


@pytest.mark.long
def test_no_generated_request_gets_a_5xx_in_two_thousand(document: Any, secret: str) -> None:
    for found in document.get_all_operations():
        try_operation(found.ok(), secret, examples=110)
