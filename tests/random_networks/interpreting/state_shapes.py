"""The state that a design says: the shapes of parameters and buffers by their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from resdsl.design.model import Apply, Body, Fork, Group, Instance, Residual, Run, Unit
from resdsl.design.network import Network
from tests.random_networks.interpreting.sizes import each
from tests.random_networks.interpreting.state import of_held, path_of_copy


def tensors(network: Network) -> dict[str, tuple[int, ...]]:
    """Shapes by key, in the order of the steps: a body's own first, containers whole."""
    return dict(_of_body(network.root.body, ""))


def _of_body(body: Body, path: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    applies = list(_applies(body))
    for apply in applies:
        if apply.held:
            yield from _of_apply(apply, path)
    for apply in _contained([apply for apply in applies if not apply.held], 0):
        yield from _of_apply(apply, path)


def _applies(body: Body) -> Iterator[Apply]:
    """Each module at its first call."""
    return (apply for apply in _calls(body) if not apply.is_again)


def _calls(body: Body) -> Iterator[Apply]:
    for step in body.steps:
        match step:
            case Apply():
                yield step
            case Residual():
                yield from _calls(step.main)
                if step.shortcut is not None:
                    yield step.shortcut
            case Fork():
                yield from (branch.apply for branch in step.branches)


def _contained(applies: list[Apply], depth: int) -> Iterator[Apply]:
    """The members of each container together, those that are numbers in their order."""
    rows: dict[str, list[Apply]] = {}
    for apply in applies:
        rows.setdefault(apply.key.split(".")[depth], []).append(apply)
    names = list(rows)
    if depth and all(name.isdigit() and str(int(name)) == name for name in names):
        names.sort(key=int)
    for name in names:
        row = rows[name]
        if len(row[0].key.split(".")) == depth + 1:
            yield from row
        else:
            yield from _contained(row, depth + 1)


def _of_apply(apply: Apply, path: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    number = 0
    for run in apply.runs:
        for _ in range(run.count):
            key = path_of_copy(apply, path, number)
            number += 1
            yield from _of_unit(run.unit, run, key)


def _of_unit(unit: Unit, run: Run, path: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    if isinstance(unit, Instance):
        yield from _of_body(unit.definition.body, path)
    elif isinstance(unit, Group):
        yield from _of_body(unit.body, path)
    else:
        for name, shape in _of_operator(unit, int(run.shape.channels), run.shape.rank).items():
            yield of_held(path + name), shape


def _of_operator(op: Any, channels: int, rank: int) -> Mapping[str, tuple[int, ...]]:
    match op.name:
        case "conv":
            size = (int(op.channels), channels // int(op.groups), *each(op.k, rank))
            return _of_convolution(op, size)
        case "conv_transpose":
            size = (channels, int(op.channels) // int(op.groups), *each(op.k, rank))
            return {"weight": size} | ({"bias": (int(op.channels),)} if op.bias else {})
        case "depthwise":
            return _of_convolution(op, (channels * int(op.multiplier), 1, *each(op.k, rank)))
        case "linear":
            size = (int(op.features), channels)
            return {"weight": size} | ({"bias": size[:1]} if op.bias else {})
        case "batchnorm" | "groupnorm" | "layernorm" | "instancenorm":
            own = {"weight": (channels,), "bias": (channels,)} if op.affine else {}
            if op.name != "batchnorm":
                return own
            running = {"running_mean": (channels,), "running_var": (channels,)}
            return own | running | {"num_batches_tracked": ()}
        case "attention_pool":
            own = {"weight": (1, channels, *(1,) * rank)}
            return own | ({"bias": (1,)} if op.bias else {})
        case "channel_conv":
            return {"weight": (1, 1, int(op.k))} | ({"bias": (1,)} if op.bias else {})
        case "global_response_norm":
            return dict.fromkeys(("weight", "bias"), (channels,))
        case "filter_response_norm":
            return dict.fromkeys(("weight", "bias", "tau"), (channels,))
        case "evonorm":
            return dict.fromkeys(("weight", "bias", "v"), (channels,))
        case "prelu":
            return {"weight": (channels if op.per == "channel" else 1,)}
        case "layer_scale" | "layer_shift":
            size = (channels if op.per == "channel" else 1,)
            name = "gamma" if op.name == "layer_scale" else "beta"
            return {name: size + (1,) * rank if op.shape == "map" else size}
        case _:
            return {}


def _of_convolution(op: Any, size: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    made = {"weight": size}
    if op.bias:
        made["bias"] = size[:1]
    if op.weights == "scaled":
        made["gain"] = (size[0], *(1,) * (len(size) - 1))
    return made


def elements(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return sum(map(prod, shapes.values()))
