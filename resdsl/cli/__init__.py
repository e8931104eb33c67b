"""The command line: one command a file, each imported when it is asked for."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

# A command builds trees and designs that live until its end: looking for garbage among them as
# often as Python does by default took 40 % of the check of a long spec.
_ALLOCATIONS = 100_000


def main() -> NoReturn:
    """`resdsl`, and `python -m resdsl`."""
    gc.set_threshold(_ALLOCATIONS, 50, 100)
    try:
        from resdsl.cli.run import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)
