"""What a network for eval alone has in place of `train`."""

from __future__ import annotations

from resdsl.design.network import Network
from resdsl.targets.initialisation import Method
from resdsl.targets.method_text import MARGIN, MethodText, line
from resdsl.targets.nodes import INDENT

_WHY = "fused for eval: train the network that is not"


def eval_methods(network: Network, name: str) -> list[Method]:
    """Those of the class `name`; none where the network can be trained."""
    if not network.fused:
        return []
    body = [
        line("if mode:"),
        line(f'raise RuntimeError("{_WHY}")', MARGIN + INDENT),
        line("return super().train(mode)"),
    ]
    text = MethodText("train", body, ("mode: bool = True",), f'"{name}"')
    return [Method(text, True, call="eval")]
