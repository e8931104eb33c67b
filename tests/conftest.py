"""What the tests share. Nothing here imports torch before a test asks for it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files anew; read their diff before you commit it",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares a text with a golden file."""
    update = request.config.getoption("--update-golden")

    def compare(path: Path, text: str) -> None:
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        assert path.is_file(), f"{path} is not there; pytest --update-golden writes it"
        # Read as it stands: git must not have changed the ends of its lines (.gitattributes).
        assert text == path.read_bytes().decode()

    return compare


_MISSING = "operator torchvision::nms does not exist"
_keep: list[Any] = []  # torch drops the definitions of a Library with the object


@cache
def _torchvision_lacks_operators() -> bool:
    """Whether importing torchvision fails here for want of its C++ operators.

    Asked of a child process: an import that fails half-way leaves torch with registrations that
    cannot be made twice, so that no second try in this process could succeed.
    """
    child = subprocess.run(
        [sys.executable, "-c", "import torchvision"], capture_output=True, text=True, check=False
    )
    return child.returncode != 0 and _MISSING in child.stderr


@cache
def _stand_in_for_operators() -> None:
    """Declare `nms` and `qnms` where torchvision's own are missing.

    torchvision's wheels on PyPI are built against the CUDA build of torch. Beside a CPU-only torch
    of the same version its library of C++ operators does not load, which it passes over, and then
    `import torchvision` dies as it registers a shape rule for `nms`. The tests need its networks
    alone, and these use neither operator: a declaration without a kernel is enough. Where
    torchvision works, and where it fails for another reason, nothing is touched.
    """
    if not _torchvision_lacks_operators():
        return
    import torch

    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _keep.append(library)


@pytest.fixture(scope="session")
def torchvision() -> ModuleType:
    """torchvision, its networks usable whatever build of torch stands beside it."""
    _stand_in_for_operators()
    return importlib.import_module("torchvision")


@pytest.fixture(scope="session")
def timm(torchvision: ModuleType) -> ModuleType:
    """timm, which imports torchvision."""
    return importlib.import_module("timm")
