"""Convolutions, transposed ones and linear layers."""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F  # noqa: N812 (torch's own custom)
from torch import Tensor

from tests.random_networks.interpreting.sizes import each, padded, surrounded
from tests.random_networks.interpreting.state import Own


def convolution(op: Any, x: Tensor, own: Own) -> Tensor:
    rank, channels = x.ndim - 2, x.shape[1]
    match op.name:
        case "conv" | "depthwise":
            bias = own["bias"] if op.bias else None
            groups = channels if op.name == "depthwise" else op.groups
            k, stride, dilation = (each(n, rank) for n in (op.k, op.stride, op.dilation))
            if op.padding == "same":
                x, padding = surrounded(x, k, stride, dilation), (0,) * rank
            else:
                padding = padded(op.padding, k, stride, dilation)
            convolve = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
            weight = filters(op, own)
            return convolve(x, weight, bias, stride, padding, dilation, int(groups))
        case "conv_transpose":
            bias = own["bias"] if op.bias else None
            stride, padding = each(op.stride, rank), each(op.padding, rank)
            more, dilation = each(op.output_padding, rank), each(op.dilation, rank)
            convolve = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[rank - 1]
            weight = own["weight"]
            return convolve(x, weight, bias, stride, padding, more, int(op.groups), dilation)
        case "linear":
            bias = own["bias"] if op.bias else None
            weight = own["weight"]
            return F.linear(x.movedim(1, -1), weight, bias).movedim(-1, 1)
        case "channel_conv":
            bias = own["bias"] if op.bias else None
            # As a map of one channel, whose only dimension is the channels.
            rows = x.movedim(1, -1).flatten(0, -2)[:, None]
            rows = F.conv1d(rows, own["weight"], bias, padding=int(op.k) // 2)
            return rows[:, 0].reshape(x.movedim(1, -1).shape).movedim(-1, 1)
        case _:
            raise NotImplementedError(op.name)


def filters(op: Any, own: Own) -> Tensor:
    """The weight of a convolution, standardized where it says so."""
    weight = own["weight"]
    if op.weights == "plain":
        return weight
    around = tuple(range(1, weight.ndim))
    centred = weight - weight.mean(around, keepdim=True)
    made = centred / (centred.square().mean(around, keepdim=True) + float(op.eps)).sqrt()
    if op.weights == "scaled":
        made = made * float(op.gamma) / weight[0].numel() ** 0.5 * own["gain"]
    return made
