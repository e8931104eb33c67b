"""Whether network and data are for each other, asked before anything is built."""

from __future__ import annotations

import resdsl
from training.data import Data
from training.failure import TrainingError


def size_of(design: resdsl.Design) -> tuple[int, int, int]:
    """Channels, height and width that the network takes."""
    size = design.input
    if len(size) != 3 or any(extent is None for extent in size):
        raise TrainingError(
            f"{design.name} takes {'x'.join(map(str, size))}: this program trains on images of one "
            "size, which `--input 3x32x32` would be"
        )
    channels, height, width = size
    return int(channels), int(height), int(width)


def check(design: resdsl.Design, data: Data, pad: int) -> None:
    """Raises TrainingError where they are not, with the option that would make them be."""
    wanted = size_of(design)
    shape = tuple(data.train.images[0].shape)
    if shape[0] != wanted[0] or any(
        have + 2 * pad < want for have, want in zip(shape[1:], wanted[1:], strict=True)
    ):
        shown = "x".join(map(str, shape))
        raise TrainingError(
            f"{data.name} has images of {shown}, {design.name} takes {'x'.join(map(str, wanted))}: "
            f"`--input {shown}` makes it take them, `--pad` puts black around them"
        )
    if pad >= min(wanted[1:]):
        raise TrainingError(
            f"--pad {pad}: {design.name} sees {wanted[1]}x{wanted[2]}, and would see nothing but "
            "black in some crops"
        )
    if design.output != (data.classes,):
        raise TrainingError(
            f"{data.name} has {data.classes} classes, {design.name} gives "
            f"{'x'.join(map(str, design.output))}: `--set classes={data.classes}` may help"
        )
