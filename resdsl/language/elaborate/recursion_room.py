"""Room for recursion over what is limited in depth."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Python's recursion limit while elaborating. Depths are limited (resdsl.limits): definitions inside
# each other, each with bodies inside each other, a handful of calls a level.
_RECURSION = 60_000


@contextmanager
def deep_recursion() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
