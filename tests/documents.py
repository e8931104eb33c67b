"""Documents as a reader tries them: what they print is what comes out."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Block:
    """A fenced block and the line before it."""

    language: str
    text: str
    before: str

    @property
    def file(self) -> str | None:
        """The file that the block is, as in "In `small.res`"."""
        named = re.search(r"[Ii]n `(\w+\.(?:res|py))`:?$", self.before)
        return named[1] if named else None


def blocks(text: str) -> list[Block]:
    found = re.finditer(r"([^\n]*\n)\n?```(\w*)\n(.*?)```", text, re.DOTALL)
    return [Block(one[2], one[3], one[1].strip()) for one in found]


def shell(line: str, folder: Path) -> str:
    """What a command prints: stderr where it stands, here in front."""
    command = shlex.split(line.removeprefix("$ "))
    assert command[0] in ("resdsl", "python")
    module = ["-m", "resdsl"] if command[0] == "resdsl" else []
    done = subprocess.run(
        [sys.executable, *module, *command[1:]],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )
    return done.stdout


def said(code: str) -> list[str]:
    """What the comments behind the `print`s of a Python listing say."""
    return re.findall(r"^ *print\(.*\)\s+# (.*)$", code, re.MULTILINE)
