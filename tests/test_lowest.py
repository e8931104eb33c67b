"""The bounds in pyproject.toml: `.ci/full lowest` can read them, and what is pinned keeps them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def lowest() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lowest", ROOT / ".ci/campaigns/lowest.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_pinned_is_admitted(lowest: ModuleType) -> None:
    pins = dict(
        re.findall(r"^([\w.-]+)==([\w.]+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    )
    pinned = {canonicalize_name(name): Version(version) for name, version in pins.items()}
    bounds = dict(lowest.bounds((ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    assert {"torch", "click", "pytest", "graphviz-pure"} <= bounds.keys()
    for name, version in bounds.items():
        assert pinned[canonicalize_name(name)] >= Version(version), name


@pytest.mark.parametrize("requirement", ["click", "click<9", "click>=8.1,<9", "click~=8.1"])
def test_what_names_no_lowest_version_is_refused(lowest: ModuleType, requirement: str) -> None:
    text = f'[project]\ndependencies = ["torch>=2.6", "{requirement}"]\n'
    with pytest.raises(SystemExit, match="is not NAME>=VERSION"):
        list(lowest.bounds(text))
