"""The kinds of steps that a place may have, and how often each is written there."""

from __future__ import annotations

from tests.random_networks.shapes import Shape
from tests.random_networks.writing import (
    again,
    calls,
    control,
    forks,
    growth,
    joins,
    outputs,
    repetition,
    residuals,
    statements,
    strides,
    values,
)
from tests.random_networks.writing.operators import (
    channels,
    convolutions,
    pools,
    resizing,
    shape_preserving,
    vectors,
)
from tests.random_networks.writing.places import Place, Writing

_ANY: list[tuple[float, Writing]] = [
    (6, shape_preserving.keeps_shape),
    (1.5, repetition.group),
    (1.6, repetition.repeated_group),
    (1.2, repetition.repeated_call),
    (1.2, growth.growing),
    (1, growth.growing_call),
    (1.5, calls.varied),
    (2, residuals.residual),
    (2, forks.fork),
    (1.5, joins.keep),
    (2, joins.join),
    (0.6, joins.unread),
    (0.8, control.choice),
    (0.6, statements.let),
    (0.6, statements.setting),
    (0.2, statements.expecting),
    (1.8, shape_preserving.held),
    (1.4, values.let),
    (1.2, values.listed),
    (1.4, values.of_list),
    (0.5, values.recurrence),
    (2.5, again.reuse),
    (1.5, again.twice),
    (1.2, outputs.output),
    (4, calls.called),
]
_MAPS: list[tuple[float, Writing]] = [
    (5, convolutions.convolution),
    (1, pools.pooling),
    (0.7, channels.moved_channels),
    (0.4, resizing.subsampled),
    (0.6, channels.rearranged),
    (0.5, channels.across_channels),
    (0.3, pools.blurred),
    (0.3, resizing.enlarged),
    (0.8, vectors.at_positions),
    (1.5, growth.dense_call),
    (0.25, pools.global_pool),
    (0.7, strides.call),
    (0.8, control.loop),
    (0.5, values.dense),
    (0.7, values.like),
    (0.7, values.hourglass),
    (0.15, vectors.flat),
]
_VECTORS: list[tuple[float, Writing]] = [
    (4, vectors.connected),
    (0.3, vectors.unflattened),
    (0.7, channels.moved_channels),
    (0.3, channels.across_channels),
    (0.5, vectors.flat),
    (0.5, control.loop),
]
# What leaves a chain a chain.
_CHAIN: list[tuple[float, Writing]] = [
    (5, shape_preserving.keeps_shape),
    (1, repetition.group),
    (0.5, repetition.repeated_group),
    (1.2, repetition.repeated_call),
    (0.7, growth.growing),
    (1, growth.growing_call),
    (1, calls.varied),
    (0.6, control.choice),
    (1, statements.let),
    (0.3, statements.setting),
    (3, calls.called),
]


def at(place: Place, shape: Shape) -> list[tuple[float, Writing]]:
    choices = list(_CHAIN if place.chain else _ANY)
    if not place.any_rank:
        choices += _VECTORS if shape.flat else _MAPS
    return choices
