"""What a terminal shows and does not obey."""

from __future__ import annotations

from pathlib import Path

import pytest

from resdsl.cli import terminal
from tests.cli.conftest import Resdsl


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b[1;31merror\x1b[0m", "\x1b[1;31merror\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\rb\x7f\x9b", "a\\rb\\x7f\\x9b"),
        ("\u202etxt.res", "\\u202etxt.res"),
        ("[bold]×Ö", "[bold]×Ö"),
    ],
)
def test_only_colours_are_obeyed(text: str, shown: str) -> None:
    assert terminal.printable(text) == shown


@pytest.mark.parametrize("name", ["[bold]x[red].res", "\x1b[2Jx.res", "a\rb.res", "\u202ex.res"])
def test_names_of_files(resdsl: Resdsl, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("network n { input 3 x 8 x 8 conv(3, ) nonsense }\n")
    found = resdsl("check", name)
    assert found.status == 1
    assert terminal.printable(name) in found.err
    assert terminal.printable(found.err + found.out) == found.err + found.out
    assert terminal.printable(f"no{name}") in resdsl("check", f"no{name}").err


def test_the_sign_of_life_is_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys
    import time

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("resdsl.cli.progress.PATIENCE", 0)
    from resdsl.cli.progress import progress

    with progress("checking [bold]x[/] [/red]\x1b]0;t\x07"):
        for _ in range(200):
            if "checking" in stream.getvalue():
                break
            time.sleep(0.05)
    assert "checking [bold]x[/] [/red]\\x1b]0;t\\x07" in stream.getvalue()
