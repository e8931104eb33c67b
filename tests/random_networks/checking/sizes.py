"""The sizes that a design takes: those that its module runs with, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import torch
from torch import nn

from resdsl import Design
from tests.random_networks.checking.costs import counted
from tests.random_networks.checking.failures import Failure
from tests.random_networks.checking.inputs import images, results


def other_sizes(design: Design, module: nn.Module, seed: int) -> Iterator[Failure]:
    """The design allows a size exactly where torch does."""
    random = Random(seed)
    sizes = design.sizes()
    for _ in range(2):
        extents = tuple(random.randint(1, 14) for _ in design.network.input.names)
        allowed = sizes.allows(extents)
        try:
            with torch.no_grad():
                # Of two: alone, torch refuses a group norm of one value, also in eval.
                found = results(design, module.eval()(images(design, extents, 0, batch=2)))
                shapes = [tuple(tensor.shape[1:]) for tensor in found]
            # Of a map that was cropped away torch goes on with nothing: its mean is no number.
            empty = any(bool(tensor.isnan().any()) for tensor in found)
            ran, why = all(tensor.numel() for tensor in found), "it gives nothing"
        except Exception as error:
            ran, why = False, " ".join(str(error).split())[:200]
        if allowed and not ran:
            yield Failure("sizes: allows", f"{extents}, where torch says {why}")
        elif (
            ran
            and not (allowed or empty)
            and not any(_happens_to_be_one(m, extents) for m in sizes.meetings)
        ):
            yield Failure("sizes: refuses", f"{extents}, where torch gives {shapes}")
        elif allowed:
            at = design.at(*extents)
            said = list(at.outputs.values())
            if said != shapes:
                yield Failure("sizes: output", f"{said} at {extents}, torch gives {shapes}")
            made = counted(design, module, extents)
            if at.macs != made:
                yield Failure("sizes: macs", f"{at.macs} at {extents}, torch counts {made}")


def _happens_to_be_one(meeting: Any, extents: tuple[int, ...]) -> bool:
    """Torch would broadcast an extent that is 1 at this size; the language does not."""
    both = [*meeting.one.extents, *meeting.two.extents]
    return any(e.at(0 if e.axis is None else extents[e.axis]) == 1 for e in both)
