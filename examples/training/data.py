"""Images with labels to train on and to test with, whatever they are read from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from training.failure import TrainingError

# What torchvision and the archives of CIFAR call their folders.
FOLDERS = (
    "MNIST",
    "FashionMNIST",
    "cifar-10-batches-bin",
    "cifar-100-binary",
    "cifar-10-batches-py",
    "cifar-100-python",
)


class Images(Protocol):
    """Images by number, each (C, H, W) in uint8. A tensor (N, C, H, W) is such a thing too."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Tensor: ...


@dataclass(frozen=True)
class Labelled:
    images: Images
    labels: Tensor  # (N,) int64

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Data:
    name: str
    train: Labelled
    test: Labelled
    classes: int
    # Of each channel, for values from 0 to 1.
    mean: tuple[float, ...]
    std: tuple[float, ...]
    # Of the classes, where the data have some.
    names: tuple[str, ...] = ()


def in_memory(
    name: str, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], classes: int
) -> Data:
    """Data of tensors: images (N, C, H, W) in uint8, labels (N,). Mean and deviation are those of
    the images to train on, all pixels together."""
    for images, labels in (train, test):
        if not len(images) == len(labels) > 0:
            raise TrainingError(f"{name}: {len(images)} images with {len(labels)} labels")
        if labels.min() < 0 or labels.max() >= classes:
            raise TrainingError(f"{name}: a label is not one of 0 to {classes - 1}")
    # In counts of the 256 values: exact, and without a copy of the images as floats.
    values = torch.arange(256, dtype=torch.float64) / 255
    mean, std = [], []
    for channel in train[0].unbind(1):
        share = torch.bincount(channel.flatten(), minlength=256) / channel.numel()
        mean.append((share * values).sum())
        std.append((share * (values - mean[-1]) ** 2).sum().sqrt())
    return Data(
        name,
        Labelled(train[0], train[1].long()),
        Labelled(test[0], test[1].long()),
        classes,
        tuple(float(value) for value in mean),
        tuple(float(value) or 1.0 for value in std),
    )


def opened(source: str, size: tuple[int, int, int], fold: int) -> Data:
    """What `--data` names: `digits`, or a folder of one of the known layouts.

    A folder of images is brought to `size` (channels, height, width); other data are as they are.
    `fold` is for the digits, which are not divided beforehand.
    """
    from training import cifar, digits, idx, image_folder

    if source == digits.NAME:
        return digits.read(fold)
    folder = _data_folder(Path(source))
    if idx.is_there(folder):
        return idx.read(folder)
    if cifar.is_there(folder):
        return cifar.read(folder)
    if image_folder.is_there(folder):
        return image_folder.read(folder, size)
    raise TrainingError(
        f"{folder}: has none of train-images-idx3-ubyte (MNIST, FashionMNIST), data_batch_1.bin "
        "(CIFAR-10), train.bin (CIFAR-100), train/CLASS/IMAGE with val/ or test/"
    )


def _data_folder(folder: Path) -> Path:
    """Where the files are: here, or in the one known folder in it."""
    if not folder.is_dir():
        raise TrainingError(f"{folder}: is no folder; `--data digits` needs none")
    found = [folder / name for name in FOLDERS if (folder / name).is_dir()]
    if len(found) > 1:
        raise TrainingError(f"--data: which one, {' or '.join(map(str, found))}?")
    folder = found[0] if found else folder
    return folder / "raw" if (folder / "raw").is_dir() else folder
