"""What the tests of the zoo share: the designs and modules, each made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

import resdsl

if TYPE_CHECKING:
    from torch import nn


@cache
def _design(spec: str) -> resdsl.Design:
    return resdsl.design(spec)


@cache
def _skeleton(spec: str) -> nn.Module:
    import torch

    design = _design(spec)
    names: dict[str, Any] = {"__name__": design.name}
    exec(compile(design.source(), f"<{design.name}>", "exec"), names)
    with torch.device("meta"):
        module = names[design.name]()
    assert isinstance(module, torch.nn.Module)
    return module


@pytest.fixture(scope="session")
def design() -> Callable[[str], resdsl.Design]:
    """The design of a network of the zoo, or of a text."""
    return _design


@pytest.fixture(scope="session")
def skeleton() -> Callable[[str], nn.Module]:
    """The emitted module of a network, on torch's meta device: all of it but the numbers."""
    return _skeleton
