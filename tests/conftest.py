"""What the tests share. Nothing here imports torch before a test asks for it."""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

from tests import torchvision_operators

# There is a worker of pytest-xdist for each core: torch's threads, as many again, would wait for
# each other. So it is in the processes that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files anew; read their diff before you commit it",
    )


def pytest_configure() -> None:
    # A shell that runs pytest in the background has it, and its children, ignore Ctrl-C.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # No test asserts on time.
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """mypy reads torch's sources for 15 s: once for all tests that run it on emitted files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYPY_CACHE_DIR", str(tmp_path_factory.mktemp("mypy")))
        yield


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


@pytest.fixture(scope="session")
def torchvision() -> ModuleType:
    """torchvision, its networks usable whatever build of torch stands beside it.

    Its C++ operators may be missing; `tests/torchvision_operators.py` says why, and declares them.
    Without NumPy, which resdsl and torch do without, it cannot be imported.
    """
    pytest.importorskip("numpy", reason="torchvision needs NumPy")
    if torchvision_operators.are_missing():
        torchvision_operators.declare()
    return importlib.import_module("torchvision")


@pytest.fixture(scope="session")
def timm(torchvision: ModuleType) -> ModuleType:
    """timm, which imports torchvision."""
    return importlib.import_module("timm")
