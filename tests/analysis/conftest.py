"""Designs for the tests of analysis."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import resdsl
from resdsl.analysis.facts import Facts


@pytest.fixture
def known() -> Callable[..., Facts]:
    """Facts about the network of a text, or of a name of the zoo."""

    def facts_of(spec: str, net: str | None = None) -> Facts:
        return resdsl.design(spec, net=net).facts

    return facts_of
