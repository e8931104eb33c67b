"""What a network for eval alone has in place of `train`."""

from __future__ import annotations

from resdsl.design.network import Network
from resdsl.targets.initialisation import Method
from resdsl.targets.method_text import MARGIN, MethodText, Statement, line
from resdsl.targets.nodes import INDENT, Call, Text, literal

_WHY = "a fused network is not trained: load it without fused=True"


def eval_methods(network: Network, name: str) -> list[Method]:
    """Those of the class `name`; none where the network can be trained."""
    if not network.fused:
        return []
    refusal = Call("RuntimeError", (Text(literal(_WHY)),))
    body = [
        line("if mode:"),
        Statement(refusal, MARGIN + INDENT, "raise "),
        line("return super().train(mode)"),
    ]
    text = MethodText("train", body, ("mode: bool = True",), f'"{name}"')
    return [Method(text, True, call="eval")]
