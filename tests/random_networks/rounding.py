"""What rounding does to a result: every operation of torch, also of its backward, a bit less exact.

Moving what goes in does not show it all: where two large terms cancel by how a network is made, as
in the gradients of a softmax over equal tensors, they do so wherever the input is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

# In parts of a result, a few units of the last place of a double.
NOISE = 1e-15


class Inexact(TorchDispatchMode):
    """Results of operations that make new tensors of floats differ by a part of themselves."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        returns = func._schema.returns  # type: ignore[attr-defined]
        if any(one.alias_info is not None for one in returns):
            return result
        if isinstance(result, Tensor):
            return self._moved(result)
        if isinstance(result, tuple):
            return tuple(self._moved(x) if isinstance(x, Tensor) else x for x in result)
        return result

    def _moved(self, tensor: Tensor) -> Tensor:
        if not tensor.is_floating_point() or not tensor.numel():
            return tensor
        noise = torch.rand(tensor.shape, generator=self.generator, dtype=tensor.dtype)
        return tensor * (1 + NOISE * (2 * noise - 1))
