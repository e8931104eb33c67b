"""Numbers in the order of another library, where they make a network all the same (W1016).

torch gives a convolution (in, out, k), Keras (filters, k), torchvision a block (in, out, stride);
here what comes in is known, and the window comes first. Inputs have their channels first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.extents import Shape
from resdsl.language.evaluate.arguments import Given
from resdsl.language.messages.argument_help import FILTERS, by_place, is_keras
from resdsl.ops import Op
from resdsl.ops.base import Window
from resdsl.records import dataclass
from resdsl.source import Span
from resdsl.syntax import tree
from resdsl.syntax.mistaken_inputs import PICTURE, channels_first

# A window that no network has by intent, where the channels that come in are as many.
_WIDE = 8
_STRIDE = 16
# Windows that are odd as strides.
_USUAL = (3, 5, 7)
# Those of a transposed convolution, which are even: no stride is so small beside a window of 16.
_UPSAMPLED = (2, 3, 4, 5, 7)


@dataclass(frozen=True, slots=True)
class Order:
    """What numbers mean here that were probably meant otherwise, and what to write."""

    message: str
    help: str
    label: str = "in another library's order?"

    def warn(self, sink: Sink, span: Span) -> None:
        sink.warning(codes.ORDER, self.message, span, self.label, help=[self.help])


def of_operator(node: tree.Call, op: Op, shape: Shape) -> Order | None:
    """Of the arguments that a call gives by their places, what is strange."""
    places = by_place(node)
    if not places:
        return None
    window = op.window
    if window is not None and window.kind in ("convolution", "transposed convolution"):
        names = [parameter.name for parameter in op.parameters()]
        if "channels" not in names and (strange := _depthwise(node, window, places)) is not None:
            return strange
        values = [getattr(op, name) for name in names[:places]]
        return _convolution(node, window, names, values, int(shape.channels))
    return _norm(node, op, places) if op.is_norm else None


def _convolution(
    node: tree.Call, window: Window, order: list[str], values: Sequence[Any], channels: int
) -> Order | None:
    name, k = node.callee.id, values[0]
    if not isinstance(k, int) or len(values) < 2 or not isinstance(values[1], int):
        return None
    texts = [argument.value.span.text for argument in node.arguments]
    place = order.index("stride")
    stride = values[place] if place < len(values) else None
    usual = _USUAL if window.kind == "convolution" else _UPSAMPLED
    if k == channels and isinstance(stride, int) and _is_torchs(k, stride, len(values), usual):
        right = ", ".join([texts[place], *texts[1:place]])
        return Order(
            f"the window of this `{name}` is {k}, its stride {stride}, and {channels} channels "
            "come in",
            f"what comes in is known: write `{name}({right})`, with `stride=` by name",
        )
    if order[1] != "channels":
        return None
    if isinstance(stride, int) and _is_window(k, stride, usual):
        return _of_torch(name, texts[:3], k, stride)
    if is_keras(k, values[1], window.stride):
        return _of_keras(node, order, k, values[1])
    return None


def _of_keras(node: tree.Call, order: Sequence[str], k: int, channels: int) -> Order:
    """`order`: the names of the parameters that are given by their places."""
    name, (filters, window, *others) = node.callee.id, node.arguments
    names = iter(order[2:])
    rest = [one.span.text if one.name else f"{next(names)}={one.value.span.text}" for one in others]
    right = ", ".join([window.value.span.text, filters.value.span.text, *rest])
    return Order(
        f"the window of this `{name}` is {int(k)}, and it makes {int(channels)} channels",
        f"the window comes first: `{name}({right})`",
    )


def _depthwise(node: tree.Call, window: Window, places: int) -> Order | None:
    """`depthwise(3, 32)`: no number of channels stands behind the window."""
    k, stride = window.k, window.stride
    if places < 2 or not isinstance(k, int) or not isinstance(stride, int):
        return None
    if stride <= k or stride < _WIDE:
        return None
    name, first = node.callee.id, node.arguments[0].span.text
    return Order(
        f"the stride of this `{name}` is {int(stride)}",
        f"a depthwise convolution keeps its channels: write `{name}({first})`, with `stride=` by "
        "name",
    )


def _is_torchs(k: int, stride: int, places: int, window: Sequence[int] = _USUAL) -> bool:
    """A stride that is more likely a window, where the window is the number of channels."""
    if k >= _WIDE:
        return stride % 2 == 1 or places >= 4 or (k in FILTERS and stride in window)
    return stride > k or stride in _USUAL or (places >= 4 and stride == k and stride >= 3)


def _is_window(k: int, stride: int, window: Sequence[int] = _USUAL) -> bool:
    """`conv(16, 32, 3)`, where other than 16 channels come in."""
    return k in FILTERS and k % 8 == 0 and stride in window


def _of_torch(name: str, texts: Sequence[str], k: int, stride: int) -> Order:
    return Order(
        f"the window of this `{name}` is {int(k)}, its stride {int(stride)}",
        f"what comes in is known: write `{name}({texts[2]}, {texts[1]})`, with `stride=` by name",
    )


def _norm(node: tree.Call, op: Op, places: int) -> Order | None:
    for parameter in op.parameters()[:places]:
        value = getattr(op, parameter.name)
        if parameter.name == "eps" and value >= 1:
            right = _without(node, parameter.name, op)
            return Order(
                f"the `eps` of this `{node.callee.id}` is {value:g}",
                f"what comes in is known: write `{right}`",
            )
    return None


def _without(node: tree.Call, name: str, op: Op) -> str:
    place = [parameter.name for parameter in op.parameters()].index(name)
    kept = [a.span.text for i, a in enumerate(node.arguments) if i != place]
    return f"{node.callee.id}({', '.join(kept)})" if kept else node.callee.id


def of_block(node: tree.Call, given: dict[str, Given], shape: Shape | None) -> Order | None:
    """`bottleneck(64, 64)`: the stride of a block is 64. `conv_norm_act(16, 3)`: as of `conv`."""
    if shape is not None and (strange := _torchs_block(node, given, shape.channels)) is not None:
        return strange
    if (strange := _window_of_block(node, given)) is not None:
        return strange
    stride = given.get("stride")
    by_place = [argument.value.span for argument in node.arguments if argument.name is None]
    if stride is None or stride.span not in by_place or not isinstance(stride.value, int):
        return None
    if stride.value < _STRIDE:
        return None
    name, width = node.callee.id, stride.span.text
    return Order(
        f"the stride of this `{name}` is {int(stride.value)}",
        f"what comes in is known: write `{name}({width})`, with `stride=` by name",
    )


def _window_of_block(node: tree.Call, given: dict[str, Given]) -> Order | None:
    names = {one.span: name for name, one in given.items()}
    spans = [argument.value.span for argument in node.arguments[: by_place(node)]]
    order = [names[span] for span in spans if span in names]
    if order[:2] != ["k", "channels"]:
        return None
    k, channels = given["k"].value, given["channels"].value
    if not isinstance(k, int) or not isinstance(channels, int):
        return None
    stride = given["stride"].value if "stride" in given else 1
    return _of_keras(node, order, k, channels) if is_keras(k, channels, stride) else None


def _torchs_block(node: tree.Call, given: dict[str, Given], channels: int) -> Order | None:
    """`conv_norm_act(3, 16, 3)`"""
    places, first = by_place(node), [argument.value.span for argument in node.arguments[:3]]
    window = [given[name] for name in ("k", "channels", "stride") if name in given]
    if places < 3 or [one.span for one in window] != first:
        return None
    k, _, stride = (one.value for one in window)
    if not isinstance(k, int) or not isinstance(stride, int):
        return None
    if (k == channels and _is_torchs(k, stride, places)) or _is_window(k, stride):
        return _of_torch(node.callee.id, [span.text for span in first], k, stride)
    return None


def of_input(dims: Sequence[int | str]) -> Order | None:
    """`input 224 x 224 x 3`, `input 16 x 3 x 224 x 224`"""
    if (sample := without_batch(dims)) is not None:
        return Order(
            f"this input has {dims[0]} channel{'s' * (dims[0] != 1)} and 3 dimensions, "
            f"{_written(dims[1:])}",
            no_batch(sample),
            "a batch?",
        )
    meant = channels_first(dims)
    if meant is None:
        return None
    help = f"write `input {_written(meant)}`"
    if len(dims) == 4 and dims[0] != dims[1] == dims[2]:
        help += f", or without a batch `input {_written([meant[0], *meant[2:]])}`"
    return Order(
        f"the first number of an input is its channels: {dims[0]} of them here",
        help,
    )


def without_batch(dims: Sequence[int | str]) -> list[int | str] | None:
    """What an input means that begins with a batch, `1 x 3 x 32 x 32` or `8 x 32 x 32 x 3`.

    Two dimensions are of a picture; clips have more frames than it has colours, or few of them in
    colour. None of an input that is for one sample, as far as one can tell.
    """
    if len(dims) != 4 or dims[0] == 3:
        return None
    sample = list(dims[1:])
    last = channels_first(sample)
    if last is not None:
        return last if isinstance(dims[0], int) and dims[0] < PICTURE else None
    is_picture = all(isinstance(one, str) or one >= PICTURE for one in sample[1:])
    return sample if sample[0] in (1, 3) and is_picture else None


def no_batch(sample: Sequence[int | str]) -> str:
    return f"an input has no batch dimension: write `input {_written(sample)}`"


def _written(dims: Sequence[int | str]) -> str:
    return " x ".join(map(str, dims))
