"""What joins and residuals make of several tensors."""

from __future__ import annotations

from functools import reduce
from typing import Any

import torch
from torch import Tensor

from tests.random_networks.interpreting.nodes import Value, behind


def combined(op: str, operands: list[Any]) -> Tensor:
    match op:
        case "concat":
            return torch.cat(operands, 1)
        case "+" | "sum":
            return reduce(lambda a, b: a + b, operands)
        case "-":
            return operands[0] - operands[1]
        case "*":
            return operands[0] * operands[1]
        case "mean":
            return reduce(lambda a, b: a + b, operands) / len(operands)
        case "max":
            return reduce(larger, operands)
        case "softmax":
            return torch.softmax(torch.stack(operands), 0)[0]
        case _:
            raise AssertionError(op)


def larger(a: Any, b: Any) -> Tensor:
    like = a if isinstance(a, Tensor) else b
    a, b = (n if isinstance(n, Tensor) else torch.full_like(like, n) for n in (a, b))
    return torch.maximum(a, b)


def added(given: list[Value]) -> Value:
    main, skip = given
    assert main.tensor.shape == skip.tensor.shape, "a residual never broadcasts"
    return behind(given, main.tensor + skip.tensor)
