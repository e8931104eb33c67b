"""The learning rate as a function of how much of the training is done."""

from __future__ import annotations

from math import cos, pi

KINDS = ("steps", "cosine", "constant")


def factor(
    kind: str,
    step: int,
    steps: int,
    *,
    warmup: int = 0,
    milestones: tuple[float, ...] = (0.5, 0.75),
) -> float:
    """What the highest rate is multiplied by in a step, of which the first is 0.

    `steps` divides it by ten at each milestone: the paper does at 32,000 and 48,000 of 64,000 steps
    (He et al. 2015, section 4.2). `cosine` goes down to 0 behind the warm-up (Loshchilov and Hutter
    2016, 1608.03983), which rises in equal parts in its first `warmup` steps (Goyal et al. 2017,
    1706.02677).
    """
    if step < warmup:
        return (step + 1) / warmup
    if kind == "cosine":
        return 0.5 * (1 + cos(pi * (step - warmup) / max(1, steps - warmup)))
    if kind == "steps":
        return 0.1 ** sum(step >= milestone * steps for milestone in milestones)
    return 1.0
