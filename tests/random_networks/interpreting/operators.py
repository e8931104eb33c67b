"""Operators by their names, and the family that each is of."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tests.random_networks.interpreting.activations import activation
from tests.random_networks.interpreting.channels import rearranged
from tests.random_networks.interpreting.convolutions import convolution
from tests.random_networks.interpreting.norms import norm
from tests.random_networks.interpreting.pools import pool
from tests.random_networks.interpreting.resizing import resized
from tests.random_networks.interpreting.state import Own

# What gives the results of the operators of a family.
_FAMILIES = {
    convolution: "conv depthwise conv_transpose linear channel_conv",
    norm: "batchnorm groupnorm instancenorm layernorm local_response_norm global_response_norm "
    "filter_response_norm evonorm",
    activation: "relu leaky_relu prelu relu6 elu gelu silu mish softplus hardswish hardsigmoid "
    "sigmoid tanh softmax log_softmax identity dropout drop_path scale layer_scale layer_shift",
    pool: "maxpool avgpool blur_pool global_avgpool global_maxpool adaptive_avgpool "
    "adaptive_maxpool attention_pool",
    rearranged: "slice_channels pad_channels channel_shuffle channel_mean channel_max",
    resized: "pad crop subsample upsample pixel_shuffle flatten unflatten",
}
_FAMILY = {name: family for family, names in _FAMILIES.items() for name in names.split()}
# What counts for the depth of a network, and for its activations.
LAYERS = frozenset("conv conv_transpose depthwise linear channel_conv attention_pool".split())
# What sees the whole map, or loses its places.
_OF_ALL_PLACES = frozenset(
    "global_avgpool global_maxpool adaptive_avgpool adaptive_maxpool attention_pool groupnorm "
    "instancenorm global_response_norm filter_response_norm evonorm flatten unflatten".split()
)


def is_of_places(op: Any) -> bool:
    """Whether each element that it makes is made of those around its own place, wherever it is."""
    if op.name == "upsample" and op.size is not None:
        return False
    return op.name not in _OF_ALL_PLACES and getattr(op, "over", "") != "positions"


def result(op: Any, x: Tensor, own: Own) -> Tensor:
    """What an operator gives that is fed this tensor."""
    if op.name not in _FAMILY:
        raise NotImplementedError(op.name)
    return _FAMILY[op.name](op, x, own)
