"""A sign of life: on a terminal, and only when it takes long."""

from __future__ import annotations

import io
import sys

import pytest

from resdsl.cli import progress as module
from resdsl.cli.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def test_shown_when_it_takes_long(monkeypatch: pytest.MonkeyPatch, terminal: Terminal) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0)
    with progress("building"):
        while "building" not in terminal.getvalue():
            pass
    assert terminal.getvalue().endswith("\x1b[2K")  # the line is cleared


def test_silent_when_it_does_not(terminal: Terminal) -> None:
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


def test_ends_with_an_exception(monkeypatch: pytest.MonkeyPatch, terminal: Terminal) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0)
    with pytest.raises(KeyboardInterrupt), progress("building"):
        while "building" not in terminal.getvalue():
            pass
        raise KeyboardInterrupt
    assert terminal.getvalue().endswith("\x1b[2K")
