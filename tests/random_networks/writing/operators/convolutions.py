"""Convolutions: windows, strides, paddings, dilations, groups, how their weights start."""

from __future__ import annotations

from tests.random_networks.shapes import Ceil, Channels, Number, Shape, Step, Window, window
from tests.random_networks.texts import text
from tests.random_networks.writing.operators.sizes import as_size, each, packed, size_text
from tests.random_networks.writing.places import Called, Made, Place, Writer

INITS = "he_fan_out he_fan_in he_uniform xavier normal trunc_normal zeros torch".split()


def kernel(w: Writer, place: Place, sizes: list[int]) -> str:
    """The size of a window that keeps the extents, or takes every second element."""
    if place.kernels and w.chance(0.5):
        return w.pick(place.kernels)
    return str(w.pick(sizes))


def conv(
    w: Writer, place: Place, shape: Shape, to: Channels | None = None, stride: Number | str = 1
) -> Called | None:
    """A convolution; a stride that is given is met as `ceil(h / stride)`."""
    if shape.flat:
        return None
    depthwise = to is None and w.chance(0.2)
    keeps = place.strict or stride != 1
    same = w.rarely(0.03)
    sizes = [1, 3, 3, 5] if stride != 1 else [1, 3, 3, 3, 5]
    k_text, k = as_size(w, w.pick([2, 3, 4] if same else sizes))
    # A parameter is any odd number: its window is padded by itself.
    free = bool(place.kernels) and w.chance(0.5)
    if free:
        k_text, k = w.pick(place.kernels), 3
        keeps = True
    arguments = [f"k={k_text}" if w.chance(0.1) else k_text]
    named = arguments[0].startswith("k=")
    multiplier = 1
    if depthwise:
        multiplier = w.pick([1, 1, 2])
        result = shape.channels.times(multiplier)
        if multiplier > 1:
            arguments.append(f"multiplier={multiplier}")
    else:
        result = to or w.width(place)
        written = w.channels(place, result)
        if to is None and "index" in place.varying and w.chance(0.3):
            written = f"{written} + 0 * index"
        arguments.append(f"channels={written}" if named or w.chance(0.1) else written)
        both = set(w.divisors(place, shape.channels)) & set(w.divisors(place, result))
        if place.groups and max(both) % 4 == 0 and w.chance(0.5):
            arguments.append(f"groups={w.pick(place.groups)}")
        elif w.chance(0.2):
            arguments.append(f"groups={w.pick(sorted(both))}")
        elif shape.channels == result and not shape.channels.unknown and w.chance(0.05):
            arguments.append(f"groups={w.channels(place, result)}")
    dilations = [1] * w.rank
    if w.chance(0.15) and not free:
        dilation_text, dilation = as_size(w, 2)
        dilations = each(w, dilation)
        arguments.append(f"dilation={dilation_text}")
    step: Number | str = stride
    paddings = [d * (n - 1) // 2 for d, n in zip(dilations, each(w, k), strict=True)]
    if same:
        if not keeps and w.chance(0.4):
            step_text, step = as_size(w, w.pick([2, 3]))
            arguments.append(f"stride={step_text}")
        elif stride != 1:
            arguments.append(f"stride={size_text(stride)}")
        arguments.append('padding="same"')
    elif stride != 1:
        arguments.append(f"stride={size_text(stride)}")
        if not isinstance(stride, str):
            strides = each(w, stride)
            # With windows that do not overlap, `auto` pads nothing.
            if not free and any(1 < n <= s for n, s in zip(each(w, k), strides, strict=True)):
                arguments.append("padding=" + size_text(packed(paddings)))
            step = stride
    elif not keeps and w.chance(0.3):
        step_text, step = as_size(w, 2)
        arguments.append(f"stride={step_text}")
        strides = each(w, step)
        if w.chance(0.4):
            padding_text, padding = as_size(w, w.pick([0, 1, 2]))
            paddings = each(w, padding)
            arguments.append(f"padding={padding_text}")
        else:
            paddings = [
                p if s < n else 0 for p, s, n in zip(paddings, strides, each(w, k), strict=True)
            ]
    elif not keeps and w.chance(0.2):
        padding_text, padding = as_size(w, w.pick([0, 0, 1, 2]))
        paddings = each(w, padding)
        arguments.append(f"padding={padding_text}")
    if w.chance(0.25):
        arguments.append(f"bias={w.pick(['true', 'false', 'true', *place.flags])}")
        if w.chance(0.3):
            arguments.append(f"bias_init={w.pick(['0.5', '-1', chr(34) + 'torch' + chr(34)])}")
    if w.chance(0.15):
        arguments.append(f'init="{w.pick(INITS)}"')
    if w.chance(0.1) and not free and max(each(w, k)) > 1:
        # A filter of one number has no deviation.
        more = w.pick(["", "", ", eps=1e-4"])
        gamma = w.pick(
            ["", ", gamma=1.5", ", gain_init=0.5", *(f", gamma={given}" for given in place.factors)]
        )
        kind, gamma = w.pick([("standardized", ""), ("scaled", gamma)])
        arguments.append(f'weights="{kind}"{gamma}{more}')
    if same or isinstance(step, str):
        made: Step = Ceil(step)
    else:
        made = window(Window(k, step, packed(paddings), packed(dilations)))
    found = shape.to(result).down(made)
    if not w.fits(place, found.extents):
        return None
    w.spend()
    if named:
        arguments[1:] = w.random.sample(arguments[1:], len(arguments) - 1)
    return f"{'depthwise' if depthwise else 'conv'}({', '.join(arguments)})", found


def convolution(w: Writer, place: Place, shape: Shape) -> Made | None:
    made = conv(w, place, shape)
    return None if made is None else ([text(made[0])], made[1])
