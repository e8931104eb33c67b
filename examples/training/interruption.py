"""Ctrl-C as a wish to stop behind the step that is running, with nothing lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """Whether Ctrl-C was pressed, or the process told to end. A second Ctrl-C stops at once."""

    def __init__(self) -> None:
        self.came = False

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.came = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def noted() -> Iterator[Interruption]:
    """While the block runs, SIGINT and SIGTERM are only noted: torchrun passes the second on."""
    interruption = Interruption()
    before = {
        number: signal.signal(number, interruption._note)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignored(_worker: int) -> None:
    """For processes that read images: their parent tells them when to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
