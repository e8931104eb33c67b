"""The command line: one command a file, each imported when it is asked for."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """`resdsl`, and `python -m resdsl`."""
    try:
        from resdsl.cli.run import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)
