"""Operators that keep the shape: activations, norms, dropout, scales."""

from __future__ import annotations

from tests.random_networks.shapes import Shape, Window, then
from tests.random_networks.texts import text
from tests.random_networks.writing.places import Made, Place, Writer

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
    'prelu(per="tensor")',
    "prelu(init=0.1)",
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


def activation(w: Writer, place: Place, shape: Shape) -> str:
    return w.pick(ACTIVATIONS)


def norm(w: Writer, place: Place, shape: Shape) -> str:
    groups = w.divisors(place, shape.channels)
    if shape.flat and shape.channels.unknown:
        groups = [1]
    options = ["norm"] * 3
    more = _given(
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


def _given(arguments: list[str]) -> str:
    return f"({', '.join(arguments)})" if arguments else ""


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
    if not shape.flat or not shape.channels.unknown:
        options += ["layer_scale", f"layer_scale({factor(w, place)})", "layer_scale(init=0.1)"]
        per = w.pick(['per="tensor"', 'shape="map"', 'per="tensor", shape="map"'])
        options += [f"layer_scale({factor(w, place)}, {per})"]
        options += ["layer_shift", f"layer_shift({factor(w, place)})", f"layer_shift(0.1, {per})"]
    options += [f"{op}({given})" for op in ("scale", "leaky_relu") for given in place.factors]
    return w.pick(options)


def same(w: Writer, place: Place, shape: Shape) -> str:
    """A call that keeps the shape, of maps and vectors alike."""
    made = w.weighted([(4, activation), (3, norm), (1.5, regularised), (1.5, scaled)])
    if made is norm and shape.channels.unknown:
        made = activation
    call = made(w, place, shape)
    if call.startswith("prelu") and shape.channels.unknown:
        return "relu"
    return call


def keeps_shape(w: Writer, place: Place, shape: Shape) -> Made | None:
    w.spend()
    return [text(same(w, place, shape))], shape


def held(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`param name: …`, a tensor of the body's own."""
    if not place.labelled or place.chain or shape.channels.unknown:
        return None
    if place.suffix:
        name = f"{w.names.label(place.labels, string=False)}_"
        if name in place.labels:
            return None
        place.labels.add(name)
        name += f"[{place.suffix}]"
    else:
        name = w.names.label(place.labels, dots=False)
    start = factor(w, place)
    shaped = w.pick(['per="tensor"', 'shape="map"', 'per="tensor", shape="map"'])
    options = [
        "prelu",
        'prelu("tensor", 0.1)',
        "layer_scale",
        f"layer_scale({start})",
        f"layer_scale({start}, {shaped})",
    ]
    options += ["layer_shift", f"layer_shift({start})", f"layer_shift({start}, {shaped})"]
    w.spend()
    return [text(f"param {name}: {w.pick(options)}")], shape
