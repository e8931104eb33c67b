"""The emitted module against torchvision's: the same operators, so the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.case import Case
from tests import torchvision_operators

if TYPE_CHECKING:
    from torch import nn

NETWORK = "resnet50"
SAMPLES = 4  # images a forward
FORWARDS = 3  # a sample


@cache
def models() -> tuple[nn.Module, nn.Module]:
    """Both with the same weights, warm."""
    if torchvision_operators.are_missing():
        torchvision_operators.declare()
    import torch
    import torchvision

    import resdsl

    ours = resdsl.load(NETWORK, seed=0).eval()
    theirs = getattr(torchvision.models, NETWORK)().eval()
    theirs.load_state_dict(ours.state_dict())
    with torch.no_grad():
        for model in (ours, theirs) * 2:
            model(torch.zeros(SAMPLES, 3, 224, 224))
    return ours, theirs


def forwards(index: int) -> Callable[[], float]:
    def sample() -> float:
        import torch

        model = models()[index]
        x = torch.zeros(SAMPLES, 3, 224, 224)
        times = []
        with torch.no_grad():
            for _ in range(FORWARDS):
                start = time.perf_counter()
                model(x)
                times.append(time.perf_counter() - start)
        return min(times)

    return sample


def cases() -> Iterator[Case]:
    yield Case(
        f"forward of the emitted {NETWORK} against torchvision's",
        forwards(0),
        forwards(1),
        least=0.97,
        most=1.03,
        note=f"fp32, CPU, eval, {SAMPLES} x 3 x 224 x 224, the best of {FORWARDS} a round",
    )
