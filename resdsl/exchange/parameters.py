"""The parameters of a definition in a JSON design, and the arguments that they have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from resdsl.design.model import Parameter
from resdsl.exchange import json_values
from resdsl.exchange.forms import DefinitionForm
from resdsl.exchange.refusal import refuse_unless
from resdsl.extents import Shape
from resdsl.language.elaborate.definitions import IN_CHANNELS, OUT_CHANNELS, STRIDE
from resdsl.language.values import types
from resdsl.language.values.values import key

# As in a text: `int`, `list[int]`, `one_of("conv1", "conv2")`, or none.
_TYPE = re.compile(
    rf"(?:(?:{'|'.join(types.NAMES)})(?:\[\w+\])?|one_of\s*\((?:\s*\"[^\"\n]*\"\s*,?)*\s*\))?"
)


def read_parameters(
    form: DefinitionForm, arguments: Mapping[str, Any], entering: Shape
) -> tuple[Parameter, ...]:
    """The parameters of a definition that `entering` goes into.

    Raises RefusedError where the arguments are not those of its parameters.
    """
    kinds = [parameter.type for parameter in form.parameters]
    refuse_unless(all(map(_TYPE.fullmatch, kinds)), "a parameter has a type of the language's")
    names = [parameter.name for parameter in form.parameters]
    refuse_unless(len(set(names)) == len(names), "two parameters have one name")
    implied = {IN_CHANNELS} | ({OUT_CHANNELS, STRIDE} if form.kind == "shortcut" else set())
    wanted = implied | set(names)
    refuse_unless(set(arguments) == wanted, f"the arguments are {', '.join(sorted(wanted))}")
    if IN_CHANNELS not in names:
        channels = int(entering.channels)
        refuse_unless(key(arguments[IN_CHANNELS]) == channels, f"{channels} channels come in")
    return tuple(
        Parameter(item.name, item.type, json_values.read(item.default, {}), item.doc)
        for item in form.parameters
    )
