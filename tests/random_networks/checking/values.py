"""A module's outputs, gradients and buffers beside those of the interpreter."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import torch
from torch import Tensor, nn

from resdsl import Design
from tests.random_networks.checking.costs import measured
from tests.random_networks.checking.dropout import set_rates
from tests.random_networks.checking.failures import Failure, raised
from tests.random_networks.checking.inputs import BATCH, images, results, together
from tests.random_networks.interpreting.interpreter import Interpreter
from tests.random_networks.interpreting.state import State

RTOL, ATOL = 1e-6, 1e-9


def compared(
    design: Design, module: nn.Module, extents: tuple[int, ...], seed: int, *, training: bool
) -> Iterator[Failure]:
    """Outputs, gradients and buffers of a module; in eval mode what the design says of them too."""
    mode = "train" if training else "eval"
    rates = set_rates(module, 0.0)
    module.train(training)
    own = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    names = {name for name, _ in module.named_parameters()}
    for name in names:
        own[name].requires_grad_()
    oracle = Interpreter(design.network, State(own, training))
    x = images(design, extents, seed)
    known = x.clone().requires_grad_()
    values = oracle.run(known)
    wanted = together([value.tensor for value in values])
    untouched = x.clone()
    with torch.no_grad():
        before = {key: tensor.clone() for key, tensor in module.state_dict().items()}
        try:
            given_back = module(x)
            plain = together(results(design, given_back))
        except Exception as error:
            yield raised(f"{mode} forward", error)
            return
        module.load_state_dict(before)
    if not torch.equal(x, untouched):
        yield Failure(f"{mode}: input", "the module overwrites its input")
    yield from alike(f"{mode} output", wanted, plain)
    given = x.clone().requires_grad_()
    try:
        result = together(results(design, module(given)))
        weights = torch.randn(
            result.shape, generator=torch.Generator().manual_seed(seed), dtype=result.dtype
        )
        (result * weights).sum().backward()
    except Exception as error:
        yield raised(f"{mode} backward", error)
        return
    yield from alike(f"{mode} output with gradients", wanted, result)
    if wanted.requires_grad:
        (wanted * weights).sum().backward()
    yield from alike(f"{mode} gradient of the input", known.grad, given.grad)
    scale = max(
        (float(own[n].grad.abs().max()) for n in names if own[n].grad is not None), default=1
    )
    for name, parameter in module.named_parameters():
        yield from alike(f"{mode} gradient", own[name].grad, parameter.grad, name, scale)
    module.zero_grad()
    for name, buffer in module.named_buffers():
        # A layer whose result nothing reads is not called.
        expected = oracle.state.tensors[name] if name in oracle.state.used else before[name]
        yield from alike(f"{mode} buffer", expected, buffer, name)
    unused = set(own) - oracle.state.used - oracle.left
    if unused and not oracle.unseen:
        yield Failure("design: unused", f"no step reads {sorted(unused)[:3]}")
    if not training:
        yield from measured(design, values, oracle.activations // BATCH, extents)
    for part, rate in rates:
        part.p = rate  # type: ignore[assignment]


def alike(
    kind: str, wanted: Tensor | None, made: Tensor | None, name: str = "", scale: float = 0
) -> Iterator[Failure]:
    """Two tensors, up to a part of the largest number in them or of a `scale` that is larger."""
    where = f"{name} " if name else ""
    if wanted is None or made is None:
        one, other = wanted is None, made is None
        some = wanted if wanted is not None else made
        # Where nothing flows, zeros will do.
        if one != other and some is not None and bool(some.abs().max() > 0):
            yield Failure(kind, f"{where}is there on one side only")
        return
    if wanted.shape != made.shape:
        yield Failure(kind, f"{where}is {tuple(made.shape)}, not {tuple(wanted.shape)}")
        return
    if not wanted.is_floating_point():
        if not torch.equal(wanted, made):
            yield Failure(kind, f"{where}is {made.tolist()}, not {wanted.tolist()}")
        return
    wanted, made = wanted.detach(), made.detach()
    finite = wanted[wanted.isfinite()]
    scale = max(scale, float(finite.abs().max()) if finite.numel() else 0.0)
    scale = scale if isfinite(scale) else 0.0
    if not torch.allclose(wanted, made, rtol=RTOL, atol=ATOL + RTOL * scale, equal_nan=True):
        far = float((wanted - made).abs().nan_to_num().max())
        message = f"{where}differs by up to {far:.3g} of {scale:.3g}"
        yield Failure(kind, message, name, apart(wanted, made))


def apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max())
