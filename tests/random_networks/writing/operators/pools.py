"""Pools: of windows, blurring, of the whole map, to a given size."""

from __future__ import annotations

from tests.random_networks.shapes import Ceil, Fixed, Number, Shape, Window, window
from tests.random_networks.texts import text
from tests.random_networks.writing.operators.sizes import as_size, each, packed, size_text
from tests.random_networks.writing.places import Called, Made, Place, Writer


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
        if w.rarely(0.05):
            call, made = (
                f'{w.pick([2, 3, 4])}, stride={size_text(stride)}, padding="same"',
                Ceil(stride),
            )
        if name == "avgpool" and w.chance(0.4):
            call += ", count_include_pad=false"
        if name == "avgpool" and w.rank == 3 and "same" not in call:
            name = "maxpool"
            call = call.replace(", count_include_pad=false", "")
    else:
        k_text, size = as_size(w, w.pick([2, 2, 3]))
        windows = each(w, size)
        arguments = [k_text]
        strides = windows
        if w.chance(0.5):
            stride_text, own = as_size(w, w.pick([1, 2, 2, 3]))
            strides = each(w, own)
            arguments.append(f"stride={stride_text}")
        paddings = [(n - 1) // 2 if s < n else 0 for n, s in zip(windows, strides, strict=True)]
        if w.rarely(0.05):
            arguments.append('padding="same"')
            found = shape.down(Ceil(packed(strides)))
            if not w.fits(place, found.extents):
                return None
            w.spend()
            return f"{name}({', '.join(arguments)})", found
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
        least = packed(windows) if name == "avgpool" and w.rank == 3 else 1
        sides = (windows, strides, paddings, dilations)
        numbers = [packed(side) for side in sides]
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


def blurred(w: Writer, place: Place, shape: Shape) -> Made | None:
    if shape.flat or place.strict:
        return None
    k = w.pick([2, 3, 3, 3, 5])
    stride_text, stride = as_size(w, w.pick([1, 2, 2, 3]))
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


def global_pool(w: Writer, place: Place, shape: Shape) -> Made | None:
    if shape.flat or place.strict:
        return None
    if w.chance(0.5):
        attention = ["attention_pool", "attention_pool(bias=false)"]
        call, size = w.pick(["global_avgpool", "global_maxpool", w.pick(attention)]), 1
    else:
        size_written, size = as_size(w, w.pick([1, 2, 2, 3]))  # type: ignore[assignment]
        call = f"{w.pick(['adaptive_avgpool', 'adaptive_maxpool'])}({size_written})"
    w.spend()
    return [text(call)], shape.down(Fixed(size))
