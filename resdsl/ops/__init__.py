"""The operators, a family a file. Importing this package enters them all in `REGISTRY`."""

from resdsl.ops import (
    activation,
    convolution,
    normalisation,
    padding,
    pooling,
    rearranging,
    regularisation,
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
    "activation",
    "convolution",
    "normalisation",
    "padding",
    "pooling",
    "rearranging",
    "regularisation",
    "scaling",
    "upsampling",
]
