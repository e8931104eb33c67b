"""Calls of torch's and Keras's layers as they are written here, argument by argument.

What comes in is known here, the window comes first, and some defaults are others: a layer that is
called by our name alone would be another one, in silence perhaps. What follows the help is that
layer, or the help says what is not the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resdsl.diagnostics.aliases import fold
from resdsl.diagnostics.aliases import ours as aliases
from resdsl.diagnostics.library_layers import (
    ACTIVATION_FUNCTIONS,
    ACTIVATIONS,
    BOOLS,
    FUNCTIONAL,
    FUNCTIONS,
    IN_ORDER,
    KERAS,
    KERAS_LAYERS,
    MODES,
    MOST,
    NAMES,
    OPTIONAL,
    OR_NONE,
    ORDER,
    SAID,
    TORCH,
    UNSAID,
    WITH_WEIGHTS,
    Layer,
)
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """A call as it is written here, and why it is no mere change of the name, if it is none.

    `differs` says what is not the same; `text` is the nearest then, or none is near.
    """

    text: str
    reason: str = ""
    differs: str = ""

    @property
    def help(self) -> str:
        if not self.differs:
            return f"{self.reason}write `{self.text}`"
        return f"`{self.text}` is near: {self.differs}" if self.text else self.differs


class _NoCallError(Exception):
    """Of no such layer."""


def written(
    name: str, arguments: Sequence[tuple[str | None, str]], packages: Sequence[str] = ()
) -> Written | None:
    """`Conv2d` of `3, 16, 3` and `padding=1` as `conv(3, 16, bias=true)`.

    `arguments` are names, where they are given, and texts; `packages` stand before the name. None
    for what is no such layer. What cannot be the same has `differs`.
    """
    given, known = list(arguments), _known(name, packages)
    layer = known.get(fold(name))
    if known is FUNCTIONS and layer is None and fold(name) in WITH_WEIGHTS:
        step = TORCH[fold(name)].ours
        held = f"a step holds its weights: `resdsl explain {step}` tells what `{step}` takes"
        return Written("", "", held)
    if layer is None:
        return None
    if known is FUNCTIONS or known is ACTIVATION_FUNCTIONS:
        if given and (given[0][0] is not None or not given[0][1].isidentifier()):
            return Written("", "", IN_ORDER)
        given = given[1:]
    try:
        values, differs = _bound(layer, given)
    except _NoCallError:
        return None
    differs += _refined(name, layer, values, is_keras=known is KERAS_LAYERS)
    if layer.ours.startswith("adaptive_") and values.get("size") == "1":
        return Written(layer.ours.replace("adaptive", "global"), layer.reason, "; ".join(differs))
    values = {**layer.there, **values}
    activation, unknown = _activation(values.pop("activation", "none"))
    first, is_pool = layer.first.split(), "pool" in layer.ours
    if layer.ours == "upsample":
        # One or the other, the size by its name.
        first = [] if "size" in values and "scale" not in values else ["scale"]
    needed = [one for one in first if one not in OPTIONAL]
    if not {*needed} <= values.keys():
        needs = f"{layer.reason}`{layer.ours}({', '.join(needed)})` is how it is called"
        return Written("", "", "; ".join(differs or [needs]))
    if "padding" in layer.there:
        if layer.ours == "avgpool" and values["padding"].lower() == '"same"':
            # Keras leaves the padding out of a mean.
            values["count_include_pad"] = "false"
        values["padding"] = _padding(values, is_pool=is_pool)
    if is_pool and values.get("stride") == values.get("k"):
        values.pop("stride", None)
    by_place = [values[one] for one in first if one in values]
    said = [one for one in ORDER if one in values and one not in first]
    by_name = [f"{one}={values[one]}" for one in said if layer.here.get(one) != values[one]]
    inside = ", ".join([*by_place, *by_name])
    text = f"{layer.ours}({inside})" if inside else layer.ours
    return Written(f"{text} {activation}".strip(), layer.reason, "; ".join(differs + unknown))


def ours(name: str, packages: Sequence[str]) -> str | None:
    """What a layer is called here."""
    layer = _known(name, packages).get(fold(name))
    return None if layer is None else layer.ours


def is_class(name: str) -> bool:
    """Whether a name is as torch and Keras have those of layers, and none of ours misspelt."""
    return re.search(r"[123][dD]$", name) is not None or not (name.islower() or name.istitle())


def _known(name: str, packages: Sequence[str]) -> dict[str, Layer]:
    if KERAS & {*packages} or name.endswith("D"):
        return ACTIVATION_FUNCTIONS if name.islower() else KERAS_LAYERS
    return FUNCTIONS if packages and packages[-1] in FUNCTIONAL and name.islower() else TORCH


def _bound(
    layer: Layer, arguments: Sequence[tuple[str | None, str]]
) -> tuple[dict[str, str], list[str]]:
    """The arguments by our names, without those that need not be said; and what there is not."""
    order, values, differs = layer.takes.split(), dict[str, str](), list[str]()
    for place, (name, text) in enumerate(arguments[:MOST]):
        if text.startswith("*"):
            differs.append(f"say what is in `{text}`")
            continue
        if name is None and place >= len(order):
            differs.append(f"there is nothing for `{text}`")
            continue
        ours = order[place] if name is None else NAMES.get(fold(name), name)
        value = text if layer.ours == "pad" else _value(text)
        if ours in BOOLS and value in ("0", "1"):
            value = "true" if value == "1" else "false"
        fixed = layer.fixed.get(ours, UNSAID.get(ours))
        if fixed is not None and not (ours in order and ours in layer.first):
            if ours == "in_channels" and re.fullmatch(r"\d*\.\d*|\d.*e-?\d+", value):
                raise _NoCallError
            if fixed and value not in fixed:
                differs.append(SAID.get(ours) or _always(ours, fixed[0]))
            if ours in ("in_channels", "num_parameters"):
                values[ours] = value
        elif ours not in order:
            differs.append(f"there is no `{name}`")
        elif ours in values:
            differs.append(f"`{ours}` is given twice")
        elif value == "none" and ours in OR_NONE:
            continue
        elif layer.ours != "pad" and not _is_plain(value, ours):
            differs.append(f"`{ours}` cannot be `{text}`")
        else:
            values[ours] = value
    return values, differs


def _always(name: str, value: str) -> str:
    return f"there is no `{name}`" if value == "none" else f"`{name}` is always {value}"


def _refined(name: str, layer: Layer, values: dict[str, str], *, is_keras: bool) -> list[str]:
    """What single layers have of their own; changes the values to ours."""
    channels = values.pop("in_channels", "")
    if layer.ours == "layernorm" and "x" in channels:
        return ["it is over the channels, at each place by itself"]
    if layer.ours == "prelu":
        if values.pop("num_parameters", "1") == "1":
            values["per"] = '"tensor"'
    elif layer.ours == "pad":
        return _of_pad(name, values, is_keras=is_keras)
    elif layer.ours == "dropout" and re.search("[123][dD]$", name):
        return ["whole channels are dropped there, elements here"]
    elif is_keras and "momentum" in {**layer.there, **values}:
        # How much stays, there; how much is new, here.
        stays = values.get("momentum", layer.there.get("momentum", ""))
        is_number = re.fullmatch(r"\d*\.?\d+", stays)
        values["momentum"] = repr(round(1 - float(stays), 12)) if is_number else f"1 - ({stays})"
    elif layer.ours == "upsample":
        mode = values.pop("mode", '"nearest"').strip('"')
        scale = values.get("scale", "1")
        if re.fullmatch(r"\d+\.0*", scale):
            values["scale"] = scale.partition(".")[0]
        elif re.fullmatch(r"\d*\.\d+", scale):
            values.pop("scale")
            return ["the factor is a whole number"]
        if mode not in MODES:
            return ["between elements it is linear or nearest"]
        values["mode"] = f'"{MODES[mode]}"'
    return []


def _of_pad(name: str, values: dict[str, str], *, is_keras: bool) -> list[str]:
    """`(left, right, top, bottom)` as what is before and behind, of the first dimension first."""
    text = values.pop("padding", "")
    numbers = re.findall(r"\d+", text)
    is_plain = re.fullmatch(r"[\d\s,()\[\]]+", text)
    rank = re.search("([123])[dD]$", name)
    if rank and ((len(numbers) == 1 and is_plain) or text.isidentifier()):
        values["padding"] = f"{text}, {text}"
        return []
    if is_keras and is_plain and rank:
        is_pairs = text.count("(") + text.count("[") > 1
        before, after = (numbers[0::2], numbers[1::2]) if is_pairs else (numbers, numbers)
    elif is_plain and not is_keras and len(numbers) % 2 == 0:
        before, after = numbers[0::2][::-1], numbers[1::2][::-1]
    else:
        return [f"`padding` cannot be `{text}`"] if text else []
    if len(before) != (int(rank[1]) if rank else max(len(before), 2)):
        return ["`pad` takes a number for each dimension, of the first before the others"]
    sizes = [one[0] if len({*one}) == 1 else "x".join(one) for one in (before, after)]
    values["padding"] = ", ".join(sizes)
    return []


def _activation(value: str) -> tuple[str, list[str]]:
    """A step for `"swish"`, `tf.nn.relu`; and what is not known."""
    word = value.strip('"').rpartition(".")[2]
    if word in ("none", "linear", "None"):
        return "", []
    meant = word if word in ACTIVATIONS else next(iter(aliases().get(fold(word), ())), "")
    return (meant, []) if meant in ACTIVATIONS else ("", [f"the activation `{word}` is a step"])


def _is_plain(value: str, name: str) -> bool:
    """Whether a value of Python's is one here."""
    if re.fullmatch(r'"[^"\\]*"', value):
        return name in ("padding", "mode", "activation")
    if name == "activation":
        return re.fullmatch(r"[\w.]+", value) is not None
    is_tuple = re.search(r"(?:^|[^\w\])])[(\[][^()\[\]]*,", value)
    word = re.search(r"\b(?:None|True|False|none|lambda|not|if|for)\b|[\"'@:{]|\b[a-z]\w*\.", value)
    return not is_tuple and (word is None or value.split(".")[0] in ("in", "here", "out"))


def _value(text: str) -> str:
    """A value of Python's as one of ours: `True`, `(3, 3)`, `'same'`."""
    if text in ("True", "False", "None"):
        return text.lower()
    if re.fullmatch(r"'[^'\"]*'", text):
        return f'"{text[1:-1]}"'
    if re.fullmatch(r"[(\[]\s*\w+(\s*,\s*\w+)*\s*,?\s*[)\]]", text):
        parts = re.findall(r"\w+", text)
        if len({*parts}) == 1:
            return str(parts[0])
        return "x".join(parts) if all(map(str.isdecimal, parts)) and len(parts) <= 3 else text
    if re.fullmatch(r"[\d.]+e-?\d+", text, re.IGNORECASE):
        return repr(float(text))
    return text


def _padding(values: dict[str, str], *, is_pool: bool) -> str:
    """The padding as it is written here, `"auto"` where it is ours by default."""
    k, padding = values["k"], values["padding"].lower()
    stride, dilation = values.get("stride", k if is_pool else "1"), values.get("dilation", "1")
    sizes = [_numbers(one) for one in (k, stride, dilation)]
    if padding == '"same"':
        if None in sizes:
            return padding
        each = list(zip(*_spread(sizes), strict=True))
        is_even = all(s == 1 and d * (n - 1) % 2 == 0 for n, s, d in each)
        is_one = all(n == 1 for n, _, _ in each)
        return '"auto"' if is_even or is_one else padding
    padding = "0" if padding == '"valid"' else values["padding"]
    given = _numbers(padding)
    if given is None or None in sizes:
        # A window of one needs none, whatever its stride.
        return '"auto"' if (k, padding) == ("1", "0") else padding
    each = list(zip(*_spread([*sizes, given]), strict=True))
    usual = all(p == (d * (n - 1) // 2 if s < n else 0) for n, s, d, p in each)
    return '"auto"' if usual else padding


def _numbers(size: str) -> list[int] | None:
    """`3`, `3x5`; None for what is no plain size."""
    return [int(one) for one in size.split("x")] if re.fullmatch(r"\d+(x\d+)*", size) else None


def _spread(sizes: Sequence[list[int] | None]) -> list[list[int]]:
    """Those of one number in as many dimensions as the others."""
    known = [one for one in sizes if one is not None]
    rank = max(map(len, known))
    return [one * rank if len(one) == 1 else one[:rank] for one in known]
