"""Random networks whose parts are one layer: norms behind layers, branches, paths."""

from __future__ import annotations

from random import Random


def written(seed: int) -> str:
    """A text with two to four such parts, and an operator between them."""
    random = Random(seed)
    rank = random.choice((1, 2, 2, 2, 3))
    size = " x ".join(str(random.randint(9, 13)) for _ in range(rank))
    channels = random.choice((4, 6, 8))
    steps = [f"conv(3, {channels}) norm act"]
    for number in range(random.randint(2, 4)):
        part = random.choice((_branches, _branches, _paths, _folded))
        # A group has labels of its own.
        steps.append(f"part{number}: {{ {part(random, channels)} }}")
        steps.append(random.choice(("act", "silu", "norm", "")))
    body = "\n    ".join(filter(None, steps))
    return f"""
block path(width: int, outer: int, k: int) {{
    conv1: conv(1, width) bn1: norm act
    conv2: conv(k, width) bn2: norm act
    if outer != 0 {{ conv3: conv(1, outer) }}
}}
network random{seed} {{
    input 3 x {size}
    {body}
    global_avgpool flatten fc: linear(5)
}}
"""


def _norm(random: Random) -> str:
    return random.choice(("norm", "norm", "norm(affine=false)", "norm(eps=0.001)", ""))


def _branches(random: Random, channels: int) -> str:
    """A convolution, smaller ones beside it, and perhaps what comes in."""
    k = random.choice((3, 3, 5))
    groups = random.choice((1, 1, 2, channels))
    stride = random.choice((1, 1, 2))
    bias = random.choice(("true", "false"))
    whole = f"conv({k}, {channels}, groups={groups}, stride={stride}, bias={bias})"
    branches = {"a": f"{{ {whole} {_norm(random)} }}"}
    for number in range(random.randint(1, 3)):
        dense = groups * random.choice((1, channels // groups))
        small = random.choice((1, 1, 3))
        # A window of 3 in one of 5, at every other element.
        spread = ", dilation=2" if (small, k) == (3, 5) and random.random() < 0.5 else ""
        padding = ", padding=0" if small == 1 and stride == 2 else ""
        given = f"groups={dense}, stride={stride}{spread}{padding}"
        branches[f"b{number}"] = f"{{ conv({small}, {channels}, {given}) {_norm(random)} }}"
    if stride == 1 and random.random() < 0.5:
        branches["c"] = random.choice(("norm", "identity", "norm(affine=false)"))
    names = list(branches)
    random.shuffle(names)
    said = " ".join(f"{name}: {branch}" for name, branch in branches.items())
    return f"fork {{ {said} }} join {' + '.join(names)}"


def _paths(random: Random, channels: int) -> str:
    count, width, k = random.randint(2, 4), random.choice((1, 2, 3)), random.choice((1, 3))
    if random.random() < 0.5:
        return f"fork {{ p: path({width}, {channels}, {k}) x {count} }} join sum(p)"
    then = f"conv(1, {channels}) {_norm(random)}"
    return f"fork {{ p: path({width}, 0, {k}) x {count} }} join concat(p) {then}"


def _folded(random: Random, channels: int) -> str:
    return random.choice(
        (
            f"residual {{ conv(3, {channels}) norm act conv(3, {channels}) norm }}",
            f"residual {{ conv(3, {channels}) {_norm(random)} }}",
            f"residual {{ conv(3, {channels}) norm }} via {{ conv(1, {channels}) norm }}",
            "depthwise(3) norm",
            f"{{ conv(3, {channels}) norm act }} x {random.randint(1, 3)}",
            f"conv_transpose(2, {channels}, groups=2) norm",
            f'linear({channels}, at="positions") norm',
            f"conv(1, {channels}) keep k norm join here + k",
        )
    )
