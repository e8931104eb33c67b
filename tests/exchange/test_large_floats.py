"""Float arguments that are infinite in torch's 32 bits, or no numbers: refused in JSON, text and
values from Python, at every operator."""

from __future__ import annotations

import json
from typing import Any

import pytest

import resdsl
from resdsl.ops import REGISTRY
from resdsl.ops.base import REQUIRED, OpParameter

FLOATS = [
    (name, parameter)
    for name, op in REGISTRY.items()
    for parameter in op.parameters()
    if parameter.is_float
]
# What else an operator must be given.
GIVEN = {"channels": 8, "features": 8, "groups": 2, "kernel": 3, "k": 3, "size": 3, "stride": 1}


@pytest.mark.parametrize(("name", "parameter"), FLOATS, ids=lambda one: getattr(one, "name", one))
def test_every_float(name: str, parameter: OpParameter) -> None:
    required = [p.name for p in REGISTRY[name].parameters() if p.default is REQUIRED]
    others = [f"{p}={GIVEN[p]}" for p in required if p != parameter.name]
    text = (
        "network n(value: float = 0.5) {\n    input 32 x 9 x 9\n"
        + ("    flatten\n" if name == "linear" else "")
        + f"    {name}({', '.join([*others, parameter.name + '=value'])})\n}}\n"
    )
    design = json.loads(resdsl.design(text).to_json())
    for number in (1e308, -1e308, 1e19, float("inf"), -float("inf"), float("nan")):
        with pytest.raises(resdsl.SpecError, match=r"E0803.*must be a"):
            resdsl.design(text, value=number)
        with pytest.raises(resdsl.SpecError, match=r"E0104|nothing here is called `nan`"):
            resdsl.design(text.replace("=value", f"={number:f}".replace("inf", "1e999")))
        broken = json.loads(json.dumps(design))
        assert _set(broken, parameter.name, number)
        with pytest.raises(resdsl.SpecError, match=rf"E0805.*definitions.*{parameter.name}"):
            resdsl.design(json.dumps(broken))


def _set(node: Any, name: str, number: float) -> bool:
    """Changes the operator's argument in a design, wherever it is."""
    if isinstance(node, dict) and "op" in node and name in node.get("arguments", {}):
        node["arguments"][name] = number
        return True
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return any(_set(value, name, number) for value in values)
