"""The design of one network of a spec."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from resdsl.api.designs import Design
from resdsl.api.opening import (
    given,
    network,
    with_checkpointed_parts,
    with_face,
    with_frozen_part,
    with_fused_layers,
)
from resdsl.api.specs import Located, locate
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.exception import SpecError
from resdsl.language.values.features import Features, Wanted, tap, wanted
from resdsl.language.values.features import checkpointing as checkpointed
from resdsl.language.values.features import face as faced
from resdsl.language.values.input_sizes import InputSize
from resdsl.language.values.outside_values import Text, stride_limit, truth

if TYPE_CHECKING:
    from resdsl.api.inventory import ZooNetwork


def design(
    spec: str | os.PathLike[str] | ZooNetwork,
    *,
    net: str | None = None,
    input: InputSize | None = None,
    features: Features | None = None,
    output_stride: int | None = None,
    freeze: str | None = None,
    checkpointing: str | Sequence[str] | None = None,
    face: Literal["timm"] | None = None,
    fused: bool = False,
    settings: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> Design:
    """The design of one network of a spec: a name of the zoo, a path, a text, or what
    `resdsl.networks` lists.

    `net` names the network where the spec has several. `input` replaces the input that it declares:
    `(3, 256, 256)` or `"3x256x256"`, channels first; extents alone, `(256, 320)` or `256` for every
    dimension, keep its channels. `features` are the outputs that it is to have instead of its own:
    names of stages, labels and kept tensors, `{"low": "layer2"}` by other names, `"pyramid"` the
    last stage of each stride; what they are not made of is left out. Strides beyond an
    `output_stride`, 16 say, are not taken, and what is behind them is dilated instead. What a
    stage, label or kept tensor is made of is not trained where that is the one to `freeze`: its
    parameters ask for no gradient, and its modules stay in eval when `train()` is called. With
    `checkpointing` of stages, of labelled blocks or groups, or of all `"stages"`, their activations
    are not kept for backward, which computes them again. With the `face` of `"timm"` the module has
    the methods that timm asks its models for. `fused` is the network for eval alone, in fewer
    layers: batch norms are folded into the layers before them, and branches that are one layer
    merged; `fused` of the design says what was, and what stays, with the reason.
    `parameters` are those of the network (`classes=10`); one with a name that is taken here goes
    into `settings`. They take Python's values, and those of numpy and torch: numbers, lists,
    `(3, 5)` or `"3x5"` for a size, for an operator or block its name
    (`"bottleneck(cardinality=32)"`).

    Raises SpecError, with all its diagnostics, if the spec has errors or a value does not fit;
    warnings are in the design's own `diagnostics`. TypeError for what no network could take: a
    parameter that is given twice, a `net` that is no str.
    """
    values = given(net, settings, parameters)
    sink = Sink()
    located = locate(spec, sink)
    if located is None:
        raise SpecError(sink.diagnostics)
    asked = wanted(features)
    limit = stride_limit(output_stride)
    again = checkpointed(checkpointing)
    wanted_face = faced(face)
    return designed(
        located,
        sink,
        net,
        input,
        values,
        asked,
        limit,
        tap(freeze),
        again,
        wanted_face,
        fused=truth("fused", fused),
    )


def designed(
    located: Located,
    sink: Sink,
    net: str | None = None,
    input: InputSize | Text | None = None,
    settings: Mapping[str, Any] | None = None,
    features: Wanted = (),
    output_stride: int | None = None,
    freeze: str | None = None,
    checkpointing: tuple[str, ...] = (),
    face: str = "",
    *,
    fused: bool = False,
    broken: Sink | None = None,
) -> Design:
    """As `design`, of a spec that has been found. With `broken` for them, contracts may be so."""
    made = network(located, sink, net, input, settings, broken, features, output_stride)
    if made is not None and freeze is not None:
        made = with_frozen_part(made, freeze, sink)
    if made is not None and checkpointing:
        made = with_checkpointed_parts(made, checkpointing, sink)
    if made is not None and fused:
        made = with_fused_layers(made, sink)
    if made is not None and face:
        made = with_face(made, sink)
    if made is None or sink.errors:
        raise SpecError(sink.diagnostics)
    return Design.of(made, sink.diagnostics)
