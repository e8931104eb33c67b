"""What a bug of ours looks like to the person who met it."""

from __future__ import annotations

import platform
import sys

from resdsl import __version__
from resdsl.cli import terminal
from resdsl.cli.debugging import is_on
from resdsl.cli.status import BUG
from resdsl.diagnostics.codes import INTERNAL


def report(error: Exception) -> int:
    """Says so, and how to report it; with `--debug` where it happened."""
    if is_on():
        import traceback

        terminal.error_line("".join(traceback.format_exception(error)).rstrip())
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    terminal.error_line(
        f"{terminal.paint(f'error[{INTERNAL.id}]', '1;31')}: a bug in resdsl: {what}"
    )
    versions = f"resdsl {__version__}, Python {platform.python_version()}, {sys.platform}"
    if is_on():
        terminal.error_line(f"  please report it with the text above and the spec ({versions})")
    else:
        terminal.error_line(
            f"  please report it with the spec and what the command says with --debug ({versions})"
        )
    return BUG
