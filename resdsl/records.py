"""`dataclass`, made faster: half of what a cold check imports went into making dataclasses.

A frozen class gets methods that guard it, which are compiled at each import and called for each
object. Here mypy alone guards it: `frozen` is a promise that no code of ours breaks. What others
get in hand (diagnostics, designs, reports) is frozen by Python's own. Nor is a `repr` compiled for
each class: one shows all.
"""

from __future__ import annotations

import dataclasses
from reprlib import recursive_repr
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, eq=True, repr=True, **options):
        """As `dataclasses.dataclass`; equal objects of a frozen class have equal hashes."""

        def make(cls):
            hashed = frozen and eq and "__hash__" not in cls.__dict__
            if repr and "__repr__" not in cls.__dict__:
                cls.__repr__ = _shown
            return dataclasses.dataclass(eq=eq, repr=False, unsafe_hash=hashed, **options)(cls)

        return make if cls is None else make(cls)

    @recursive_repr()
    def _shown(self):
        pairs = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
        return f"{type(self).__qualname__}({', '.join(pairs)})"
