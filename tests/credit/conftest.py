"""The worked example, settled, as pages show it."""

import pytest

from tests.conftest import Cast
from tests.credit.scene import WholeExample, settle


@pytest.fixture
def whole(cast: Cast) -> WholeExample:
    """The worked example with Search beside it."""
    made = WholeExample(cast)
    settle()
    return made
