"""Networks full of joins: kept tensors, shortcuts that join main themselves, forks, repeats."""

from __future__ import annotations

import random
import re

from tests.drawing.join_expressions import expression

_MEETINGS = ("l + r", "l - r", "concat(l, r) conv(1, 8)", "l * r + here", "max(l, r)")


def joined(seed: int) -> str:
    """One network's text; most are valid."""
    rng = random.Random(seed)
    inside = _Steps(rng, ["z"]).steps(2)
    return (
        f"network n {{ input 8 x 16 x 16 conv(3, 8) keep z {inside} "
        "stage s: basic(8) x 3 conv(1, 8) }\n"
    )


class _Steps:
    """`known` are the names of what was kept so far."""

    def __init__(self, rng: random.Random, known: list[str]) -> None:
        self.rng = rng
        self.known = list(known)

    def steps(self, depth: int) -> str:
        return " ".join(self._step(depth) for _ in range(self.rng.randint(1, 4)))

    def _step(self, depth: int) -> str:
        kind = self.rng.choice(
            ["row", "keep", "join", "join", "residual", "residual", "fork", "group"]
        )
        match kind:
            case "row":
                return "conv(3, 8) norm act"
            case "keep":
                self.known.append(f"k{self.rng.randrange(10**6)}")
                return f"conv(3, 8) keep {self.known[-1]}"
            case "join":
                return f"join {self._expression('here', 'a', 'b')}"
            case "residual":
                before = self.rng.choice(["", "conv(1, 8) ", "norm "])
                main = self._inner(depth, "conv(3, 8) act")
                met = self._expression("here", "main", "a")
                return f"residual {{ {main} }} via {{ {before}join {met} }}"
            case "fork":
                met = self.rng.choice(_MEETINGS)
                return f"fork {{ l: conv(1, 8) r: {{ conv(3, 8) }} }} join {met}"
        return f"{{ {self._inner(depth, 'conv(3, 8)')} }} x {self.rng.randint(1, 4)}"

    def _inner(self, depth: int, else_: str) -> str:
        return _Steps(self.rng, self.known).steps(depth - 1) if depth else else_

    def _expression(self, *names: str) -> str:
        text, _ = expression(self.rng, names, self.rng.randint(1, 2))
        for name in sorted({"a", "b"} & set(names)):
            text = re.sub(rf"\b{name}\b", self.rng.choice(self.known), text)
        return text
