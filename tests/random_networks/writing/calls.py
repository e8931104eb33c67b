"""Calls of own definitions and of the library's."""

from __future__ import annotations

from dataclasses import replace

from tests.random_networks.shapes import Ceil, Channels, Number, Shape, then, with_stride
from tests.random_networks.texts import Text, text
from tests.random_networks.writing import tensors
from tests.random_networks.writing.operators import convolutions, shape_preserving
from tests.random_networks.writing.places import IN, Called, Definition, Made, Place, Writer

# Words of the language that labels may be, and names of tensors may not.
SOFT = frozenset("set let keep join fork expect network".split())


# --- calls ---------------------------------------------------------------------------------------


def arguments(
    w: Writer, place: Place, definition: Definition, *own: str, fed: Shape | None = None
) -> str:
    """A call with some of the optional arguments; tensors only where it is known what it is fed."""
    given = list(own)
    w.given = {}
    if fed is not None:
        given += tensors.arguments(w, place, definition, fed)
    for parameter in definition.parameters:
        if parameter.values and (parameter.required or w.chance(0.4)):
            # What is bound here may have the name of a block.
            values = [v for v in parameter.values if v.split("(")[0] not in place.bound]
            if "true" in values:
                values += place.flags * 2
            given.append(f"{parameter.name}={w.pick(values)}")
    # Named ones in any order; a positional one is first.
    named = [g for g in given if "=" in g.split("(")[0]]
    w.random.shuffle(named)
    positional = [g for g in given if "=" not in g.split("(")[0]]
    given = positional + named
    return definition.name + (f"({', '.join(given)})" if given else w.pick(["", "", "()"]))


def takes(
    w: Writer, definition: Definition, place: Place, shape: Shape, stride: Number | str
) -> bool:
    """Whether an own definition can be called on a shape."""
    if shape.flat and not definition.any_rank:
        return False
    if shape.channels.divisor(place.divisors) % definition.divides:
        return False
    strides = {definition.stride: stride} if definition.stride else {}
    for way in definition.milestones:
        if not w.fits(place, then(shape.extents, with_stride(way, strides))):
            return False
    return True


def serves(w: Writer, definition: Definition, place: Place, shape: Shape) -> bool:
    return shape.channels.divisor(place.divisors) % definition.divides == 0


def is_tail(definition: Definition) -> bool:
    """A block that can be called as it is, on maps and vectors of all channels."""
    required = any(parameter.required for parameter in definition.parameters)
    return (
        definition.any_rank and definition.preserving and definition.divides == 1 and not required
    )


def tail(w: Writer, place: Place) -> str:
    """A value that is a block and keeps the shape of maps and vectors."""
    options = ["identity", "relu", "norm", "act", "dropout(0.2)", "silu", "scale(0.5)", "batchnorm"]
    own = [d for d in w.known(place, "block") if is_tail(d)]
    options += [arguments(w, place, d).removesuffix("()") for d in own] * 2
    return w.pick(options)


def width_argument(w: Writer, place: Place) -> Channels:
    for _ in range(8):
        found = w.width(place)
        if found.divisor(place.divisors) % 4 == 0:
            return found
    return Channels.of(w.pick([4, 8, 12]))


def kept_by_call(w: Writer, place: Place, shape: Shape) -> str | None:
    """A call of a block that keeps the shape."""
    for _ in range(4):
        made = block_call(w, place.strictly(), shape, to=shape.channels)
        if made is not None and made[1] == shape:
            return made[0]
    return None


def called(w: Writer, place: Place, shape: Shape) -> Made | None:
    made = block_call(w, replace(place, computes=True), shape)
    if made is None:
        return None
    definition = next((d for d in w.own if d.name == made[0].split("(")[0]), None)
    if definition is None or not definition.results or place.suffix or w.chance(0.2):
        return [text(made[0])], made[1]
    names = [w.names.local(place.bound, "a", "b", "r", "t") for _ in w.results]
    place.kept.update(zip(names, w.results, strict=True))
    return [text(made[0]), text(f"keep {', '.join(names)}")], made[1]


def block_call(w: Writer, place: Place, shape: Shape, to: Channels | None = None) -> Called | None:
    if place.tails and w.chance(0.4) and not shape.channels.unknown:
        w.spend(2)
        return w.pick(place.tails), shape
    if place.makers + place.units and not shape.flat and not place.any_rank and w.chance(0.4):
        return made_call(w, place, shape, to)
    own = w.known(place, "block", tensors=True)
    if place.any_rank:
        own = [d for d in own if d.any_rank]
    own += [d for d in own if d.tensors or d.results] * 2
    if own and w.chance(0.85):
        return own_call(w, place, shape, w.pick(own), to)
    if shape.flat or place.any_rank:
        return None
    return library_call(w, place, shape, to)


def made_call(w: Writer, place: Place, shape: Shape, to: Channels | None) -> Called | None:
    """A call of a parameter that is a block with a number of channels to be given."""
    if shape.channels.unknown:
        return None
    width = to or width_argument(w, place)
    if width.divisor(place.divisors) % 4:
        return None
    w.spend(3)
    name = w.pick(place.makers + place.units)
    keyword = "channels=" if name in place.makers else ""
    return f"{name}({keyword}{w.channels(place, width)})", shape.to(width)


def varied(w: Writer, place: Place, shape: Shape) -> Made | None:
    """One block called two or three times in a row, with other arguments each time."""
    if shape.flat or place.any_rank:
        return None
    own = [d for d in w.known(place, "block", tensors=True) if d.width]
    definition = w.pick(own) if own and w.chance(0.8) else None
    made: list[Text] = []
    for _ in range(w.pick([2, 2, 3])):
        if definition is not None:
            call = own_call(w, place, shape, definition)
        elif "conv_norm_act" not in place.bound:
            call = _conv_norm_act(w, place, shape, w.width(place), 1, [])
        else:
            call = None
        if call is None:
            return None
        count = ""
        if call[1].extents == shape.extents and not changes(w, place, call[1], definition):
            count = w.pick(["", "", " x 2", " x 3", " x 1"])
        made.append(text(f"{call[0]}{count}"))
        shape = call[1]
    return made, shape


def changes(w: Writer, place: Place, shape: Shape, definition: Definition | None) -> bool:
    """Whether a second copy, fed the first one's result, might give something else."""
    if definition is None:
        return False
    if shape.channels.divisor(place.divisors) % definition.divides:
        return True
    return any(text.endswith(".channels") for text, _ in definition.shape.channels.terms) or bool(
        definition.shape.extents and definition.shape.extents != (Ceil(definition.stride),)
    )


def own_call(
    w: Writer, place: Place, shape: Shape, definition: Definition, to: Channels | None = None
) -> Called | None:
    if shape.channels.unknown:
        return None
    stride: Number | str = 1
    given = []
    values: dict[str, Channels] = {IN: shape.channels}
    if definition.width:
        width = to or width_argument(w, place)
        if width.divisor(place.divisors) % 4:
            return None
        values[definition.width] = width
        written = w.channels(place, width)
        first = definition.parameters[0].name == definition.width
        given.append(written if first and w.chance(0.7) else f"{definition.width}={written}")
    if definition.stride and not place.strict and w.chance(0.4):
        stride = 2
        given.append(f"{definition.stride}=2")
    if not takes(w, definition, place, shape, stride):
        return None
    w.spend(4)
    call = arguments(w, place, definition, *given, fed=shape)
    for parameter in definition.tensors:
        channels = w.given.get(parameter.name, shape.channels)
        if isinstance(channels, Channels):
            values[f"{parameter.name}.channels"] = channels
    found = result(definition, shape, values, stride)
    others = [way for _, way in definition.results]
    w.results = [found, *(result(definition, shape, values, stride, way) for way in others)]
    return call, found


def result(
    definition: Definition,
    shape: Shape,
    values: dict[str, Channels],
    stride: Number | str,
    of: Shape | None = None,
) -> Shape:
    """What it gives first, or another result of its, `of` what comes in."""
    if definition.preserving and of is None:
        return shape
    of = of or definition.shape
    way = with_stride(of.extents, {definition.stride: stride})
    channels = of.channels.within(values)
    if of.flat:
        return Shape(channels, (), flat=True)
    return Shape(channels, then(shape.extents, way))


def library_call(
    w: Writer, place: Place, shape: Shape, to: Channels | None = None
) -> Called | None:
    stride: Number | str = 1
    given = []
    if not place.strict and w.chance(0.3):
        stride = 2
        given.append("stride=2")
        if not w.fits(place, then(shape.extents, (Ceil(2),))):
            return None
    w.spend(6)
    kinds = ["basic", "bottleneck", "conv_norm_act"]
    kind = w.pick([kind for kind in kinds if kind not in place.bound])
    if kind == "conv_norm_act":
        return _conv_norm_act(w, place, shape, to or w.width(place), stride, given)
    expansion = 1
    if kind == "bottleneck":
        expansion = w.pick([1, 2, 4])
        if to is not None:
            expansion = 1
        if expansion != 4:
            given.append(f"expansion={expansion}")
    width = to or width_argument(w, place)
    if width.divisor(place.divisors) % 4:
        return None
    out = width.times(expansion)
    if kind == "bottleneck":
        if w.chance(0.3):
            given.append(f"cardinality={w.pick([1, 2, 4])}")
        if w.chance(0.2):
            given.append(f"base_width={w.pick([32, 64, 128])}")
        if w.chance(0.3):
            given.append(f'stride_at="{w.pick(["conv1", "conv2"])}"')
    if w.chance(0.15):
        given.append("dilation=2")
    if w.chance(0.25):
        given.append(f"tail={tail(w, place)}")
    if w.chance(0.2):
        given.append(f"drop_rate={shape_preserving.rate(w, place)}")
    if w.chance(0.2):
        given.append(f"scale_init={w.pick(['0.5', '1e-4', '0'])}")
    modes = ["none", "projection", "projection_always", "avg_projection", "when_same"]
    modes += ["conv_projection", "conv_projection(k=1)", *place.modes]
    wide, narrow = out.number, shape.channels.number
    if shape.channels == out or (wide is not None and narrow is not None and wide >= narrow):
        modes += ["zero_pad", 'zero_pad("split")', "max_pool_pad"]
    own = [d for d in w.known(place, "shortcut") if serves(w, d, place, shape)]
    modes += [arguments(w, place, d).removesuffix("()") for d in own] * 2
    if shape.channels == out and stride == 1:
        modes += ["identity", "relu"]
    if w.chance(0.5):
        given.append(f"shortcut={w.pick(modes)}")
    found = shape.to(out).down(Ceil(stride))
    w.random.shuffle(given)
    return f"{kind}({', '.join([w.channels(place, width), *given])})", found


def _conv_norm_act(
    w: Writer, place: Place, shape: Shape, width: Channels, stride: Number | str, given: list[str]
) -> Called:
    k = convolutions.kernel(w, place, [1, 3, 3])
    groups = set(w.divisors(place, shape.channels)) & set(w.divisors(place, width))
    if w.chance(0.2):
        given = [*given, f"groups={w.pick(sorted(groups))}"]
    found = shape.to(width).down(Ceil(stride))
    return f"conv_norm_act({', '.join([k, w.channels(place, width), *given])})", found
