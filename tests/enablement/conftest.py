"""Both ends of an enablement for every test here."""

import pytest

from tests.conftest import Cast
from tests.enablement.scene import Scene, set_scene


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """Staged rollout of Switchyard and Bulk booking of Checkout."""
    return set_scene(cast)
