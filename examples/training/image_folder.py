"""A folder of images as ImageNet's is laid out: train/CLASS/IMAGE, and val/ or test/ like it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from training.data import Data, Labelled
from training.failure import TrainingError

ENDINGS = {".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".webp"}
# ImageNet's, which serve for photographs of other things too.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def is_there(folder: Path) -> bool:
    return (folder / "train").is_dir() and _test_folder(folder) is not None


def read(folder: Path, size: tuple[int, int, int]) -> Data:
    channels = size[0]
    if channels not in (1, 3):
        raise TrainingError(f"{folder}: images have 1 or 3 channels, the network takes {channels}")
    test = _test_folder(folder)
    assert test is not None  # by is_there
    classes = sorted(path.name for path in (folder / "train").iterdir() if path.is_dir())
    mean, std = (MEAN, STD) if channels == 3 else ((sum(MEAN) / 3,), (sum(STD) / 3,))
    train = _labelled(folder / "train", classes, size)
    held = _labelled(test, classes, size)
    return Data(folder.name, train, held, len(classes), mean, std, tuple(classes))


@dataclass(frozen=True)
class Files:
    """Images that are read when they are asked for: brought to `size` (channels, height, width) by
    their middle."""

    paths: list[Path]
    size: tuple[int, int, int]

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        from PIL import Image, ImageOps

        path = self.paths[index]
        channels, height, width = self.size
        try:
            with Image.open(path) as image:
                picture = image.convert("RGB" if channels == 3 else "L")
        except (OSError, Image.DecompressionBombError) as error:
            raise TrainingError(f"{path}: cannot be read ({error})") from error
        picture = ImageOps.fit(picture, (width, height), Image.Resampling.BILINEAR)
        pixels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
        return pixels.reshape(height, width, channels).permute(2, 0, 1)


def _test_folder(folder: Path) -> Path | None:
    return next((folder / name for name in ("val", "test") if (folder / name).is_dir()), None)


def _labelled(folder: Path, classes: list[str], size: tuple[int, int, int]) -> Labelled:
    """The images of all classes, in the order of their names."""
    unknown = {path.name for path in folder.iterdir() if path.is_dir()} - set(classes)
    if unknown:
        raise TrainingError(f"{folder}: {min(unknown)} is a class that train/ does not have")
    paths: list[Path] = []
    labels: list[int] = []
    for label, name in enumerate(classes):
        found = sorted(
            path for path in (folder / name).rglob("*") if path.suffix.lower() in ENDINGS
        )
        paths += found
        labels += [label] * len(found)
    if not paths:
        raise TrainingError(f"{folder}: has no images")
    return Labelled(Files(paths, size), torch.tensor(labels))
