"""A sign of life on a terminal while something takes longer than a second."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING

from resdsl.cli.terminal import printable

if TYPE_CHECKING:
    from rich.status import Status

PATIENCE = 0.5  # seconds; rich, which draws it, is not loaded before


class _Sign:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lock = Lock()
        self.over = False
        self.status: Status | None = None

    def show(self) -> None:
        from rich.console import Console
        from rich.text import Text

        with self.lock:
            if not self.over:
                # Text: a name of a file may look like markup.
                self.status = Console(stderr=True).status(Text(printable(self.text)))
                self.status.start()

    def end(self) -> None:
        with self.lock:
            self.over = True
            if self.status is not None:
                self.status.stop()


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Shows `text` while the block runs, if it takes long and stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    sign = _Sign(text)
    timer = Timer(PATIENCE, sign.show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        sign.end()
