"""The parameters of an operator, which are the fields of its class."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

from resdsl.records import dataclass

REQUIRED: Any = dataclasses.MISSING


def argument(
    type: str,
    default: Any = REQUIRED,
    *,
    doc: str,
    least: float | None = None,
    above: float | None = None,
    below: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """A parameter of an operator: its type in the language, its meaning, the values it allows."""
    metadata = {
        "type": type,
        "least": least,
        "above": above,
        "below": below,
        "most": most,
        "choices": choices,
        "doc": doc,
    }
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class OpParameter:
    """One parameter as the language sees it.

    `type` is `int float bool string size`; behind a `|` stands another value, a word (`|auto`), or
    where `default` is None what there is without a value (`size|k`).
    """

    name: str
    type: str
    default: Any
    least: float | None
    above: float | None
    below: float | None
    most: float | None
    choices: tuple[str, ...]
    doc: str

    @property
    def is_float(self) -> bool:
        """Its numbers are floats."""
        return self.type.partition("|")[0] == "float"


@cache
def parameters(cls: type[Any]) -> tuple[OpParameter, ...]:
    """Those of a class, in order."""
    return tuple(
        OpParameter(field.name, default=field.default, **field.metadata)
        for field in dataclasses.fields(cls)
    )
