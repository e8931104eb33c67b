"""How a module or tensor somewhere in the network is written."""

from __future__ import annotations

from resdsl.targets import names
from resdsl.targets.nodes import literal


def submodule(path: str, get: str = "get_submodule") -> str:
    """`self.features.norm`, or `self.get_submodule("features.0")` where a key is no identifier."""
    if all(map(names.is_attribute, path.split("."))):
        return f"self.{path}"
    return f"self.{get}({literal(path)})"
