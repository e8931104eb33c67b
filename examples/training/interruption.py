"""Ctrl-C as a wish to stop behind the step that is running, with nothing lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """Whether Ctrl-C was pressed, or the process told to end."""

    def __init__(self) -> None:
        self.came = False


@contextmanager
def noted(interruption: Interruption, *, is_alone: bool = True) -> Iterator[None]:
    """While the block runs, SIGINT and SIGTERM are only noted. A second SIGINT stops at once, but
    for a process that is not alone: one Ctrl-C comes twice there, from the terminal and torchrun.
    """

    def note(_number: int, _frame: FrameType | None) -> None:
        interruption.came = True
        if is_alone:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignored(_worker: int) -> None:
    """For processes that read images: their parent tells them when to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
