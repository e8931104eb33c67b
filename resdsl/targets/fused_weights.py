"""The numbers of fused layers, in float64, and whether they give what the layers before them gave.

A layer is checked by itself: what it was made of is run as it stood, operator by operator, on
random numbers, and the fused layer beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from resdsl.fusing.formulas import (
    Added,
    Formula,
    Gathered,
    Layer,
    Scaled,
    Stacked,
    Unchanged,
    layers,
)
from resdsl.fusing.plan import Made, Source
from resdsl.ops.base import Kernel
from resdsl.weights.refusal import unfusable

if TYPE_CHECKING:
    import torch

State: TypeAlias = "Mapping[str, torch.Tensor]"
# A weight and a bias.
Pair: TypeAlias = "tuple[torch.Tensor, torch.Tensor]"

# Of what a result's terms could add up to.
TOLERANCE = 1e-10


def fused_state(
    sources: Iterable[Source], state: State, dtype: torch.dtype | None = None
) -> dict[str, torch.Tensor]:
    """The tensors of a fused network, made of those of the network as it was.

    `state` is on the CPU. Numbers of fused layers are float64, all others as they are. Raises
    UnfusableError where a fused layer gives something else, as where a running variance is
    negative, or has numbers that are too large for the `dtype` that they are to be rounded to.
    """
    from resdsl.targets.torch_import import torch

    found: dict[str, torch.Tensor] = {}
    # Whatever somebody made the default device.
    with torch.no_grad(), torch.device("cpu"):
        for source in sources:
            if isinstance(source, Made):
                weight, bias = numbers(source.formula, state)
                _verify(source, state, weight, bias)
                if dtype is not None and not all(
                    one.to(dtype).isfinite().all() for one in (weight, bias)
                ):
                    raise unfusable(f"{source.path}, fused, is beyond the numbers of {dtype}", [])
                found[f"{source.path}.weight"] = weight
                found[f"{source.path}.bias"] = bias
            else:
                found[source.key] = state[source.before]
    return found


def numbers(formula: Formula, state: State) -> Pair:
    """The weight and bias of a fused layer."""
    from resdsl.targets.torch_import import torch

    match formula:
        case Layer(path, kernel, has_bias):
            weight = state[f"{path}.weight"].double()
            bias = state[f"{path}.bias"].double() if has_bias else weight.new_zeros(kernel.outside)
            return weight, bias
        case Unchanged(kernel):
            shape = (kernel.outside, kernel.inside // kernel.groups, *kernel.window)
            weight = torch.ones(shape, dtype=torch.float64)
            if kernel.groups == 1:
                weight = torch.eye(kernel.inside, dtype=torch.float64).reshape(shape)
            return weight, torch.zeros(kernel.outside, dtype=torch.float64)
        case Scaled(part, path, scaling):
            weight, bias = numbers(part, state)
            var = state[f"{path}.running_var"].double()
            scale = (var + scaling.eps).rsqrt()
            shift = -state[f"{path}.running_mean"].double() * scale
            if scaling.is_affine:
                gain = state[f"{path}.weight"].double()
                scale, shift = scale * gain, shift * gain + state[f"{path}.bias"].double()
            return _scaled(weight, scale, formula.kernel), bias * scale + shift
        case Added(parts, kernel):
            weights, biases = zip(*(numbers(part, state) for part in parts), strict=True)
            kernels = [part.kernel for part in parts]
            pairs = zip(weights, kernels, strict=True)
            embedded = [_embedded(one, inner, kernel) for one, inner in pairs]
            return torch.stack(embedded).sum(0), torch.stack(biases).sum(0)
        case Stacked(parts):
            weights, biases = zip(*(numbers(part, state) for part in parts), strict=True)
            return torch.cat(weights), torch.cat(biases)
        case Gathered(parts):
            weights, biases = zip(*(numbers(part, state) for part in parts), strict=True)
            return torch.cat(weights, 1), torch.stack(biases).sum(0)


def _scaled(weight: torch.Tensor, scale: torch.Tensor, kernel: Kernel) -> torch.Tensor:
    """Each channel of the result multiplied by its own number."""
    ones = [1] * len(kernel.window)
    if not kernel.is_transposed:
        return weight * scale.reshape(-1, 1, *ones)
    # (C, C' / groups, …): each group of the channels that come in has its own that come out.
    groups = kernel.groups
    rows = weight.reshape(groups, -1, kernel.outside // groups, *kernel.window)
    return (rows * scale.reshape(groups, 1, -1, *ones)).reshape(weight.shape)


def _embedded(weight: torch.Tensor, kernel: Kernel, whole: Kernel) -> torch.Tensor:
    """The weight in a window that holds its own, with the groups of that, by zeros elsewhere."""
    from resdsl.targets.torch_import import torch

    places = whole.places(kernel)
    assert places is not None
    if places:
        larger = weight.new_zeros(*weight.shape[:2], *whole.window)
        # Evenly spaced, for dilations are.
        steps = [row[1] - row[0] if len(row) > 1 else 1 for row in places]
        grid = [slice(row[0], row[-1] + 1, n) for row, n in zip(places, steps, strict=True)]
        larger[(slice(None), slice(None), *grid)] = weight
        weight = larger
    if kernel.groups == whole.groups:
        return weight
    of_group, wide = kernel.inside // kernel.groups, whole.inside // whole.groups
    rows = torch.arange(kernel.outside)
    # The channels of a group, counted from the first of the wider one that they lie in.
    first = rows // (kernel.outside // kernel.groups) * of_group % wide
    found = weight.new_zeros(whole.outside, wide, *whole.window)
    found[rows[:, None], first[:, None] + torch.arange(of_group)] = weight
    return found


# --- the check ------------------------------------------------------------------------------------


def _verify(source: Made, state: State, weight: torch.Tensor, bias: torch.Tensor) -> None:
    from resdsl.targets.torch_import import torch

    kernel = source.formula.kernel
    generator = torch.Generator().manual_seed(0)
    # One window, or what its padding leaves of it: all elements of the weight meet some number.
    extents = [
        max(d * (k - 1) + 1 - p, 1) + s - 1
        for k, s, p, d in zip(
            kernel.window, kernel.stride, kernel.padding, kernel.dilation, strict=True
        )
    ]
    x = torch.randn(2, kernel.inside, *extents, dtype=torch.float64, generator=generator)
    made = _layer(kernel, weight, bias)(x)
    wanted = _as_it_was(source.formula, state, x)
    most = _layer(kernel, weight.abs(), bias.abs())(x.abs())
    # Also where it is no number.
    if not bool((made - wanted).abs().amax() <= TOLERANCE * most.amax()):
        parts = _listed(layers(source.formula))
        help = ["are their running statistics finite, and their variances positive?"]
        raise unfusable(f"{source.path}, fused from {parts}, is not what they are", help)


def _listed(paths: Sequence[str]) -> str:
    few = paths if len(paths) <= 4 else [*paths[:3], f"{len(paths) - 3} others"]
    return " and ".join(filter(None, (", ".join(few[:-1]), few[-1])))


def _as_it_was(formula: Formula, state: State, x: torch.Tensor) -> torch.Tensor:
    """What the layers that a fused one is made of give."""
    from resdsl.targets.torch_import import torch

    match formula:
        case Layer(path, kernel, has_bias):
            bias = state[f"{path}.bias"].double() if has_bias else None
            return _layer(kernel, state[f"{path}.weight"].double(), bias)(x)
        case Unchanged():
            return x
        case Scaled(part, path, scaling):
            mean, var = (state[f"{path}.running_{name}"].double() for name in ("mean", "var"))
            gain, shift = None, None
            if scaling.is_affine:
                gain, shift = (state[f"{path}.{name}"].double() for name in ("weight", "bias"))
            y = _as_it_was(part, state, x)
            return torch.nn.functional.batch_norm(y, mean, var, gain, shift, eps=scaling.eps)
        case Stacked(parts, of_one=True):
            return torch.cat([_as_it_was(part, state, x) for part in parts], 1)
        case Stacked(parts):
            pairs = zip(parts, x.chunk(len(parts), 1), strict=True)
            return torch.cat([_as_it_was(part, state, own) for part, own in pairs], 1)
        case Gathered(parts):
            pairs = zip(parts, x.chunk(len(parts), 1), strict=True)
            return torch.stack([_as_it_was(part, state, own) for part, own in pairs]).sum(0)
        case Added(parts):
            return torch.stack([_as_it_was(part, state, x) for part in parts]).sum(0)


def _layer(
    kernel: Kernel, weight: torch.Tensor, bias: torch.Tensor | None
) -> Callable[[torch.Tensor], torch.Tensor]:
    """The convolution or linear layer of a kernel."""
    from resdsl.targets.torch_import import torch

    functional = torch.nn.functional
    rank = len(kernel.window)
    if not rank:
        return lambda x: functional.linear(x, weight, bias)
    if kernel.is_transposed:
        transposed = getattr(functional, f"conv_transpose{rank}d")
        more = kernel.output_padding, kernel.groups, kernel.dilation
        return lambda x: transposed(x, weight, bias, kernel.stride, kernel.padding, *more)
    convolve = getattr(functional, f"conv{rank}d")
    rest = kernel.stride, kernel.padding, kernel.dilation, kernel.groups
    return lambda x: convolve(x, weight, bias, *rest)
