"""What the tests of random networks share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def one_thread(one_thread: None) -> None:
    """All of them run on one thread."""
