"""What the network sees of an image: a crop, at random and perhaps mirrored where it trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad as padded

from training.data import Labelled


class Draw(NamedTuple):
    """An image by its number, and the seed of what is random about it."""

    index: int
    seed: int


@dataclass(frozen=True)
class Views(torch.utils.data.Dataset[tuple[Tensor, Tensor]]):
    """Labelled images, each padded with black by `pad` and cropped to `size` (height, width).

    Where it `is_random` the crop lies anywhere and, with `flips`, half of the images are mirrored;
    else it is the middle. Gives (C, H, W) in uint8, and the label.
    """

    examples: Labelled
    size: tuple[int, int]
    pad: int = 0
    flips: bool = False
    is_random: bool = False

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, draw: Draw) -> tuple[Tensor, Tensor]:
        image = padded(self.examples.images[draw.index], [self.pad] * 4)
        room = [have - want for have, want in zip(image.shape[1:], self.size, strict=True)]
        corner = [extent // 2 for extent in room]
        if self.is_random:
            generator = torch.Generator().manual_seed(draw.seed)
            corner = [int(torch.randint(extent + 1, (), generator=generator)) for extent in room]
            if self.flips and torch.rand((), generator=generator) < 0.5:
                image = image.flip(2)
        (top, left), (height, width) = corner, self.size
        crop = image[:, top : top + height, left : left + width]
        return crop, self.examples.labels[draw.index]
