"""Draws the figures of gallery.md again, by the commands that stand there.

    python docs/make_gallery.py

The SVG files are graphviz-pure's, which makes the same everywhere. `gallery/made_from.txt` keeps
the digest of each one and of its DOT text, so that a test tells when a figure is no longer what its
command draws.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from resdsl.cli.run import run

DOCS = Path(__file__).parent
PAGE = DOCS / "gallery.md"
FOLDER = DOCS / "gallery"
MADE_FROM = FOLDER / "made_from.txt"


@dataclass(frozen=True)
class Figure:
    """A command of the page: `resdsl ARGUMENTS -o NAME.svg`."""

    name: str
    arguments: tuple[str, ...]

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.svg"

    def draw(self, path: Path) -> bytes:
        """Runs the command with another output, and returns what it wrote."""
        with redirect_stdout(StringIO()):
            status = run([*self.arguments, "-o", str(path)])
        if status:
            raise RuntimeError(f"{self.name} ended with {status}")
        return path.read_bytes()

    def made_from(self, folder: Path) -> str:
        """The line of `made_from.txt` for the command and the file in the gallery, as they are."""
        dot = self.draw(folder / f"{self.name}.dot")
        return f"{_digest(dot)} {_digest(self.path.read_bytes())} {self.name}"


def figures() -> Iterator[Figure]:
    """Those of the page, in its order."""
    for line in re.findall(r"^\$ ((?:.*\\\n)*.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        program, *arguments, option, output = shlex.split(line.replace("\\\n", " "))
        if (program, option) != ("resdsl", "-o"):
            raise ValueError(f"this does not end with `-o NAME.svg`: {line}")
        yield Figure(Path(output).stem, tuple(arguments))


def _digest(content: bytes) -> str:
    return sha256(content.replace(b"\r\n", b"\n")).hexdigest()[:20]


def main() -> None:
    renderer = shutil.which("graphviz-pure", path=sysconfig.get_path("scripts"))
    if renderer is None:
        sys.exit("graphviz-pure is missing: pip install -c constraints.txt -e '.[draw]'")
    os.environ["RESDSL_DOT"] = renderer
    found = list(figures())
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.svg"):
        path.unlink()
    with TemporaryDirectory() as folder:
        lines = []
        for figure in found:
            figure.draw(figure.path)
            lines.append(figure.made_from(Path(folder)))
            print(figure.path)
    MADE_FROM.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
