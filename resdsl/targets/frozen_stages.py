"""The methods of a network whose first stages are frozen: they are not trained, and stay in eval.

By `train()` torch puts every module in training mode, whose batch norms then count what comes in,
whether their parameters are trained or not.
"""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.design.freezing import Frozen, frozen
from resdsl.design.network import Network
from resdsl.targets.initialisation import Method
from resdsl.targets.method_text import MARGIN, MethodText, Statement, line
from resdsl.targets.nodes import INDENT, Items, Text
from resdsl.targets.submodule_text import submodule

FREEZE, PARTS, TRAIN = "_freeze", "_frozen", "train"


def frozen_methods(network: Network, name: str) -> list[Method]:
    """Those of the class `name` that a network is; none where all of it is trained."""
    if not network.frozen:
        return []
    found = frozen(network.root, network.frozen)
    tensors = [one for one in found if one.is_tensor]
    modules = [one for one in found if not one.is_tensor]
    doc = "What is not trained, and stays in eval."
    parts = Items("[", tuple(Text(_attribute(one)) for one in modules), "]")
    freeze = [line(f"{_attribute(one)}.requires_grad_(False)") for one in tensors]
    train: list[Statement] = []
    made: list[Method] = []
    if modules:
        listed = MethodText(PARTS, [Statement(parts, lead="return ")], (), "list[nn.Module]", doc)
        made.append(Method(listed, False))
        freeze += _of_each("module.requires_grad_(False)")
        freeze.append(line(f"self.{TRAIN}()"))
        train = [line(f"super().{TRAIN}(mode)"), *_of_each("module.eval()"), line("return self")]
    made.insert(0, Method(MethodText(FREEZE, freeze), True))
    if train:
        said = MethodText(TRAIN, train, ("mode: bool = True",), f'"{name}"')
        made.append(Method(said, False))
    return made


def _of_each(statement: str) -> Iterable[Statement]:
    return line(f"for module in self.{PARTS}():"), line(statement, MARGIN + INDENT)


def _attribute(one: Frozen) -> str:
    return submodule(one.path, "get_parameter" if one.is_tensor else "get_submodule")
