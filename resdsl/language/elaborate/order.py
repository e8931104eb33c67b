"""Numbers in the order of another library, where they make a network all the same (W1016).

torch gives a convolution (in, out, k), Keras (filters, k), torchvision a block (in, out, stride);
here what comes in is known, and the window comes first. Inputs have their channels first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.model import Sink
from resdsl.extents import Shape
from resdsl.language.evaluate.arguments import Given
from resdsl.ops import Op
from resdsl.ops.base import Window
from resdsl.source import Span
from resdsl.syntax import tree
from resdsl.syntax.inputs import channels_first

# A window that no network has by intent, where the channels that come in are as many.
_WIDE = 8
# Of windows and numbers of channels that are more likely each other.
_FILTERS, _WINDOW = range(16, 4097), 11
_STRIDE = 16
# Windows that are odd as strides.
_USUAL = (3, 5, 7)


@dataclass(frozen=True, slots=True)
class Order:
    """What numbers mean here that were probably meant otherwise, and what to write."""

    message: str
    help: str

    def warn(self, sink: Sink, span: Span) -> None:
        label = "in another library's order?"
        sink.warning(codes.ORDER, self.message, span, label, help=[self.help])


def of_operator(node: tree.Call, op: Op, shape: Shape) -> Order | None:
    """Of the arguments that a call gives by their places, what is strange."""
    places = _by_place(node)
    if not places:
        return None
    window = op.window
    if window is not None and window.kind == "convolution":
        names = [parameter.name for parameter in op.parameters()]
        if "channels" not in names and (strange := _depthwise(node, window, places)) is not None:
            return strange
        values = [getattr(op, name) for name in names[:places]]
        return _convolution(node, window, names, values, int(shape.channels))
    return _norm(node, op, places) if op.is_norm else None


def _by_place(node: tree.Call) -> int:
    """How many arguments have no name: they come first."""
    return sum(argument.name is None for argument in node.arguments)


def _convolution(
    node: tree.Call, window: Window, order: list[str], values: Sequence[Any], channels: int
) -> Order | None:
    name, k = node.callee.id, values[0]
    if not isinstance(k, int) or len(values) < 2 or not isinstance(values[1], int):
        return None
    texts = [argument.value.span.text for argument in node.arguments]
    place = order.index("stride")
    stride = values[place] if place < len(values) else None
    if k == channels and isinstance(stride, int) and _is_torchs(k, stride, len(values)):
        right = ", ".join([texts[place], *texts[1:place]])
        return Order(
            f"the window of this `{name}` is {k}, its stride {stride}, and {channels} channels "
            "come in",
            f"what comes in is known: write `{name}({right})`, with `stride=` by name",
        )
    if order[1] == "channels" and isinstance(stride, int) and _is_window(k, stride):
        return _of_torch(name, texts[:3], k, stride)
    is_wide = order[1] == "channels" and k in _FILTERS and values[1] <= _WINDOW
    if is_wide and stride is None and window.stride == 1:
        return Order(
            f"the window of this `{name}` is {k}, and it makes {int(values[1])} channels",
            f"the window comes first: `{name}({texts[1]}, {texts[0]})`",
        )
    return None


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


def _is_torchs(k: int, stride: int, places: int) -> bool:
    """A stride that is more likely a window, where the window is the number of channels."""
    if k >= _WIDE:
        return stride % 2 == 1 or places >= 4
    return stride > k or stride in _USUAL or (places >= 4 and stride == k and stride >= 3)


def _is_window(k: int, stride: int) -> bool:
    """`conv(16, 32, 3)`, where other than 16 channels come in."""
    return k in _FILTERS and k % 8 == 0 and stride in _USUAL


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
    if (strange := _window_of_block(node, given)) is not None:
        return strange
    if shape is not None and (strange := _torchs_block(node, given, shape.channels)) is not None:
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
    if list(given)[:2] != ["k", "channels"] or _by_place(node) != 2 or "stride" in given:
        return None
    k, channels = given["k"], given["channels"]
    if not isinstance(k.value, int) or not isinstance(channels.value, int):
        return None
    if k.value not in _FILTERS or channels.value > _WINDOW:
        return None
    name = node.callee.id
    return Order(
        f"the window of this `{name}` is {int(k.value)}, and it makes {int(channels.value)} "
        "channels",
        f"the window comes first: `{name}({channels.span.text}, {k.span.text})`",
    )


def _torchs_block(node: tree.Call, given: dict[str, Given], channels: int) -> Order | None:
    """`conv_norm_act(3, 16, 3)`"""
    places, first = _by_place(node), [argument.value.span for argument in node.arguments[:3]]
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
    """`input 224 x 224 x 3`"""
    meant = channels_first(dims)
    if meant is None:
        return None
    first, right = dims[0], " x ".join(map(str, meant))
    return Order(
        f"the first number of an input is its channels: {first} of them here",
        f"write `input {right}`",
    )
