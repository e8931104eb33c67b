"""What rounding does to a result, and which differences it explains.

Moving what goes in does not show it all: where two large terms cancel by how a network is made, as
in the gradients of a softmax over equal tensors, they do so wherever the input is. So every
operation of torch, also of its backward, is made a bit less exact too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from resdsl import Design
from tests.random_networks.checking.failures import Failure
from tests.random_networks.checking.inputs import images, together
from tests.random_networks.checking.values import apart, compared
from tests.random_networks.interpreting.interpreter import Interpreter
from tests.random_networks.interpreting.state import State

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


def settled(
    design: Design, module: nn.Module, extents: tuple[int, ...], seed: int, *, training: bool
) -> Iterator[Failure]:
    """Compares all, unless rounding alone changes the output or the gradients.

    A norm of equal values divides by the root of its epsilon: a row of these magnifies the last
    bit a thousandfold each. In training a few hundred norms over a few elements do so too, and what
    they saw is kept, so their buffers differ as well. A buffer is no excuse for another: each may
    differ by a few times what rounding changes in that very buffer, the most of four attempts: that
    is nothing in the first norms. Another momentum is told in such a network as in any other.
    """
    state = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    found = list(compared(design, module, extents, seed, training=training))
    mode = "train" if training else "eval"
    output, gradient, buffer = f"{mode} output", f"{mode} gradient", f"{mode} buffer"
    if found and all(failure.kind.startswith((output, gradient, buffer)) for failure in found):
        differs = any(failure.kind.startswith(output) for failure in found)
        flows = differs or any(failure.kind.startswith(gradient) for failure in found)
        seen = {failure.of: failure.far for failure in found if failure.kind == buffer}
        exact = _results(design, state, extents, seed, 0.0, training)
        moved = dict.fromkeys(seen, 0.0)
        explained = not flows
        inexact = (Inexact(seed + more) for more in range(3))
        for shift, rounding in ((1e-13, nullcontext()), *((0.0, one) for one in inexact)):
            with rounding:
                other = _results(design, state, extents, seed, shift, training)
            pairs = zip(exact[0], other[0], strict=True)
            changed = [not _distance(*pair) <= 1e-9 for pair in pairs]
            explained = explained or (changed[0] if differs else any(changed))
            for key, far in moved.items():
                moved[key] = max(far, apart(exact[1][key], other[1][key]))
            if explained and all(far <= 10 * moved[key] for key, far in seen.items()):
                return
    yield from found


def _results(
    design: Design,
    state: dict[str, Tensor],
    extents: tuple[int, ...],
    seed: int,
    shift: float,
    training: bool,
) -> tuple[list[Tensor], dict[str, Tensor]]:
    """The interpreter's output and gradients, with what goes in moved by a part of itself.

    And its state afterwards, in which running statistics are those of this run.
    """
    generator = torch.Generator().manual_seed(seed)

    def moved(tensor: Tensor) -> Tensor:
        noise = torch.randn(tensor.shape, generator=generator, dtype=tensor.dtype)
        return tensor * (1 + shift * noise)

    own = {key: tensor.clone() for key, tensor in state.items()}
    wanted = [key for key in own if key.rpartition(".")[2] in ("weight", "bias")]
    for key in wanted:
        own[key] = moved(own[key]).requires_grad_()
    x = moved(images(design, extents, seed)).requires_grad_()
    oracle = Interpreter(design.network, State(own, training))
    result = together([value.tensor for value in oracle.run(x)])
    loss = torch.randn(result.shape, generator=generator, dtype=result.dtype)
    (result * loss).sum().backward()
    read = [x, *(own[key] for key in wanted)]
    grads = [tensor.grad for tensor in read if tensor.grad is not None]
    after = {key: tensor.detach() for key, tensor in oracle.state.tensors.items()}
    return [result.detach(), *grads], after


def _distance(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max() / one.abs().max().clamp(min=1e-30))
