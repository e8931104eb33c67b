"""Fused networks against those that they were made of: ResNeXt's form (a), RepVGG's branches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from benchmarks.case import Case

if TYPE_CHECKING:
    from torch import nn

# How many times faster each is to be.
NETWORKS = {"resnext50_32x4d_a": 4.5, "repvgg_b0": 1.3}
# Passes of each that are a sample, by the batch.
PASSES = {1: 4, 8: 2}


class Duel:
    """The two take turns, pass by pass, and the best of each counts. `theirs` follows `ours`."""

    def __init__(self, name: str, batch: int) -> None:
        self.name = name
        self.batch = batch
        self.best = (0.0, 0.0)

    @cached_property
    def models(self) -> tuple[nn.Module, nn.Module]:
        """Fused and not, with the same weights, warm."""
        import torch

        import resdsl

        whole = resdsl.load(self.name, seed=0).eval()
        fused = resdsl.load(self.name, fused=True, weights=whole.state_dict())
        with torch.no_grad():
            for model in (fused, whole) * 2:
                model(torch.zeros(self.batch, 3, 224, 224))
        return fused, whole

    def ours(self) -> float:
        import torch

        x = torch.zeros(self.batch, 3, 224, 224)
        times: tuple[list[float], list[float]] = ([], [])
        with torch.no_grad():
            for turn in range(PASSES[self.batch]):
                # ABBA: neither always comes second.
                for index in (0, 1) if turn % 2 else (1, 0):
                    start = time.perf_counter()
                    self.models[index](x)
                    times[index].append(time.perf_counter() - start)
        self.best = min(times[0]), min(times[1])
        return self.best[0]

    def theirs(self) -> float:
        return self.best[1]


def cases() -> Iterator[Case]:
    for name, times in NETWORKS.items():
        for batch, passes in PASSES.items():
            duel = Duel(name, batch)
            yield Case(
                f"forward of {name}, batch {batch}, fused against not",
                duel.ours,
                duel.theirs,
                most=1 / times,
                note=f"fp32, CPU, eval, {batch} x 3 x 224 x 224; a sample is the best of {passes}, "
                f"taking turns; the goal is {times} times as fast",
            )
