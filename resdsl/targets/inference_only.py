"""The methods of a fused network: it is in eval mode from the start, and stays there."""

from __future__ import annotations

from resdsl.design.network import Network
from resdsl.targets.initialisation import Method
from resdsl.targets.method_text import MARGIN, MethodText, line
from resdsl.targets.nodes import INDENT

# What the module says to who wants to train it.
REFUSED = "a fused network has no norms left to train: train it without fused=True"


def inference_methods(network: Network, name: str) -> list[Method]:
    """Those of the class `name` that a network is; none where it is trained."""
    if not network.is_fused:
        return []
    train = [
        line("if mode:"),
        line("raise RuntimeError(", MARGIN + INDENT),
        line(f'"{REFUSED}"', MARGIN + 2 * INDENT),
        line(")", MARGIN + INDENT),
        line("return super().train(mode)"),
    ]
    said = MethodText("train", train, ("mode: bool = True",), f'"{name}"')
    return [Method(MethodText("eval", ()), True, is_inherited=True), Method(said, False)]
