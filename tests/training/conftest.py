"""`examples/` where its programs look for `training`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.documents import ROOT
from tests.training import data_files

sys.path.insert(0, str(ROOT / "examples"))

SPEC = """
network small(width: int = 4, classes: int = 10) {
    input 1 x 8 x 8
    conv(3, width) norm act
    stage layer1 /2: basic(2 * width) x 1
    global_avgpool flatten
    dropout(0.3)
    linear(classes)
}
"""


@pytest.fixture
def digits() -> None:
    pytest.importorskip("sklearn", reason="the digits are scikit-learn's")


@pytest.fixture
def fewer_digits(digits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some 300 of the 1,797 images: where it does not matter how well they are told apart."""
    from sklearn import datasets
    from sklearn.utils import Bunch

    whole = datasets.load_digits()
    fewer = {key: whole[key][:300] for key in ("data", "images", "target")}
    monkeypatch.setattr(datasets, "load_digits", lambda: Bunch(**fewer))


@pytest.fixture(scope="session")
def make_small() -> Callable[[Path], str]:
    """Writes a network with dropout, and data of which the last batch is smaller; gives the command
    line that trains it."""

    def made(folder: Path) -> str:
        (folder / "small.res").write_text(SPEC, encoding="utf-8")
        data_files.write_mnist(folder / "MNIST", train=33, test=10, size=8)
        return (
            f"{folder}/small.res --data {folder}/MNIST --batch-size 10 --pad 1 --flip --epochs 3 "
            "--device cpu --log-every 1 --smoothing 0.1 --warmup 1 "
        )

    return made


@pytest.fixture
def small(tmp_path: Path, make_small: Callable[[Path], str]) -> str:
    return make_small(tmp_path)
