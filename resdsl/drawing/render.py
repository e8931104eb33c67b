"""Runs the renderer: Graphviz's `dot`, or graphviz-pure, which takes the same arguments."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

from resdsl.records import dataclass

# Seconds. A network of 36 stages takes less than one.
TIME_LIMIT = 120

# How a picture begins and ends: SVG (behind declarations and comments), PNG, PDF.
_FORMS: dict[str, tuple[bytes, tuple[bytes, ...]]] = {
    "svg": (rb"(?s)\s*(?:<[?!].*?>\s*)*<svg\b", (b"</svg>", b"/>")),
    "png": (rb"\x89PNG\r\n\x1a\n", (b"IEND\xaeB`\x82",)),
    "pdf": (rb"%PDF-", (b"%%EOF",)),
}

# Pixels at twice the size of a screen's. In the text it would make pages twice as large, too.
_OPTIONS = {"png": ("-Gdpi=144",)}

INSTALL = (
    "install Graphviz (Debian: apt install graphviz; macOS: brew install graphviz), "
    "or: pip install 'resdsl[draw]'"
)

# What Helvetica has no glyph for.
_SPELLED = str.maketrans({"⌊": "floor(", "⌈": "ceil(", "⌋": ")", "⌉": ")", "≈": "~"})


class DrawingError(Exception):
    """A picture could not be made. `written` are the files that were."""

    def __init__(self, message: str, written: tuple[Path, ...] = ()) -> None:
        super().__init__(message)
        self.written = written


class MissingRenderer(DrawingError):  # noqa: N818 - it says what is wrong
    """No program here can make the picture; the message says both ways to get one."""


class RendererError(DrawingError):
    """The program was there and did not make the picture."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """An executable that reads DOT and writes pictures."""

    path: str

    @property
    def makes_pdf(self) -> bool:
        """graphviz-pure has no PDF."""
        return not self._is_pure

    @property
    def _is_pure(self) -> bool:
        return Path(self.path).stem == "graphviz-pure"

    def spelled(self, dot: str, format: str) -> str:
        """`ceil(H/32)` for `⌈H/32⌉` in pixels of graphviz-pure, whose fonts lack these signs."""
        if not self._is_pure or format == "svg":
            return dot
        return dot.translate(_SPELLED)


def find_renderer() -> Renderer | None:
    """`RESDSL_DOT`, else `dot` on the PATH, else graphviz-pure there or beside this Python.

    Raises MissingRenderer where RESDSL_DOT names nothing that can be run.
    """
    named = os.environ.get("RESDSL_DOT")
    if named:
        found = shutil.which(named)
        if found is None:
            raise MissingRenderer(f"RESDSL_DOT is {named}, which cannot be run; {INSTALL}")
        return Renderer(found)
    for name in ("dot", "graphviz-pure"):
        found = shutil.which(name) or shutil.which(name, path=sysconfig.get_path("scripts"))
        if found:
            return Renderer(found)
    return None


def render(dot: str, format: str, renderer: Renderer) -> bytes:
    """The picture in `format` (`svg`, `png`, `pdf`).

    Raises RendererError with what the program said, which is not shown otherwise.
    """
    try:
        done = subprocess.run(
            [renderer.path, f"-T{format}", *_OPTIONS.get(format, ())],
            input=renderer.spelled(dot, format).encode(),
            capture_output=True,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"{renderer.path} took longer than {TIME_LIMIT} seconds"
        raise RendererError(message) from None
    except OSError as error:
        raise RendererError(f"{renderer.path} cannot be run: {error.strerror}") from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip() or f"exit status {done.returncode}"
        raise RendererError(f"{renderer.path} failed: {said}")
    if not _is_picture(done.stdout, format):
        begun = done.stdout[:40].decode(errors="replace").strip().split("\n")[0]
        raise RendererError(f"{renderer.path} made no {format.upper()}; it printed {begun!r}")
    return done.stdout


def _is_picture(content: bytes, format: str) -> bool:
    """Whether a picture in this format begins and ends here: a program may print anything."""
    begin, end = _FORMS[format]
    return re.match(begin, content) is not None and content.rstrip().endswith(end)
