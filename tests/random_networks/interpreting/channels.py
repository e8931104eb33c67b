"""Operators on channels: padded, sliced, shuffled, reduced to one."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.random_networks.interpreting.state import Own


def rearranged(op: Any, x: Tensor, own: Own) -> Tensor:
    channels = x.shape[1]
    match op.name:
        case "slice_channels":
            stop = channels if op.stop is None else int(op.stop)
            return x.narrow(1, int(op.start), stop - int(op.start))
        case "pad_channels":
            extra = int(op.to) - channels
            before = 0 if op.where == "end" else extra // 2
            sides = [x.new_zeros(len(x), n, *x.shape[2:]) for n in (before, extra - before)]
            return torch.cat([sides[0], x, sides[1]], 1)
        case "channel_shuffle":
            groups = int(op.groups)
            split = x.unflatten(1, (groups, channels // groups))
            return split.transpose(1, 2).flatten(1, 2)
        case "channel_mean":
            return (x.sum(1) / channels)[:, None]
        case "channel_max":
            return x.amax(1)[:, None]
        case _:
            raise NotImplementedError(op.name)
