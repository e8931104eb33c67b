"""A norm behind a convolution or linear layer becomes part of it.

In eval mode a batch norm scales and shifts each channel by numbers that are known:
`w * weight / sqrt(var + eps)` and `(bias - mean) * weight / sqrt(var + eps) + shift`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from resdsl.design.model import Apply, Body, Definition, Group, Ref
from resdsl.fusing.editing import Edit
from resdsl.fusing.formulas import Layer, Scaled
from resdsl.fusing.places import Place, places, reads
from resdsl.fusing.plan import Plan
from resdsl.ops import Op
from resdsl.ops.base import Kernel
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class _Layer:
    """A convolution or linear layer that is called once where it stands."""

    place: Place
    op: Op
    kernel: Kernel


def fold(definition: Definition, plan: Plan) -> Edit:
    """Of each layer whose result a norm alone reads."""
    edit = Edit()
    found = list(places(definition))
    layers, read = _layers(found), reads(definition)
    for place in found:
        norm = _operator(place)
        if norm is None or norm.scaling is None or _why_not(place, layers, read):
            continue
        layer = layers[place.apply.input]
        apply, has_bias = layer.place.apply, bool(getattr(layer.op, "bias", False))
        before = plan.formula(layer.op) or Layer(layer.place.path, layer.kernel, has_bias)
        made = layer.op.with_arguments(bias=True)
        plan.made[id(made)] = made, Scaled(before, place.path, norm.scaling)
        edit.modules[id(apply)] = replace(apply, runs=(replace(apply.runs[0], unit=made),))
        edit.steps[id(place.apply)] = ()
        edit.names[place.apply.output] = apply.output
        edit.gone.add(apply.output)
        edit.count += place.scope.times
    return edit


def left(definition: Definition) -> Counter[str]:
    """The norms of a definition that are folded into nothing, by the reason."""
    found = list(places(definition))
    layers, read = _layers(found), reads(definition)
    told: Counter[str] = Counter()
    for place in found:
        op = _operator(place)
        if op is None or not op.is_norm:
            continue
        why = "its mean and variance are those of each sample"
        if op.scaling is not None:
            why = _why_not(place, layers, read)
        told[f"{op.name}: {why}"] += place.scope.times
    seen = {id(place.apply) for place in found}
    for apply, times in _modules(definition.body, 1):
        for run in apply.runs if id(apply) not in seen else ():
            if isinstance(run.unit, Op) and run.unit.is_norm:
                told[f"{run.unit.name}: it is called more than once"] += times * run.count
    return told


def _modules(body: Body, times: int) -> Iterator[tuple[Apply, int]]:
    """Those of a body and its groups, and how many copies there are of each."""
    for apply in body.modules():
        yield apply, times
        for run in apply.runs:
            if isinstance(run.unit, Group):
                yield from _modules(run.unit.body, times * run.count)


def _layers(found: Iterable[Place]) -> dict[Ref, _Layer]:
    """By what they make."""
    layers: dict[Ref, _Layer] = {}
    for place in found:
        op = _operator(place)
        kernel = None if op is None else op.kernel(place.apply.runs[0].shape)
        if op is not None and kernel is not None:
            layers[place.apply.output] = _Layer(place, op, kernel)
    return layers


def _operator(place: Place) -> Op | None:
    apply = place.apply
    if apply.repeated or not isinstance(apply.unit, Op) or apply.runs[0].tensors:
        return None
    return apply.unit


def _why_not(place: Place, layers: dict[Ref, _Layer], read: Counter[Ref]) -> str:
    """Why a norm is not folded into the layer before it; "" if it can be."""
    layer = layers.get(place.apply.input)
    if not place.is_step:
        return "it is a branch or shortcut by itself"
    if layer is None:
        return "what it reads is not the result of a convolution or linear layer alone"
    if layer.place.scope.around != place.scope.around:
        return "it is called as often as its copies are, the convolution is not"
    if read[place.apply.input] > 1:
        return "others read what the convolution gives, too"
    return ""
