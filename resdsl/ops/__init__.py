"""The operators, a family a file. Importing this package enters them all in `REGISTRY`."""

from resdsl.ops import (
    across_channels,
    activation,
    attention,
    blurring,
    convolution,
    normalisation,
    padding,
    pooling,
    rearranging,
    regularisation,
    response_norms,
    scaling,
    upsampling,
)
from resdsl.ops.base import REGISTRY, Op

# The replaceable operators: a call of `norm` or `act` reaches what the slot is bound to.
SLOTS = {"norm": "batchnorm", "act": "relu"}

__all__ = [
    "REGISTRY",
    "SLOTS",
    "Op",
    "across_channels",
    "activation",
    "attention",
    "blurring",
    "convolution",
    "normalisation",
    "padding",
    "pooling",
    "rearranging",
    "regularisation",
    "response_norms",
    "scaling",
    "upsampling",
]
