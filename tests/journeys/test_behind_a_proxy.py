"""Behind a proxy the sign-in's limits count the client whom the proxy saw; without one nobody chooses his own address."""

import pytest
from django.conf import LazySettings
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_was_tried_yet")]
LINK = "/password/MQ/x-y/"
TRIES = 20


def opened(forwarded: str) -> int:
    """The status of one more try, with what stands in X-Forwarded-For."""
    return Client().get(LINK, headers={"x-forwarded-for": forwarded}).status_code


def test_each_client_has_a_limit_of_his_own_and_cannot_forge_another(settings: LazySettings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert {opened("198.51.100.7, 203.0.113.9") for _ in range(TRIES)} == {410}
    assert opened("198.51.100.8, 203.0.113.9") == 429  # what the client wrote itself stands further left
    assert opened("198.51.100.7, 203.0.113.10") == 410


def test_without_a_proxy_the_header_is_not_believed() -> None:
    assert {opened(f"203.0.113.{number}") for number in range(TRIES)} == {410}
    assert opened("203.0.113.99") == 429
