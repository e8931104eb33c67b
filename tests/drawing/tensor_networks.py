"""Networks whose blocks take and give several tensors, and whose modules are met again."""

from __future__ import annotations

import random

EXAMPLES = {
    "two_streams": """
block cell(prev: tensor, width: int) {
    join prev  a: conv(3, width)  keep p
    join in    b: conv(3, width)
    join concat(p, here)
}
network two_streams {
    input 3 x 32 x 32
    conv(3, 8) keep x1
    conv(3, 8)
    c: cell(x1, 4)
    d: cell(here + x1, 4)
    global_avgpool flatten fc: linear(10)
}
""",
    "siamese": """
network siamese {
    input 6 x 105 x 105
    slice_channels(0, 3)
    encoder: { conv(7, 64) act global_avgpool flatten }
    keep a
    join in slice_channels(3, 6)
    reuse encoder
    join (a - here) * (a - here)
    fc: linear(1)
}
""",
    "rir": """
block rir(t: tensor, width: int) {
    rr: conv(3, width) keep rr  join in rt: conv(3, width) keep rt
    join t tr: conv(3, width) keep tr  join t tt: conv(3, width)
    join here + rt  norm act  keep transient
    join in + rr + tr  norm act  output residual: here, transient
}
network rir8 {
    input 3 x 32 x 32
    conv(3, 48) keep t
    for i in range(3) { block[i]: rir(t, 48) keep r, t }
    join concat(here, t)
}
""",
    "again": """
network again {
    input 3 x 32 x 32
    conv(3, 16) keep s
    unit: basic(16)
    again: reuse unit
    twice: reuse unit x 2
    enc: {
        conv1: conv(3, 16) keep inner act
        fork { a: conv(1, 16)  b: reuse conv1 } join a + b
    }
    join here + inner
    reuse enc
    p: basic(16) x 3
    reuse p
    join here + s
    param gamma: layer_scale(0.5)
    conv(1, 16)
    reuse gamma
    r: relu
    conv(1,16) reuse r
    global_avgpool flatten fc: linear(4)
}
""",
    "pyramid": """
block fpn(maps: list[tensor], width: int = 256) {
    let n = len(maps)
    join maps[n - 1]  "inner_blocks."[n - 1]: { conv(1, width, bias=true) }  keep top
    "layer_blocks."[n - 1]: { conv(3, width, bias=true) }  let p = [here]
    for k in range(1, n) {
        let i = n - 1 - k
        join maps[i]  "inner_blocks."[i]: { conv(1, width, bias=true) }  keep fine
        join top  upsample(like=fine)  join here + fine  keep top
        "layer_blocks."[i]: { conv(3, width, bias=true) }  let p = [here] + p
    }
    for i in range(n) { output p[i]: p[i] }
}
network pyramid {
    input 3 x 64 x 64
    conv(3, 8, stride=2) keep c2
    conv(3, 16, stride=2) keep c3
    conv(3, 32, stride=2) keep c4
    conv(3, 64, stride=2) keep c5
    fpn: fpn([c2, c3, c4, c5]) keep p2, p3, p4, p5
    output "0": p2, "1": p3, "2": p4, "3": p5
}
""",
    "backbone": """
block backbone {
    conv(3, 8) act
    a: basic(8) x 2 keep c2
    b: basic(16) /2 x 2 keep c3
    output c2: c2, c3: c3
}
block fuse(fine: tensor, width: int = 8) {
    conv(1, width) upsample(like=fine) join here + fine
}
network features {
    input 3 x 32 x 32
    body: backbone keep c2, c3
    join c3
    neck: fuse(c2)
    head: conv(1, 4)
    output mask: here, coarse: c3
}
""",
}

# Of two streams, side by side, as one, apart, and by parts.
_BLOCKS = """
block cell(prev: tensor, width: int) {
    join prev a: conv(3, width) norm keep p join in b: conv(3, width) act join p + here
}
block gate(by: tensor) { conv(1, 8) join here * by }
block around(prev: tensor) { residual { conv(3, 8) norm } via { join prev conv(1, 8) } act }
block late(prev: tensor) { conv(3, 8) act keep h join prev conv(1, 8) join h - here }
block other(prev: tensor) { join prev conv(3, 8) act }
block mixed(maps: list[tensor]) { conv(1, 8) join here + sum(maps) act }
block split { conv(3, 8) keep l act r: conv(1, 8) output l: l, r: here }
block apart(t: tensor) { conv(3, 8) keep l join t conv(1, 8) output one: l, two: here }
block cross(t: tensor) {
    ca: conv(3, 8) keep u join t cb: conv(3, 8) keep v
    join u + v act keep l join u - v output one: l, two: here
}
block deep(t: tensor) { conv(1, 8) keep h inner: cell(t, 8) join here + h }
"""


_KINDS = (
    *("conv", "keep", "join", "led", "list"),
    *("one", "one", "one", "two", "two", "again", "again"),
)


def tensors(seed: int) -> str:
    """One network's text; most are valid."""
    return _Text(random.Random(seed)).network()


class _Text:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.number = 0
        self.kept: list[str] = []
        # Of each module that may be met again, whether it takes a tensor, and how many it gives.
        self.modules: dict[str, tuple[bool, int]] = {}

    def network(self) -> str:
        steps = [f"conv(3, 8) keep {self._kept()}"]
        steps += [self._step() for _ in range(self.rng.randint(3, 7))]
        if self.rng.random() < 0.4:
            others = self.rng.sample(self.kept, min(len(self.kept), 2))
            steps.append(f"output last: here, {', '.join(others)}")
        else:
            steps.append("conv(1, 4)")
        lines = "\n    ".join(steps)
        return f"{_BLOCKS}network n {{\n    input 8 x 16 x 16\n    {lines}\n}}\n"

    def _kept(self) -> str:
        self.number += 1
        self.kept.append(f"k{self.number}")
        return self.kept[-1]

    def _tensor(self) -> str:
        one, two = self.rng.choice(self.kept), self.rng.choice(self.kept)
        return self.rng.choice([one, one, one, "here", f"here + {one}", f"{one} * {two}"])

    def _step(self) -> str:
        kind = self.rng.choice(
            [
                "conv",
                "keep",
                "join",
                "one",
                "one",
                "one",
                "list",
                "two",
                "two",
                "again",
                "again",
                "led",
            ]
        )
        self.number += 1
        label = f"m{self.number}"
        match kind:
            case "conv":
                return "conv(3, 8) norm act"
            case "keep":
                return f"conv(1, 8) keep {self._kept()}"
            case "join":
                sign = self.rng.choice(["here + ", "here * ", ""])
                return f"join {sign}{self.rng.choice(self.kept)}"
            case "led":
                return f"join {self.rng.choice(self.kept)} conv(1, 8)"
            case "one":
                block = self.rng.choice(
                    ["cell({}, 8)", "gate({})", "around({})", "late({})", "other({})", "deep({})"]
                )
                self.modules[label] = (True, 1)
                times = self.rng.choice(["", "", " x 2"])
                return f"{label}: {block.format(self._tensor())}{times}"
            case "list":
                self.modules[label] = (True, 0)
                return f"{label}: mixed([{self._tensor()}, {self._tensor()}])"
            case "two":
                block, given = self.rng.choice([("split", ""), ("apart", "x"), ("cross", "x")])
                call = f"{block}({self._tensor()})" if given else block
                self.modules[label] = (bool(given), 2)
                return f"{label}: {call} keep {self._kept()}, {self._kept()}"
        return self._again()

    def _again(self) -> str:
        if not self.modules:
            return "enc: { conv(3, 8) norm act }" if self.number % 2 else "conv(1, 8)"
        label = self.rng.choice(list(self.modules))
        is_given, results = self.modules[label]
        given = f"({self._tensor()})" if is_given and results else ""
        if is_given and not results:
            given = f"([{self._tensor()}, {self._tensor()}])"
        kept = f" keep {self._kept()}, {self._kept()}" if results == 2 else ""
        return f"conv(1, 8) reuse {label}{given}{kept}"
