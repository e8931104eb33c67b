"""How the parameters of a module start, also where they start again."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from resdsl import Design
from resdsl.design.state import state
from resdsl.targets.module import executed
from resdsl.targets.names import variable
from tests.random_networks.checking.failures import Failure, raised


def starts(design: Design, source: str) -> Iterator[Failure]:
    """The emitted text's own start: constants as the design says, the rest as wide."""
    factory = getattr(executed(source, design.name), variable(design.name))
    try:
        torch.manual_seed(0)
        module = factory()
    except Exception as error:
        yield raised("construct", error)
        return
    yield from _started(design, module, "start")
    if not module.state_dict():
        return
    # As after `to_empty`, which leaves what the memory held.
    with torch.no_grad():
        for tensor in module.state_dict().values():
            tensor.fill_(torch.nan if tensor.is_floating_point() else 77)
    try:
        module.reset_parameters()
    except Exception as error:
        yield raised("start again", error)
        return
    yield from _started(design, module, "start again")


def _started(design: Design, module: nn.Module, kind: str) -> Iterator[Failure]:
    own = module.state_dict()
    for entry in state(design.network):
        tensor, init = own[entry.key], entry.tensor.init
        if init.kind == "constant":
            if not bool((tensor == torch.tensor(init.value, dtype=tensor.dtype)).all()):
                some = tensor.flatten()[:2].tolist()
                yield Failure(f"{kind}: constant", f"{entry.key} is {some}, not {init.value}")
            continue
        if bool(tensor.isnan().any()):
            yield Failure(f"{kind}: unset", entry.key)
        wide = {"uniform": init.value / 3**0.5, "trunc_normal": 0.88 * init.value}.get(
            init.kind, init.value
        )
        if tensor.numel() >= 100:
            ratio = float(tensor.std()) / wide
            if not 0.6 < ratio < 1.5:
                yield Failure(f"{kind}: width", f"{entry.key} is {ratio:.2f} times as wide as said")
