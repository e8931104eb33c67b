"""Random specs for the torch target: every step keeps the shape, so that anything may be joined."""

from __future__ import annotations

from random import Random

ACTIVATIONS = ("relu", "relu6", "act", "leaky_relu", "silu", "sigmoid", "tanh", "softmax", "prelu")
PLAIN = ("conv(3, 4)", "conv(1, 4, bias=true)", "norm", "identity", "scale(0.5)", "dropout(0.3)")
OTHERS = ("slice_channels(0, 4)", "layer_scale(0.5)", "drop_path(0.2)", "maxpool(3, stride=1)")
MODES = ("projection_always", "none", "when_same", "zero_pad", "gated", "mixed", "relu", "identity")

SHORTCUTS = """
shortcut gated {
    fork { kept: identity gate: { conv(1, out.channels, bias=true) sigmoid } }
    join main * gate + kept * (1 - gate)
}
shortcut mixed { conv(1, out.channels) relu join here + main }
"""


def spec(seed: int) -> str:
    """A network, and the blocks that it calls."""
    return _Writer(Random(seed)).spec()


class _Writer:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.blocks: list[str] = []
        self.count = 0

    def spec(self) -> str:
        definitions = [self.block() for _ in range(self.random.randrange(3))]
        steps, _ = self.body([], 0, 3 + self.random.randrange(6))
        network = f"network net {{ input 4 x 8 {steps} global_avgpool flatten linear(2) }}"
        return SHORTCUTS + "\n".join([*definitions, network]) + "\n"

    def block(self) -> str:
        name = f"block{chr(97 + len(self.blocks))}"
        steps, _ = self.body([], 1, 2 + self.random.randrange(4))
        self.blocks.append(name)
        return f"block {name}(width: int = 4) {{ {steps} }}"

    def fresh(self) -> str:
        self.count += 1
        return f"k{self.count}"

    def body(self, kept: list[str], depth: int, length: int) -> tuple[str, list[str]]:
        """Steps, and the kept names that are visible after them."""
        kept = list(kept)
        steps = []
        for _ in range(length):
            step, kept = self.step(kept, depth)
            steps.append(step)
        return " ".join(steps), kept

    def step(self, kept: list[str], depth: int) -> tuple[str, list[str]]:
        choice = self.random.randrange(20 if depth < 3 else 11)
        match choice:
            case 0 | 1 | 2:
                return self.random.choice(ACTIVATIONS), kept
            case 3 | 4 | 5 | 6:
                return self.random.choice(PLAIN), kept
            case 7:
                return self.random.choice(OTHERS), kept
            case 8:
                name = self.fresh()
                return f"keep {name}", [*kept, name]
            case 9 | 10:
                return f"join {self.expression(kept)}", kept
            case 11 | 12 | 13:
                return self.residual(kept, depth)
            case 14 | 15:
                return self.group(kept, depth)
            case 16 | 17:
                return self.fork(kept, depth)
            case _ if self.blocks:
                count = self.random.choice(["", "", " x 2", " x 1"])
                return f"{self.random.choice(self.blocks)}{count}", kept
        return "conv(3, 4) norm act", kept

    def expression(self, names: list[str]) -> str:
        usable = [*names, "here", "here", "in"]
        one, other = self.random.choice(usable), self.random.choice(usable)
        op = self.random.choice("+-*")
        form = self.random.choice(
            ["{0}", "{0} {2} {1}", "{0} {2} 0.5", "max({0}, {1})", "{0} - ({1} {2} here)"]
        )
        return form.format(one, other, op)

    def residual(self, kept: list[str], depth: int) -> tuple[str, list[str]]:
        main, after = self.body(kept, depth + 1, 1 + self.random.randrange(4))
        match self.random.randrange(4):
            case 0:
                return f"residual {{ {main} }}", after
            case 1:
                body, after = self.body(after, depth + 1, 1 + self.random.randrange(2))
                return f"residual {{ {main} }} via {{ {body} }}", after
            case _:
                return f"residual {{ {main} }} via {self.random.choice(MODES)}", after

    def group(self, kept: list[str], depth: int) -> tuple[str, list[str]]:
        body, after = self.body(kept, depth + 1, 1 + self.random.randrange(4))
        label = f"{self.fresh()}: " if self.random.random() < 0.5 else ""
        if self.random.random() < 0.5:
            return f"{label}{{ {body} }} x {self.random.randrange(4)}", kept
        return f"{label}{{ {body} }}", after

    def fork(self, kept: list[str], depth: int) -> tuple[str, list[str]]:
        branches, plain, copies = [], [], []
        after = kept
        for _ in range(1 + self.random.randrange(3)):
            label = self.fresh()
            if self.random.random() < 0.3:
                body, _ = self.body(kept, depth + 1, 1 + self.random.randrange(2))
                branches.append(f"{label}: {{ {body} }} x {1 + self.random.randrange(3)}")
                copies.append(f"{self.random.choice(['sum', 'mean'])}({label})")
            else:
                body, after = self.body(after, depth + 1, 1 + self.random.randrange(2))
                branches.append(f"{label}: {{ {body} }}")
                plain.append(label)
        terms = [*copies, *plain]
        self.random.shuffle(terms)
        join = self.random.choice([" + ", " - ", " * "]).join(terms)
        if self.random.random() < 0.3:
            join = f"{join} + {self.expression([*kept, *plain])}"
        return f"fork {{ {' '.join(branches)} }} join {join}", after
