"""How a module or tensor somewhere in the network is written."""

from __future__ import annotations

from resdsl.targets import names
from resdsl.targets.nodes import literal


def submodule(path: str, get: str = "get_submodule") -> str:
    """`self.layer1`; `self.get_submodule("features.norm")`, which is a module to type checkers, or
    where a key is no identifier."""
    if "." not in path and names.is_attribute(path):
        return f"self.{path}"
    return f"self.{get}({literal(path)})"
