"""How weights start: the choices of `init`, as distributions and as torch calls."""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

from resdsl.ops.base import Init, InitCall

CHOICES = (
    "he_fan_out",
    "he_fan_in",
    "he_uniform",
    "xavier",
    "normal",
    "trunc_normal",
    "zeros",
    "torch",
)

# The std of "normal" and "trunc_normal".
STD = 0.01

ZEROS = Init("constant", 0.0, InitCall("nn.init.zeros_"))


def weight(choice: str, shape: tuple[int, ...]) -> Init:
    """The start of a weight of torch shape `(out, in / groups, *k)`; fans as torch counts them.

    torch.nn.init._calculate_fan_in_and_fan_out: dimension 0 is "out", dimension 1 "in", also for a
    transposed convolution. torch's own default is kaiming_uniform_(a=sqrt(5)): uniform within
    1/sqrt(fan_in).
    """
    window = prod(int(n) for n in shape[2:])
    fan_in, fan_out = int(shape[1]) * window, int(shape[0]) * window
    match choice:
        case "he_fan_out":
            call = InitCall("nn.init.kaiming_normal_", ('mode="fan_out"', 'nonlinearity="relu"'))
            return Init("normal", sqrt(2 / fan_out), call)
        case "he_fan_in":
            call = InitCall("nn.init.kaiming_normal_", ('mode="fan_in"', 'nonlinearity="relu"'))
            return Init("normal", sqrt(2 / fan_in), call)
        case "he_uniform":
            return Init("uniform", sqrt(6 / fan_in), InitCall("nn.init.kaiming_uniform_"))
        case "xavier":
            bound = sqrt(6 / (fan_in + fan_out))
            return Init("uniform", bound, InitCall("nn.init.xavier_uniform_"))
        case "normal":
            return Init("normal", STD, InitCall("nn.init.normal_", (f"std={STD}",)))
        case "trunc_normal":
            # torch's bounds are absolute; the language cuts at two standard deviations.
            call = InitCall(
                "nn.init.trunc_normal_", (f"std={STD}", f"a={-2 * STD}", f"b={2 * STD}")
            )
            return Init("trunc_normal", STD, call)
        case "zeros":
            return ZEROS
        case _:
            return Init("uniform", 1 / sqrt(fan_in))


def bias(start: Any, weight_shape: tuple[int, ...]) -> Init:
    """A constant, or torch's default: uniform within 1/sqrt(fan_in)."""
    if start == "torch":
        return Init(
            "uniform", 1 / sqrt(int(weight_shape[1]) * prod(int(n) for n in weight_shape[2:]))
        )
    return constant(float(start))


def constant(value: float) -> Init:
    if value == 0:
        return ZEROS
    if value == 1:
        return Init("constant", 1.0, InitCall("nn.init.ones_"))
    return Init("constant", value, InitCall("nn.init.constant_", (f"{value!r}",)))
