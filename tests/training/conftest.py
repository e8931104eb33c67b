"""`examples/` where its programs look for `training`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.documents import ROOT

sys.path.insert(0, str(ROOT / "examples"))


@pytest.fixture(autouse=True)
def one_thread_each(one_thread: None) -> Iterator[None]:
    yield


@pytest.fixture
def digits() -> None:
    pytest.importorskip("sklearn", reason="the digits are scikit-learn's")
