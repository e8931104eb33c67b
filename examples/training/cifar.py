"""CIFAR-10 and CIFAR-100 in their binary versions: a label in one byte (two, of which the second
counts, in CIFAR-100), then 32x32 bytes of red, of green, of blue.

The version that torchvision downloads holds pickles, and reading a pickle runs what is in it.
https://www.cs.toronto.edu/~kriz/cifar.html
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from training.data import Data, in_memory
from training.failure import TrainingError

PIXELS = 3 * 32 * 32
TEN = ([f"data_batch_{number}.bin" for number in range(1, 6)], ["test_batch.bin"])
HUNDRED = (["train.bin"], ["test.bin"])
MOST = 2**30  # bytes of one file


def is_there(folder: Path) -> bool:
    if (folder / "data_batch_1").exists() or (folder / "train").is_file():
        raise TrainingError(
            f"{folder}: holds CIFAR as pickles, which can run code when they are read; take the "
            "binary version, https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz (or "
            "cifar-100-binary.tar.gz), and name the folder that it unpacks to"
        )
    return any((folder / name).exists() for name in (TEN[0][0], HUNDRED[0][0]))


def read(folder: Path) -> Data:
    is_ten = (folder / TEN[0][0]).exists()
    train, test = TEN if is_ten else HUNDRED
    labels = 1 if is_ten else 2
    name, classes = ("CIFAR-10", 10) if is_ten else ("CIFAR-100", 100)
    return in_memory(name, _batches(folder, train, labels), _batches(folder, test, labels), classes)


def _batches(folder: Path, names: list[str], labels: int) -> tuple[Tensor, Tensor]:
    """Images (N, 3, 32, 32) and labels (N,) of some files, one behind the other."""
    rows = torch.cat([_rows(folder / name, labels + PIXELS) for name in names])
    return rows[:, labels:].reshape(-1, 3, 32, 32), rows[:, labels - 1]


def _rows(path: Path, width: int) -> Tensor:
    try:
        size = path.stat().st_size
        if size % width or not 0 < size <= MOST:
            raise TrainingError(f"{path}: has {size:,} bytes, no multiple of {width:,}")
        content = bytearray(path.read_bytes())
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read ({error})") from error
    return torch.frombuffer(content, dtype=torch.uint8).reshape(-1, width)
