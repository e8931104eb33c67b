"""Networks for the tests of drawings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import resdsl
from resdsl.design.network import Network


@pytest.fixture
def network() -> Callable[..., Network]:
    """The network of a text, or of a name of the zoo."""

    def elaborated(spec: str, net: str | None = None) -> Network:
        return resdsl.design(spec, net=net).network

    return elaborated
