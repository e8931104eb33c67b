"""Whether a value has the type that a parameter asks for."""

from __future__ import annotations

from operator import is_
from typing import Any

from resdsl import limits
from resdsl.extents import Size
from resdsl.language.values.values import Callee, TensorValue, Unknown, article, show, type_name
from resdsl.ops.base import OpParameter
from resdsl.provenance import as_float
from resdsl.syntax import tree

NAMES = (
    "int",
    "float",
    "bool",
    "string",
    "size",
    "op",
    "block",
    "shortcut",
    "tensor",
    "list",
    "one_of",
)

CALLEES = {
    "op": ("op",),
    "block": ("op", "block"),
    "shortcut": ("op", "block", "shortcut"),
}


def is_of_tensors(wanted: tree.Type | None) -> bool:
    """Whether a parameter is a tensor, or a list of them."""
    if wanted is not None and wanted.name == "list":
        wanted = wanted.item
    return wanted is not None and wanted.name == "tensor"


def fits(value: Any, wanted: tree.Type) -> bool:
    """An int goes where a float or a size is asked for, never the reverse; a bool is not an int."""
    if isinstance(value, Unknown):
        return True
    match wanted.name:
        case "list":
            return (
                isinstance(value, tuple)
                and not isinstance(value, Size)
                and (wanted.item is None or all(fits(item, wanted.item) for item in value))
            )
        case "tensor":
            return isinstance(value, TensorValue) and value.copies is None
        case "one_of":
            return isinstance(value, str) and value in wanted.choices
        case "op" | "block" | "shortcut":
            return isinstance(value, Callee) and value.kind in CALLEES[wanted.name]
        case name:
            return fits_simple(value, name)


def declared(value: Any, wanted: tree.Type | None) -> Any:
    """A value that fits, as a parameter of this type has it: a float is one whatever its value."""
    if wanted is None:
        return value
    if wanted.name == "float":
        return as_float(value)
    if wanted.name != "list" or type(value) is not tuple:
        return value
    items = tuple(declared(item, wanted.item) for item in value)
    return value if all(map(is_, items, value)) else items


def op_declared(parameter: OpParameter, value: Any) -> Any:
    """A value that fits, as an operator's parameter has it."""
    return as_float(value) if parameter.is_float else value


def fits_simple(value: Any, name: str) -> bool:
    match name:
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "bool":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "size":
            return isinstance(value, Size) or fits_simple(value, "int")
        case _:
            return False


def describe(wanted: tree.Type) -> str:
    """`an int`, `a list[int]`, `one of "conv1", "conv2"`."""
    match wanted.name:
        case "list" if wanted.item is not None:
            return f"a list[{wanted.item.name}]"
        case "one_of":
            return "one of " + ", ".join(f'"{choice}"' for choice in wanted.choices)
        case "op":
            return "an operator"
        case "block":
            return "a block or operator"
        case "shortcut":
            return "a shortcut, block or operator"
        case name:
            return article(name)


def op_problem(parameter: OpParameter, value: Any) -> str | None:
    """What is wrong with an operator's argument, as the end of a sentence; None if nothing is."""
    if isinstance(value, Unknown):
        return None
    wanted, *words = parameter.type.split("|")
    if value is None and parameter.default is None:
        return None
    if wanted == "tensor":
        # An operator knows that it is given one.
        is_tensor = value is True or (isinstance(value, TensorValue) and value.copies is None)
        return None if is_tensor else f"must be a tensor, not {article(type_name(value))}"
    if isinstance(value, TensorValue):
        return "must be a value, not a tensor"
    if parameter.default is None:
        # The word says what there is without one: it is no value.
        words = []
    if isinstance(value, str) and value in words:
        return None
    if wanted == "one_of":
        if isinstance(value, str) and value in parameter.choices:
            return None
        choices = ", ".join(f'"{choice}"' for choice in parameter.choices)
        return f"must be one of {choices}, not {show(value)}"
    if not fits_simple(value, wanted):
        others = [f'"{word}"' for word in words]
        allowed = ", ".join([article(wanted), *others[:-1]])
        allowed += f" or {others[-1]}" if others else ""
        return f"must be {allowed}, not the {type_name(value)} {show(value)}"
    return _out_of_range(parameter, value)


def _out_of_range(parameter: OpParameter, value: Any) -> str | None:
    numbers = value if isinstance(value, Size) else (value,)
    for number in numbers:
        if isinstance(number, bool | str):
            continue
        if isinstance(number, int) and not parameter.is_float and number > limits.LARGEST_SIZE:
            return f"must be at most {limits.LARGEST_SIZE:,}, not {show(value)}"
        if parameter.least is not None and number < parameter.least:
            return f"must be at least {parameter.least:g}, not {show(value)}"
        if parameter.above is not None and number <= parameter.above:
            return f"must be above {parameter.above:g}, not {show(value)}"
        if parameter.most is not None and number > parameter.most:
            return f"must be at most {parameter.most:g}, not {show(value)}"
        if parameter.below is not None and number >= parameter.below:
            return f"must be below {parameter.below:g}, not {show(value)}"
    return None
