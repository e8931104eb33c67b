"""Max pools of signals, as torch.export can take them.

torch's `max_pool1d` reads the extent as a number, by which a trace with a free one becomes a trace
for that number. As a pool of maps with one row it has the same results and no such reading.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from resdsl.targets.torch_import import torch


class _AsMaps(torch.overrides.TorchFunctionMode):
    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        given = kwargs or {}
        if function is not torch.nn.functional.max_pool1d or given.get("return_indices"):
            return function(*args, **given)
        return _as_map(*args, **given)


def _as_map(
    x: torch.Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,  # noqa: ARG001 - asked above
) -> torch.Tensor:
    """(N, C, L) to (N, C, L')."""
    stride = kernel_size if stride is None else stride
    sizes = [_number(one) for one in (kernel_size, stride, padding, dilation)]
    window, step, edge, gap = sizes
    pooled = torch.nn.functional.max_pool2d(
        x.unsqueeze(-2), (1, window), (1, step), (0, edge), (1, gap), ceil_mode
    )
    return pooled.squeeze(-2)


def _number(size: Any) -> int:
    return int(size[0] if isinstance(size, tuple | list) else size)


def signals_as_maps() -> AbstractContextManager[Any]:
    """Meanwhile, in this thread, signals are pooled as maps with one row."""
    return _AsMaps()
