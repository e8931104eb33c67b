"""Operators of a definition as they stand where it is called: their numbers come from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from resdsl.extents import Size
from resdsl.language.values.origins import outside
from resdsl.ops import Op


def moved(op: Op, arguments: Mapping[str, Any]) -> Op:
    """`arguments` are those of the call, with the origins that they have out there."""
    known = dict(arguments)

    def value(item: Any) -> Any:
        if isinstance(item, Size):
            return Size(value(number) for number in item)
        is_whole = isinstance(item, int) and not isinstance(item, bool)
        return outside(item, known) if is_whole else item

    return op.with_arguments(**{one.name: value(getattr(op, one.name)) for one in fields(op)})
