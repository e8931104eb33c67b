"""What `--data` takes, and what it refuses."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training import data_files

SIZE = (3, 16, 12)


def opened(path: Path | str, fold: int = 1) -> Any:
    from training.data import opened

    return opened(str(path), SIZE, fold)


@pytest.mark.parametrize("below", ["", "MNIST", "MNIST/raw"])
def test_mnist(tmp_path: Path, below: str) -> None:
    data_files.write_mnist(tmp_path / "MNIST" / "raw", train=20, test=10, size=9)
    data = opened(tmp_path / below)
    assert (data.name, data.classes, len(data.train), len(data.test)) == ("MNIST", 10, 20, 10)
    assert data.train.images.shape == (20, 1, 9, 9)
    assert data.test.labels.tolist() == list(range(10))
    floats = data.train.images.double() / 255
    assert data.mean == pytest.approx((floats.mean().item(),), rel=1e-6)
    assert data.std == pytest.approx((floats.std(correction=0).item(),), rel=1e-6)


@pytest.mark.parametrize("classes", [10, 100])
def test_cifar(tmp_path: Path, classes: int) -> None:
    name = "cifar-10-batches-bin" if classes == 10 else "cifar-100-binary"
    data_files.write_cifar(tmp_path / name, classes)
    data = opened(tmp_path)
    assert (data.name, data.classes) == (f"CIFAR-{classes}", classes)
    assert data.test.images.shape == (2, 3, 32, 32)
    assert data.train.images.flatten(1).unique(dim=1).flatten().tolist() == [0, 1] * (
        5 if classes == 10 else 1
    )
    assert set(data.train.labels.tolist()) == {7}


def test_image_folder(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="images in folders are Pillow's")
    for place in ("train/cat", "train/dog", "val/dog"):
        (tmp_path / place).mkdir(parents=True)
        image.new("RGB", (40, 20), (255, 0, 10)).save(tmp_path / place / "a.png")
    data = opened(tmp_path)
    assert (data.classes, data.train.labels.tolist(), data.test.labels.tolist()) == (2, [0, 1], [1])
    assert data.train.images[1].shape == SIZE
    assert data.train.images[1][:, 5, 5].tolist() == [255, 0, 10]
    (tmp_path / "train" / "cat" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    _refused(lambda: data.train.images[0], "cannot be read")


def test_digits(digits: None) -> None:
    folds = [opened("digits", fold) for fold in range(1, 6)]
    assert [len(data.test) for data in folds] == [360, 360, 359, 359, 359]
    assert {len(data.train) + len(data.test) for data in folds} == {1797}
    assert folds[0].train.images[0].unique().max() <= 240


@pytest.mark.parametrize("name", ["cifar-10-batches-py/data_batch_1", "cifar-100-python/train"])
def test_pickles_are_not_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(pickle.dumps(data_files.Runs(tmp_path / "run")))
    _refused(lambda: opened(tmp_path), "holds CIFAR as pickles", "binary version")
    assert not (tmp_path / "run").exists()


GOOD = data_files.idx(torch.zeros(2, 3, 3))
BROKEN = {
    "empty": (b"", "is no IDX file"),
    "head alone": (GOOD[:9], "is no IDX file"),
    "floats": (b"\0\0\x0d\x03" + GOOD[4:], "is no IDX file"),
    "two dimensions": (data_files.idx(torch.zeros(2, 3)), "is no IDX file"),
    "truncated": (GOOD[:-1], "says 2x3x3, and has 17 values"),
    "longer": (GOOD + b"\0", "says 2x3x3, and has 19 values"),
    "giant": (b"\0\0\x08\x03" + b"\xff" * 12, "says 4294967295x4294967295x4294967295, and has 0"),
    "no images": (data_files.idx(torch.zeros(0, 3, 3)), "says 0x3x3"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_idx(tmp_path: Path, kind: str) -> None:
    content, message = BROKEN[kind]
    data_files.write_mnist(tmp_path / "MNIST", size=3)
    (tmp_path / "MNIST" / "train-images-idx3-ubyte").write_bytes(content)
    _refused(lambda: opened(tmp_path), message)


def test_broken_gzip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from training import idx

    data_files.write_mnist(tmp_path / "MNIST", size=3)
    packed = tmp_path / "MNIST" / "t10k-images-idx3-ubyte.gz"
    whole = packed.read_bytes()
    packed.write_bytes(whole[:-12])
    _refused(lambda: opened(tmp_path), "cannot be read")
    packed.write_bytes(gzip.compress(bytes(10**6)))
    monkeypatch.setattr(idx, "MOST", 10**5)
    _refused(lambda: opened(tmp_path), "has more than 100,000 bytes")


def test_refused(tmp_path: Path) -> None:
    _refused(lambda: opened(tmp_path / "none"), "is no folder")
    _refused(lambda: opened(tmp_path), "has none of train-images-idx3-ubyte")
    data_files.write_mnist(tmp_path / "MNIST")
    (tmp_path / "FashionMNIST").mkdir()
    _refused(lambda: opened(tmp_path), "which one")
    (tmp_path / "MNIST" / "t10k-labels-idx1-ubyte").write_bytes(data_files.idx(torch.zeros(9)))
    _refused(lambda: opened(tmp_path / "MNIST"), "10 images with 9 labels")
    (tmp_path / "MNIST" / "t10k-labels-idx1-ubyte").unlink()
    _refused(lambda: opened(tmp_path / "MNIST"), "t10k-labels-idx1-ubyte.gz: cannot be read")
    data_files.write_cifar(tmp_path / "ten", 10)
    (tmp_path / "ten" / "data_batch_3.bin").write_bytes(bytes(100))
    _refused(lambda: opened(tmp_path / "ten"), "has 100 bytes, no multiple of 3,073")


def _refused(call: Callable[[], object], *messages: str) -> None:
    from training.failure import TrainingError

    with pytest.raises(TrainingError) as caught:
        call()
    for message in messages:
        assert message in str(caught.value)
