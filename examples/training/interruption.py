"""Ctrl-C, and SIGTERM as schedulers send it: a wish to stop with nothing lost. Needs no torch: its
import takes seconds, in which Ctrl-C is heard too.

A signal never raises anything: an exception out of nowhere would leave files half written, or
vanish in code that catches all. It is either noted or ends the process at once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """What the signals that came ask for.

    Where there is nothing to lose, the first ends the process. While a training `notes` them, the
    first is noted, for the training to stop behind its step, and one more Ctrl-C ends the process:
    not in the middle of `writing`, but behind it. Under torchrun one comes twice, from the terminal
    and from torchrun: there, where a process is not `is_alone`, all are noted.
    """

    def __init__(self, *, is_alone: bool = True, is_noted: bool = False) -> None:
        self.is_alone = is_alone
        self.signal = 0  # the first that came
        self._is_noted = is_noted
        self._is_writing = False
        self._ends = False  # behind the writing

    @property
    def came(self) -> bool:
        return self.signal != 0

    @property
    def status(self) -> int:
        """The exit status of a program that a signal ended, as shells give it: 130 or 143."""
        return 128 + self.signal

    def listen(self) -> None:
        """Takes the signals of this process, to its end."""
        for number in SIGNALS:
            signal.signal(number, self.hear)

    def hear(self, number: int, _frame: FrameType | None = None) -> None:
        is_first, self.signal = not self.came, self.signal or number
        is_wish = is_first or number != signal.SIGINT or not self.is_alone
        if self._is_noted and is_wish:
            return
        self._ends = True
        if not self._is_writing:
            self._end()

    @contextmanager
    def noted(self) -> Iterator[None]:
        before, self._is_noted = self._is_noted, True
        try:
            yield
        finally:
            self._is_noted = before

    @contextmanager
    def writing(self) -> Iterator[None]:
        """While files are written that belong together."""
        self._is_writing = True
        try:
            yield
        finally:
            self._is_writing = False
            if self._ends:
                self._end()

    def _end(self) -> None:
        if os.isatty(2):
            os.write(2, b"\x1b[?25h\n")  # a bar had hidden the cursor
        os._exit(self.status)  # nothing that could be interrupted once more


def leave(status: int) -> NoReturn:
    """Ends the process with all said, and without what Python does at its end: which a signal could
    interrupt, and which could wait for ever for the threads of a process group (`processes`)."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


@contextmanager
def kept_from_children() -> Iterator[None]:
    """Processes that are started in the block never hear the signals, not even while they begin:
    their parent tells them when to end."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
