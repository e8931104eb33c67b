"""What is asked for is no figure, or cannot be one."""

from __future__ import annotations

from resdsl import limits


class TangledError(Exception):
    """A flow that is no tree of rows and columns, or reads what is made outside of it."""


class FigureError(ValueError):
    """The message says what is wrong, and what can be done."""


def check_size(name: str, boxes: int) -> None:
    """Before anything is laid out: whether it is too large in every format. Raises FigureError."""
    if boxes > limits.PLACED:
        raise FigureError(
            f"a figure of {name} has {boxes:,} boxes, and at most {limits.PLACED:,} are laid out: "
            "copies of a branch are drawn three times, and more often inside of each other; "
            "draw a block inside of them"
        )
