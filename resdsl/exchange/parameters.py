"""The parameters of a definition in a JSON design, and the arguments that they have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from resdsl import limits
from resdsl.design.model import Parameter
from resdsl.exchange import json_values
from resdsl.exchange.forms import DefinitionForm
from resdsl.exchange.refusal import refuse_unless
from resdsl.extents import Shape
from resdsl.language.elaborate.definitions import IN_CHANNELS, OUT_CHANNELS, STRIDE, channels_of
from resdsl.language.values import types
from resdsl.language.values.values import key

_TENSORS = ("tensor", "list[tensor]")
# As in a text: `int`, `one_of("conv1", "conv2")`, or none; and `list[int]`, `list[list[int]]`.
_TYPE = re.compile(rf"(?:{'|'.join(types.NAMES)}|one_of\s*\((?:\s*\"[^\"\n]*\"\s*,?)*\s*\))?")
_OF = re.compile(rf"({'|'.join(types.NAMES)})\[(.+)\]")


def read_parameters(
    form: DefinitionForm, arguments: Mapping[str, Any], inputs: Sequence[Shape]
) -> tuple[Parameter, ...]:
    """The parameters of a definition that is fed `inputs`, its tensor parameters among them.

    Raises RefusedError where the arguments are not those of its parameters.
    """
    kinds = [parameter.type for parameter in form.parameters]
    refuse_unless(all(map(_is_type, kinds)), "a parameter has a type of the language's")
    names = [parameter.name for parameter in form.parameters]
    refuse_unless(len(set(names)) == len(names), "two parameters have one name")
    of_tensors = {item.name for item in form.parameters if item.type in _TENSORS}
    implied = {IN_CHANNELS} | ({OUT_CHANNELS, STRIDE} if form.kind == "shortcut" else set())
    implied.update(map(channels_of, form.tensors))
    wanted = implied | (set(names) - of_tensors)
    refuse_unless(set(arguments) == wanted, f"the arguments are {', '.join(sorted(wanted))}")
    fed = [IN_CHANNELS, *map(channels_of, form.tensors)]
    for name, entering in zip(fed, inputs, strict=False):
        if name not in names:
            channels = int(entering.channels)
            refuse_unless(key(arguments[name]) == channels, f"{channels} channels come in")
    refuse_unless(len(set(form.tensors)) == len(form.tensors), "two tensors have one name")
    # Those of a list have its name and a number, and a name may end with a digit itself.
    owned = (_is_of(name, of_tensors) for name in form.tensors)
    refuse_unless(all(owned), "tensors are those of its parameters")
    return tuple(
        Parameter(item.name, item.type, json_values.read(item.default, {}), item.doc)
        for item in form.parameters
    )


def _is_of(tensor: str, parameters: Iterable[str]) -> bool:
    return any(
        tensor == name or (tensor.startswith(name) and tensor[len(name) :].rstrip("_").isdigit())
        for name in parameters
    )


def _is_type(text: str) -> bool:
    for _ in range(limits.NESTING_DEPTH):
        found = _OF.fullmatch(text)
        if found is None:
            break
        text = found[2]
    return _TYPE.fullmatch(text) is not None
