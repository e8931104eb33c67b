"""A sign of life: on a terminal, and only when it takes long."""

from __future__ import annotations

import io
import sys
from threading import Event

import pytest

from resdsl.cli import progress as module
from resdsl.cli.progress import progress


class Terminal(io.StringIO):
    """A terminal that knows when something appears on it."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        written = super().write(text)
        if "building" in text:
            self.shown.set()
        return written


def stderr(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """No fixture: pytest's capture puts its own stderr back between set-up and test."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def test_shown_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = stderr(monkeypatch)
    monkeypatch.setattr(module, "PATIENCE", 0)
    with progress("building"):
        assert terminal.shown.wait(60)
    assert terminal.getvalue().endswith("\x1b[2K")  # the line is cleared


def test_silent_when_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = stderr(monkeypatch)
    with progress("building"):
        pass
    assert terminal.getvalue() == ""


def test_silent_without_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "Timer", None)
    with progress("building"):
        pass
    assert capsys.readouterr().err == ""


def test_ends_with_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = stderr(monkeypatch)
    monkeypatch.setattr(module, "PATIENCE", 0)
    with pytest.raises(KeyboardInterrupt), progress("building"):
        assert terminal.shown.wait(60)
        raise KeyboardInterrupt
    assert terminal.getvalue().endswith("\x1b[2K")
