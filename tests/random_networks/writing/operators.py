"""Steps that are calls of operators."""

from __future__ import annotations

from tests.random_networks.shapes import (
    Ceil,
    Channels,
    Fixed,
    Number,
    Padded,
    Scaled,
    Shape,
    Step,
    Window,
    then,
    window,
)
from tests.random_networks.texts import text
from tests.random_networks.writing.places import Made, Place, Writer

# A call and the shape it gives.
Called = tuple[str, Shape]

ACTIVATIONS = [
    "relu",
    "relu",
    "relu",
    "act",
    "act",
    "act",
    "relu6",
    "leaky_relu",
    "leaky_relu(slope=0.2)",
    "leaky_relu(0.1)",
    "prelu",
    "elu",
    "gelu",
    "silu",
    "mish",
    "sigmoid",
    "tanh",
    "softplus",
    "hardswish",
    "hardsigmoid",
    "softmax",
    "log_softmax",
]
INITS = "he_fan_out he_fan_in he_uniform xavier normal trunc_normal zeros torch".split()


def calls(arguments: list[str]) -> str:
    return f"({', '.join(arguments)})" if arguments else ""


# --- what keeps the shape ------------------------------------------------------------------------


def activation(w: Writer, place: Place, shape: Shape) -> str:
    return w.pick(ACTIVATIONS)


def norm(w: Writer, place: Place, shape: Shape) -> str:
    groups = w.divisors(place, shape.channels)
    if shape.flat and any(t.startswith("?") for t, _ in shape.channels.terms):
        groups = [1]
    options = ["norm"] * 3 if w.norm_groups in groups else []
    more = calls(
        w.random.sample(["eps=1e-3", "scale_init=0.5", "affine=false"], w.pick([0, 0, 0, 1, 2]))
    )
    momentum = w.pick(["", "", "", "(momentum=0.3)", "(1e-4, 0.5)", "(momentum=0)"])
    options += ["batchnorm" + momentum, "batchnorm" + more]
    extra = f", {more[1:-1]}" if more else ""
    options.append(f"groupnorm({w.pick(['', 'groups='])}{w.pick(groups)}{extra})")
    options.append(f"layernorm({extra.removeprefix(', ')})")
    if not shape.flat and w.chance(0.2):
        options.append(f"evonorm({w.pick(groups)}{w.pick(['', ', eps=1e-3'])})")
        options.append(f"filter_response_norm({w.pick(['', 'eps=0.01'])})")
    # With a window of two that fits, a map has more than one element.
    if not shape.flat and w.fits(place, then(shape.extents, (Window(2, 1, 0),))):
        options.append(f"instancenorm({w.pick(['', 'affine=true', 'affine=true, scale_init=2'])})")
    return w.pick(options)


def kernel(w: Writer, place: Place, sizes: list[int]) -> str:
    """The size of a window that keeps the extents, or takes every second element."""
    if place.kernels and w.chance(0.5):
        return w.pick(place.kernels)
    return str(w.pick(sizes))


def rate(w: Writer, place: Place) -> str:
    values = ["0.2", "0.5", "0", "1e-1", *place.rates * 3]
    if place.network:
        values += ["0.3 * progress", "0.3 * progress"]
    if "index" in place.varying:
        values += ["0.1 * index", "where(index == 0, 0, 0.3)", "0.1 * (count - index) / count"]
    return w.pick(values)


def factor(w: Writer, place: Place) -> str:
    values = ["0.5", "2", "-1", "1.25", "1", "3 / 2", "0.1"]
    if "index" in place.varying:
        values += ["1 + index", "0.5 * (index + 1)", "count"]
    if place.network:
        values += ["1 - progress / 2"]
    return w.pick(values + place.factors * 3)


def regularised(w: Writer, place: Place, shape: Shape) -> str:
    return w.pick(
        ["dropout", f"dropout({rate(w, place)})", f"drop_path({rate(w, place)})", "dropout(p=0.1)"]
    )


def scaled(w: Writer, place: Place, shape: Shape) -> str:
    options = [f"scale({factor(w, place)})", "identity", "identity"]
    if not shape.flat or not _unknown(shape):
        options += ["layer_scale", f"layer_scale({factor(w, place)})", "layer_scale(init=0.1)"]
        per = w.pick(['per="tensor"', 'shape="map"', 'per="tensor", shape="map"'])
        options += [f"layer_scale({factor(w, place)}, {per})"]
        options += ["layer_shift", f"layer_shift({factor(w, place)})", f"layer_shift(0.1, {per})"]
    options += [f"{op}({given})" for op in ("scale", "leaky_relu") for given in place.factors]
    return w.pick(options)


def _unknown(shape: Shape) -> bool:
    return any(text.startswith("?") for text, _ in shape.channels.terms)


def same(w: Writer, place: Place, shape: Shape) -> str:
    """A call that keeps the shape, of maps and vectors alike."""
    made = w.weighted([(4, activation), (3, norm), (1.5, regularised), (1.5, scaled)])
    if made is norm and _unknown(shape):
        made = activation
    call = made(w, place, shape)
    if call == "prelu" and _unknown(shape):
        return "relu"
    return call


def keeps_shape(w: Writer, place: Place, shape: Shape) -> Made | None:
    w.spend()
    return [text(same(w, place, shape))], shape


# --- convolutions --------------------------------------------------------------------------------


def _size(w: Writer, value: int) -> tuple[str, Number]:
    """A number as an int or as a size."""
    if w.chance(0.15):
        values = tuple(value if w.chance(0.7) else w.pick([1, 3]) for _ in range(w.rank))
        if w.rank == 1:
            return f"size({values[0]})", values
        return "x".join(map(str, values)), values
    return str(value), value


def _each(w: Writer, value: Number) -> list[int]:
    return list(value) if isinstance(value, tuple) else [value] * w.rank


def _packed(values: list[int]) -> Number:
    return values[0] if len(set(values)) == 1 else tuple(values)


def conv(
    w: Writer, place: Place, shape: Shape, to: Channels | None = None, stride: Number | str = 1
) -> Called | None:
    """A convolution; a stride that is given is met as `ceil(h / stride)`."""
    if shape.flat:
        return None
    depthwise = to is None and w.chance(0.2)
    keeps = place.strict or stride != 1
    k_text, k = _size(w, w.pick([1, 3, 3, 5] if stride != 1 else [1, 3, 3, 3, 5]))
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
        elif shape.channels == result and not _unknown(shape) and w.chance(0.05):
            arguments.append(f"groups={w.channels(place, result)}")
    dilations = [1] * w.rank
    if w.chance(0.15) and not free:
        dilation_text, dilation = _size(w, 2)
        dilations = _each(w, dilation)
        arguments.append(f"dilation={dilation_text}")
    step: Number | str = stride
    paddings = [d * (n - 1) // 2 for d, n in zip(dilations, _each(w, k), strict=True)]
    if stride != 1:
        arguments.append(f"stride={size_text(stride)}")
        if not isinstance(stride, str):
            strides = _each(w, stride)
            # With windows that do not overlap, `auto` pads nothing.
            if not free and any(1 < n <= s for n, s in zip(_each(w, k), strides, strict=True)):
                arguments.append("padding=" + size_text(_packed(paddings)))
            step = stride
    elif not keeps and w.chance(0.3):
        step_text, step = _size(w, 2)
        arguments.append(f"stride={step_text}")
        strides = _each(w, step)
        if w.chance(0.4):
            padding_text, padding = _size(w, w.pick([0, 1, 2]))
            paddings = _each(w, padding)
            arguments.append(f"padding={padding_text}")
        else:
            paddings = [
                p if s < n else 0 for p, s, n in zip(paddings, strides, _each(w, k), strict=True)
            ]
    elif not keeps and w.chance(0.2):
        padding_text, padding = _size(w, w.pick([0, 0, 1, 2]))
        paddings = _each(w, padding)
        arguments.append(f"padding={padding_text}")
    if w.chance(0.25):
        arguments.append(f"bias={w.pick(['true', 'false', 'true', *place.flags])}")
        if w.chance(0.3):
            arguments.append(f"bias_init={w.pick(['0.5', '-1', chr(34) + 'torch' + chr(34)])}")
    if w.chance(0.15):
        arguments.append(f'init="{w.pick(INITS)}"')
    if w.chance(0.1) and not free and max(_each(w, k)) > 1:
        # A filter of one number has no deviation.
        more = w.pick(["", "", ", eps=1e-4"])
        gamma = w.pick(
            ["", ", gamma=1.5", ", gain_init=0.5", *(f", gamma={given}" for given in place.factors)]
        )
        kind, gamma = w.pick([("standardized", ""), ("scaled", gamma)])
        arguments.append(f'weights="{kind}"{gamma}{more}')
    if isinstance(step, str):
        made: Step = Ceil(step)
    else:
        made = window(Window(k, step, _packed(paddings), _packed(dilations)))
    found = shape.to(result).down(made)
    if not w.fits(place, found.extents):
        return None
    w.spend()
    if named:
        arguments[1:] = w.random.sample(arguments[1:], len(arguments) - 1)
    return f"{'depthwise' if depthwise else 'conv'}({', '.join(arguments)})", found


def size_text(value: Number | str) -> str:
    if isinstance(value, tuple):
        return f"size({', '.join(map(str, value))})"
    return str(value)


def convolution(w: Writer, place: Place, shape: Shape) -> Made | None:
    made = conv(w, place, shape)
    return None if made is None else ([text(made[0])], made[1])


# --- pools and moves -----------------------------------------------------------------------------


def pool(w: Writer, place: Place, shape: Shape, stride: Number | str = 1) -> Called | None:
    """A window pool; a stride that is given is met as `ceil(h / stride)`."""
    if shape.flat:
        return None
    name = w.pick(["maxpool", "avgpool"])
    if stride != 1 or place.strict:
        if isinstance(stride, str) or stride == 1 or w.chance(0.5):
            call, made = f"3, stride={size_text(stride)}", Ceil(stride)
            if isinstance(stride, tuple) and max(stride) >= 3:
                call += ", padding=1"
        else:
            call, made = f"{size_text(stride)}, ceil=true", Ceil(stride)
        if name == "avgpool" and w.chance(0.4):
            call += ", count_include_pad=false"
        if name == "avgpool" and w.rank == 3:
            name = "maxpool"
            call = call.replace(", count_include_pad=false", "")
    else:
        k_text, size = _size(w, w.pick([2, 2, 3]))
        windows = _each(w, size)
        arguments = [k_text]
        strides = windows
        if w.chance(0.5):
            stride_text, own = _size(w, w.pick([1, 2, 2, 3]))
            strides = _each(w, own)
            arguments.append(f"stride={stride_text}")
        paddings = [(n - 1) // 2 if s < n else 0 for n, s in zip(windows, strides, strict=True)]
        if w.chance(0.25):
            arguments.append("padding=0")
            paddings = [0] * w.rank
        ceil = w.chance(0.25)
        if ceil:
            arguments.append("ceil=true")
        dilations = [1] * w.rank
        if name == "maxpool" and paddings == [0] * w.rank and w.chance(0.2):
            arguments += ["padding=0"] if "padding=0" not in arguments else []
            arguments.append("dilation=2")
            dilations = [2] * w.rank
        if name == "avgpool" and w.chance(0.3):
            arguments.append("count_include_pad=false")
        least = _packed(windows) if name == "avgpool" and w.rank == 3 else 1
        sides = (windows, strides, paddings, dilations)
        numbers = [_packed(side) for side in sides]
        made = window(Window(*numbers[:4], ceil, least))  # type: ignore[misc, assignment]
        call = ", ".join(arguments)
    found = shape.down(made)
    if not w.fits(place, found.extents):
        return None
    w.spend()
    return f"{name}({call})", found


def pooling(w: Writer, place: Place, shape: Shape) -> Made | None:
    made = pool(w, place, shape)
    return None if made is None else ([text(made[0])], made[1])


def strided(
    w: Writer, place: Place, shape: Shape, stride: Number | str, to: Channels | None = None
) -> Called | None:
    """Something that takes every stride-th element."""
    if shape.flat:
        return None
    if to is None and w.chance(0.15):
        found = shape.down(Ceil(stride))
        w.spend()
        return f"subsample({size_text(stride)})", found
    if to is None and w.chance(0.2):
        return pool(w, place, shape, stride)
    return conv(w, place, shape, to, stride)


def global_pool(w: Writer, place: Place, shape: Shape) -> Made | None:
    if shape.flat or place.strict:
        return None
    if w.chance(0.5):
        attention = ["attention_pool", "attention_pool(bias=false)"]
        call, size = w.pick(["global_avgpool", "global_maxpool", w.pick(attention)]), 1
    else:
        size_written, size = _size(w, w.pick([1, 2, 2, 3]))  # type: ignore[assignment]
        call = f"{w.pick(['adaptive_avgpool', 'adaptive_maxpool'])}({size_written})"
    w.spend()
    return [text(call)], shape.down(Fixed(size))


def moved_channels(w: Writer, place: Place, shape: Shape) -> Made | None:
    """Channels padded or sliced."""
    if _unknown(shape):
        return None
    number = shape.channels.number
    w.spend()
    if number is not None and number > 1 and w.chance(0.5):
        start = w.random.randrange(number)
        stop = w.random.randint(start + 1, number)
        if w.chance(0.3):
            start = 0
        if w.chance(0.3):
            return [text(f"slice_channels({start})")], shape.to(number - start)
        call = f"slice_channels({start}, {w.channels(place, Channels.of(stop))})"
        return [text(call)], shape.to(stop - start)
    more = shape.channels + Channels.of(w.pick([0, 1, 3, 4, 4]))
    if w.chance(0.3):
        more = shape.channels.times(2)
    where = w.pick(["", ', where="split"', ', "end"'])
    return [text(f"pad_channels({w.channels(place, more)}{where})")], shape.to(more)


def across_channels(w: Writer, place: Place, shape: Shape) -> Made | None:
    """What each position's channels, or each channel's positions, are measured by."""
    w.spend()
    kinds = ["conv", "conv", "one", "grn", "softmax"] if not shape.flat else ["conv", "one"]
    if _unknown(shape):
        kinds = ["one"]
    match w.pick(kinds):
        case "conv":
            given = w.pick(["3", "1", "5", "k=3, bias=true", '3, init="normal"', "3, bias_init=0"])
            return [text(f"channel_conv({given})")], shape
        case "grn":
            given = w.pick(["", "eps=1e-3"])
            return [text(f"global_response_norm({given})")], shape
        case "softmax":
            return [text('softmax(over="positions")')], shape
        case _:
            return [text(w.pick(["channel_mean", "channel_max"]))], shape.to(1)


def blurred(w: Writer, place: Place, shape: Shape) -> Made | None:
    if shape.flat or place.strict:
        return None
    k = w.pick([2, 3, 3, 3, 5])
    stride_text, stride = _size(w, w.pick([1, 2, 2, 3]))
    padding = w.pick([(k - 1) // 2, (k - 1) // 2, 0, 1])
    mode = w.pick(["reflect", "reflect", "replicate", "constant"])
    least = padding + 1 if mode == "reflect" else 1
    found = shape.down(Window(k, stride, padding, least=least))
    if not w.fits(place, found.extents):
        return None
    w.spend()
    arguments = [str(k), stride_text]
    if padding != (k - 1) // 2:
        arguments.append(f"padding={padding}")
    if mode != "reflect":
        arguments.append(f'mode="{mode}"')
    return [text(f"blur_pool({', '.join(arguments)})")], found


def rearranged(w: Writer, place: Place, shape: Shape) -> Made | None:
    """Zeros around a map, channels shuffled, or set off against their neighbours."""
    if shape.flat:
        return None
    w.spend()
    kind = w.random.random()
    if kind < 0.35 and not place.strict:
        before, after = w.pick([0, 1, 2]), w.pick([0, 1, 3])
        found = shape.down(Padded(before + after))
        cropped = shape.down(Padded(-before - after))
        if w.chance(0.4) and w.fits(place, cropped.extents):
            return [text(f"crop({before}, {after})")], cropped
        return [text(f"pad({before}, {after})")], found
    if kind < 0.7:
        return [text(f"local_response_norm({w.pick(['', '3', '2', 'size=4, alpha=0.1'])})")], shape
    number = shape.channels.number
    if number is None:
        return None
    groups = w.pick([n for n in (1, 2, 3, 4) if number % n == 0])
    return [text(f"channel_shuffle({groups})")], shape


def enlarged(w: Writer, place: Place, shape: Shape) -> Made | None:
    """A map with more elements."""
    if shape.flat or place.strict or sum(isinstance(s, Scaled) for s in shape.extents) > 1:
        return None
    w.spend()
    kind = w.random.random()
    if kind < 0.4:
        factor = w.pick([1, 2, 2, 3])
        mode = w.pick(["", ', "linear"', ', mode="linear"', ', mode="nearest"'])
        if w.chance(0.3):
            size_written, size = _size(w, w.pick([1, 2, 4, 5]))
            named = mode.replace(', "', ', mode="')
            return [text(f"upsample(size={size_written}{named})")], shape.down(Fixed(size))
        return [text(f"upsample({factor}{mode})")], shape.down(Scaled(factor))
    number = shape.channels.number
    if kind < 0.6 and w.rank == 2 and number is not None and number % 4 == 0:
        return [text("pixel_shuffle(2)")], shape.to(number // 4).down(Scaled(2))
    k, stride, dilation = w.pick([1, 2, 3]), w.pick([1, 2, 2, 3]), w.pick([1, 1, 2])
    padding, more = w.pick([0, 0, 1]), w.pick([0, 0, 1])
    more = min(more, max(stride, dilation) - 1)
    found = shape.down(Scaled(stride, dilation * (k - 1) + more + 1 - 2 * padding - stride))
    channels = w.pick([3, 4, 8])
    arguments = [str(k), str(channels), f"stride={stride}", f"padding={padding}"]
    arguments += [f"output_padding={more}", f"dilation={dilation}"]
    arguments += w.pick([[], [], ["bias=true"], ['init="xavier"'], ["bias=true, bias_init=1"]])
    if not w.fits(place, found.extents):
        return None
    return [text(f"conv_transpose({', '.join(arguments)})")], found.to(channels)


def subsampled(w: Writer, place: Place, shape: Shape) -> Made | None:
    if shape.flat or place.strict:
        return None
    size_written, size = _size(w, w.pick([1, 2, 2]))
    w.spend()
    found = shape.down(Ceil(size))
    return ([text(f"subsample({size_written})")], found) if w.fits(place, found.extents) else None


# --- vectors -------------------------------------------------------------------------------------


def flat(w: Writer, place: Place, shape: Shape) -> Made | None:
    if place.strict:
        return None
    w.spend()
    if shape.flat:
        return [text("flatten")], shape
    steps = shape.extents
    sizes = w.extents(place, shape)
    if len(steps) == 1 and isinstance(steps[0], Fixed):
        sizes = tuple(_each(w, steps[0].size))
    if sizes is None:
        return [text("flatten")], Shape(Channels.of(f"?{w.left}"), (), flat=True)
    total = 1
    for n in sizes:
        total *= n
    return [text("flatten")], Shape(shape.channels.times(total), (), flat=True)


def linear(
    w: Writer, place: Place, shape: Shape, to: Channels | None = None, *, maps: bool = False
) -> Called | None:
    """Of a vector, or with `maps` at the positions of a map."""
    if not shape.flat and not maps:
        return None
    result = to or w.width(place)
    arguments = [w.channels(place, result)]
    if w.chance(0.3):
        arguments.append(
            w.pick(
                ["bias=false", "bias=true", "bias_init=0", f'init="{w.pick(INITS)}"']
                + [f"bias={flag}" for flag in place.flags]
            )
        )
    if not shape.flat or w.chance(0.1):
        arguments.append('at="positions"')
    w.spend()
    return f"linear({', '.join(arguments)})", shape.to(result) if maps else Shape(result, (), True)


def connected(w: Writer, place: Place, shape: Shape) -> Made | None:
    made = linear(w, place, shape)
    return None if made is None else ([text(made[0])], made[1])


def at_positions(w: Writer, place: Place, shape: Shape) -> Made | None:
    """Linear layers at the positions of a map: one, a group of them, or a run in a group."""
    if shape.flat:
        return None
    made = linear(w, place, shape, maps=True)
    if made is None or w.chance(0.4):
        return None if made is None else ([text(made[0])], made[1])
    again = linear(w, place, made[1], maps=True)
    if again is None:
        return None
    between = w.pick(["gelu", "act", "relu", "silu dropout(0)", "prelu", "layernorm", "softmax"])
    row = f"{made[0]} {between} {again[0]}"
    if w.chance(0.5):
        row = f"identity {w.pick(['', 'layernorm(eps=1e-6) '])}{row} identity"
    before, behind = w.pick(["", "", "relu "]), w.pick(["", "", " norm"])
    return [text(f"{{ {before}{row}{behind} }}")], again[1]


def unflattened(w: Writer, place: Place, shape: Shape) -> Made | None:
    """A map of a vector."""
    if not shape.flat or place.strict or _unknown(shape):
        return None
    w.spend()
    return [text(f"unflatten({w.rank})")], Shape(shape.channels, (Fixed(1),))


def reaching(w: Writer, place: Place, shape: Shape, to: Channels) -> Called | None:
    """A call after which there are so many channels; the extents stay."""
    if shape.flat:
        return linear(w, place, shape, to)
    return conv(w, strictly(place), shape, to)


def strictly(place: Place) -> Place:
    return place.inner(strict=True) if not place.strict else place
