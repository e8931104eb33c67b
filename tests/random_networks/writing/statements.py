"""`let`, `set` and `expect`: statements that are no modules."""

from __future__ import annotations

from tests.random_networks.shapes import Shape
from tests.random_networks.texts import text
from tests.random_networks.writing import calls
from tests.random_networks.writing.places import Made, Place, Writer


def let(w: Writer, place: Place, shape: Shape) -> Made | None:
    if place.suffix:
        return None
    name = w.names.local(place.bound, "n", "width_", "c")
    kind = w.random.random()
    if kind < 0.6:
        value = w.width(place)
        written = w.channels(place, value)
        place.names[name] = value
        return [text(f"let {name} = {written}")], shape
    if kind < 0.8:
        place.tails.append(name)
        return [text(f"let {name} = {calls.tail(w, place)}")], shape
    if shape.flat:
        return None
    k = w.pick([1, 3])
    bound = w.pick([f"conv({k})", f"conv(k={k}, bias=true)", f"conv_norm_act({k})"])
    to = w.width(place)
    w.spend(2)
    use = f"{name}(channels={w.channels(place, to)})"
    return [text(f"let {name} = {bound}"), text(use)], shape.to(to)


def setting(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`set`s after which everything written here still holds."""
    options = [
        "set act = silu",
        "set act = leaky_relu(0.2)",
        "set act = prelu",
        "set act = sigmoid",
        "set act = tanh",
        "set act = identity",
        "set act = relu6",
        "set act = elu",
        "set act = dropout(0.1)",
        "set act = scale(2)",
        "set norm = groupnorm(groups=1)",
        "set norm = batchnorm(momentum=0.2)",
        "set norm = batchnorm(affine=false)",
        "set norm = identity",
        "set norm = layer_scale(0.5)",
        "set norm = relu",
        "set conv(bias=true)",
        'set conv(init="xavier")',
        'set conv(bias=true, bias_init="torch")',
        "set batchnorm(momentum=0.3)",
        "set batchnorm(eps=0.01)",
        "set leaky_relu(slope=0.3)",
        "set dropout(p=0.2)",
        "set basic(shortcut=projection_always)",
        "set basic(tail=relu)",
        "set linear(bias=false)",
        "set depthwise(bias=true)",
        "set conv_projection(k=1)",
        'set zero_pad(zeros="split")',
    ]
    if shape.channels.unknown:
        return None
    own = [d.name for d in w.known(place) if calls.is_tail(d)]
    options += [f"set {slot} = {name}" for name in own for slot in ("norm", "act")]
    if place.definition is not None and place.definition.name in own:
        return None
    return [text(w.pick(options))], shape


def expecting(w: Writer, place: Place, shape: Shape) -> Made | None:
    if not place.network:
        return [text(w.pick(["expect in.channels > 0", "expect in.rank >= 0"]))], shape
    return [text(w.pick(["expect params >= 0", "expect depth >= 0 and buffers >= 0"]))], shape
