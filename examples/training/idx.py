"""MNIST, FashionMNIST and their like: four IDX files, as they are or with gzip.

An IDX file is two zeros, 8 (for uint8), the number of dimensions, each extent in four bytes with
the highest first, and the values. http://yann.lecun.com/exdb/mnist
"""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path

import torch
from torch import Tensor

from training.data import Data, in_memory
from training.failure import TrainingError

MOST = 2**30  # bytes of one file: MNIST has 47 million


def is_there(folder: Path) -> bool:
    return any(folder.glob("train-images-idx3-ubyte*"))


def read(folder: Path) -> Data:
    train, test = (
        (
            _values(folder, f"{part}-images-idx3-ubyte", 3),
            _values(folder, f"{part}-labels-idx1-ubyte", 1),
        )
        for part in ("train", "t10k")
    )
    classes = int(max(train[1].max(), test[1].max())) + 1
    name = folder.parent.name if folder.name == "raw" else folder.name
    return in_memory(
        name, (train[0].unsqueeze(1), train[1]), (test[0].unsqueeze(1), test[1]), max(classes, 10)
    )


def _values(folder: Path, name: str, dimensions: int) -> Tensor:
    """The values of a file, (N, H, W) or (N,) in uint8. Its header is not believed."""
    path = folder / name
    if not path.exists():
        path = folder / f"{name}.gz"
    content = _content(path)
    head = 4 + 4 * dimensions
    if content[:4] != bytes((0, 0, 8, dimensions)) or len(content) < head:
        raise TrainingError(f"{path}: is no IDX file of uint8 in {dimensions} dimensions")
    shape = [int.from_bytes(content[at : at + 4]) for at in range(4, head, 4)]
    if prod(shape) != len(content) - head or 0 in shape:
        raise TrainingError(
            f"{path}: says {'x'.join(map(str, shape))}, and has {len(content) - head:,} values"
        )
    return torch.frombuffer(bytearray(content[head:]), dtype=torch.uint8).reshape(shape)


def _content(path: Path) -> bytes:
    """All bytes of a file, but no more than `MOST`, whatever it unpacks to."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            content: bytes = file.read(MOST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TrainingError(f"{path}: cannot be read ({error})") from error
    if len(content) > MOST:
        raise TrainingError(f"{path}: has more than {MOST:,} bytes")
    return content
