"""`dataclass`, made faster: half of what a cold check imports went into making dataclasses.

A frozen class gets methods that guard it, which are compiled at each import and called for each
object. Here mypy alone guards it: `frozen` is a promise that no code of ours breaks. What others
get in hand (diagnostics, designs, reports) is frozen by Python's own. Nor are `repr`, `==` and
`hash` compiled for each class: the first shows all, and the others ask for the fields' values.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, eq=True, repr=True, **options):
        """As `dataclasses.dataclass`; equal objects of a frozen class have equal hashes."""

        def make(cls):
            own = cls.__dict__
            if repr and "__repr__" not in own:
                cls.__repr__ = _shown
            made = dataclasses.dataclass(eq=False, repr=False, **options)(cls)
            if eq:
                fields = dataclasses.fields(made)
                if "__eq__" not in own:
                    made.__eq__ = _equality(f.name for f in fields if f.compare)
                if "__hash__" not in own:
                    hashed = (f.name for f in fields if f.compare and f.hash is not False)
                    made.__hash__ = _hash(hashed) if frozen else None
            return made

        return make if cls is None else make(cls)

    def _equality(names):
        values = _values(names)

        def equal(self, other):
            if other.__class__ is self.__class__:
                one, two = values(self), values(other)
                return one is two or one == two
            return NotImplemented

        return equal

    def _hash(names):
        values = _values(names)
        return lambda self: hash(values(self))

    def _values(names):
        """What gives the values of some fields as a tuple, and of one field as it is."""
        names = tuple(names)
        return attrgetter(*names) if names else lambda _: ()

    @recursive_repr()
    def _shown(self):
        pairs = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
        return f"{type(self).__qualname__}({', '.join(pairs)})"
