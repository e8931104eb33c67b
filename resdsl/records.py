"""`dataclass`, made faster: half of what a cold check imports went into making dataclasses.

A frozen class gets methods that guard it, which are compiled at each import and called for each
object. Here mypy alone guards it: `frozen` is a promise that no code of ours breaks. What others
get in hand (diagnostics, designs, reports) is frozen by Python's own.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, eq=True, **options):
        """As `dataclasses.dataclass`; equal objects of a frozen class have equal hashes."""

        def make(cls):
            hashed = frozen and eq and "__hash__" not in cls.__dict__
            return dataclasses.dataclass(eq=eq, unsafe_hash=hashed, **options)(cls)

        return make if cls is None else make(cls)
