"""Calls of torch's and Keras's layers as they are written here, argument by argument.

What comes in is known here, the window comes first, and some defaults are others: a layer that is
called by our name alone would be another one, in silence perhaps. The orders of parameters are
those of `torch.nn`, of `torch.nn.functional` without its tensor, and of `keras.layers`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from resdsl.diagnostics.aliases import fold

_IN_IS_KNOWN = "what comes in is known: "
_WINDOW_FIRST = "the window comes first: "
# Packages whose functions take a tensor first.
_FUNCTIONAL = frozenset({"F", "functional", "torch"})
_KERAS = frozenset({"keras", "layers", "tf"})
_MOST = 12  # arguments
# Those that stand behind the others here, by name; and, of those by place, what may be left out.
_ORDER = (
    "stride padding output_padding dilation groups bias ceil count_include_pad eps momentum affine "
    "mode"
).split()
_BOOLS = frozenset({"bias", "affine", "ceil", "count_include_pad"})
_OPTIONAL = {"stride", "slope", "p"}


@dataclass(frozen=True, slots=True)
class Layer:
    """`takes`: the parameters there, in their order; `first`: those that stand first here."""

    ours: str
    takes: str = ""
    first: str = ""
    # What they are there and here where nobody says.
    there: dict[str, str] = field(default_factory=dict)
    here: dict[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A call as it is written here, and why it is no mere change of the name, if it is none."""

    text: str
    reason: str

    @property
    def help(self) -> str:
        return f"{self.reason}write `{self.text}`"


_ONES = {"stride": "1", "dilation": "1", "groups": "1"}
_AUTO = {"padding": '"auto"'}
_CONV_HERE = {**_ONES, **_AUTO, "bias": "false", "output_padding": "0"}
_NORM = {"eps": "1e-05", "momentum": "0.1", "affine": "true"}
_POOL = {**_AUTO, "dilation": "1", "ceil": "false", "count_include_pad": "true"}
_PADDED = {"padding": "0"}
_WITH_BIAS = {"padding": "0", "bias": "true"}

_ACTIVATIONS = "relu relu6 silu mish hardswish hardsigmoid"
# That are called the same here, and have no parameter that must be given.
ACTIVATIONS = frozenset(f"{_ACTIVATIONS} sigmoid tanh gelu elu softplus".split())
TORCH = {
    **{fold(name): Layer(name, "inplace") for name in _ACTIVATIONS.split()},
    "gelu": Layer("gelu", "approximate"),
    "elu": Layer("elu", "alpha inplace"),
    "softplus": Layer("softplus", "beta"),
    "leakyrelu": Layer("leaky_relu", "slope inplace", "slope"),
    "sigmoid": Layer("sigmoid"),
    "tanh": Layer("tanh"),
    "prelu": Layer("prelu"),
    "softmax": Layer("softmax", "dim"),
    "logsoftmax": Layer("log_softmax", "dim"),
    "conv": Layer(
        "conv",
        "in_channels channels k stride padding dilation groups bias padding_mode",
        "k channels",
        _WITH_BIAS,
        _CONV_HERE,
        _IN_IS_KNOWN,
    ),
    "convtranspose": Layer(
        "conv_transpose",
        "in_channels channels k stride padding output_padding groups bias dilation padding_mode",
        "k channels",
        {"bias": "true"},
        {**_CONV_HERE, **_PADDED},
        _IN_IS_KNOWN,
    ),
    "linear": Layer(
        "linear", "in_channels features bias", "features", {}, {"bias": "true"}, _IN_IS_KNOWN
    ),
    "batchnorm": Layer("batchnorm", "in_channels eps momentum affine", "", {}, _NORM, _IN_IS_KNOWN),
    "instancenorm": Layer(
        "instancenorm", "in_channels eps", "", {}, {**_NORM, "affine": "false"}, _IN_IS_KNOWN
    ),
    "groupnorm": Layer(
        "groupnorm", "groups in_channels eps affine", "groups", {}, _NORM, _IN_IS_KNOWN
    ),
    "layernorm": Layer("layernorm", "in_channels eps affine", "", {}, _NORM, _IN_IS_KNOWN),
    "maxpool": Layer(
        "maxpool", "k stride padding dilation return_indices ceil", "k stride", _PADDED, _POOL
    ),
    "avgpool": Layer(
        "avgpool", "k stride padding ceil count_include_pad", "k stride", _PADDED, _POOL
    ),
    "adaptiveavgpool": Layer("adaptive_avgpool", "size", "size"),
    "adaptivemaxpool": Layer("adaptive_maxpool", "size", "size"),
    "dropout": Layer("dropout", "p inplace", "p"),
    "flatten": Layer("flatten", "start_dim end_dim"),
    "identity": Layer("identity"),
    "upsample": Layer(
        "upsample", "size scale mode align_corners", "scale", {}, {"mode": '"nearest"'}
    ),
    "pixelshuffle": Layer("pixel_shuffle", "scale", "scale"),
    "channelshuffle": Layer("channel_shuffle", "groups", "groups"),
}
TORCH["syncbatchnorm"] = TORCH["batchnorm"]
# Functions have the parameters of their modules but for what those hold, and two have others.
_FUNCTIONS = {
    **{name: layer for name, layer in TORCH.items() if "in_channels" not in layer.takes},
    "interpolate": TORCH["upsample"],
    "dropout": Layer("dropout", "p training inplace", "p"),
}
_ACTIVATION_FUNCTIONS = {fold(name): TORCH[fold(name)] for name in _ACTIVATIONS.split()}
_KERAS_CONV = "channels k stride padding data_format dilation groups activation bias"
_KERAS_LAYERS = {
    "conv": Layer("conv", _KERAS_CONV, "k channels", _WITH_BIAS, _CONV_HERE, _WINDOW_FIRST),
    "dense": Layer("linear", "features activation bias", "features", {}, {"bias": "true"}),
    "maxpooling": Layer("maxpool", "k stride padding", "k stride", _PADDED, _POOL),
    "averagepooling": Layer("avgpool", "k stride padding", "k stride", _PADDED, _POOL),
}
# By their names there, folded.
NAMES = {
    **dict.fromkeys("infeatures numfeatures numchannels normalizedshape".split(), "in_channels"),
    "inchannels": "in_channels", "outchannels": "channels", "filters": "channels",
    "outfeatures": "features", "units": "features", "kernelsize": "k", "poolsize": "k",
    "strides": "stride", "dilationrate": "dilation", "usebias": "bias", "numgroups": "groups",
    "ceilmode": "ceil", "negativeslope": "slope", "elementwiseaffine": "affine",
    "outputsize": "size", "scalefactor": "scale", "upscalefactor": "scale",
    "outputpadding": "output_padding", "countincludepad": "count_include_pad",
    "paddingmode": "padding_mode", "startdim": "start_dim", "returnindices": "return_indices",
}  # fmt: skip
# What need not be said here if it has this value; any, where none is given.
_UNSAID = {
    "in_channels": (), "inplace": (), "dim": ("1",), "training": (), "device": (), "dtype": (),
    "start_dim": ("1",), "end_dim": ("-1",), "return_indices": ("false",),
    "alpha": ("1", "1.0"), "beta": ("1", "1.0"), "approximate": ('"none"',),
    "padding_mode": (), "align_corners": ("false", "none"), "track_running_stats": (),
}  # fmt: skip


def written(
    name: str, arguments: Sequence[tuple[str | None, str]], packages: Sequence[str] = ()
) -> Written | None:
    """`Conv2d` of `3, 16, 3` and `padding=1` as `conv(3, 16, bias=true)`.

    `arguments` are names, where they are given, and texts; `packages` stand before the name. None
    for what is no such layer, and for arguments that say nothing here.
    """
    given = list(arguments)
    known = _known(name, packages)
    if known is _FUNCTIONS or known is _ACTIVATION_FUNCTIONS:
        if not given or given[0][0] is not None or not given[0][1].isidentifier():
            return None
        given = given[1:]
    layer = known.get(fold(name))
    values = None if layer is None or len(given) > _MOST else _bound(layer, given)
    if layer is None or values is None:
        return None
    if layer.ours.startswith("adaptive_") and values.get("size") == "1":
        return Written(layer.ours.replace("adaptive", "global"), layer.reason)
    values = {**layer.there, **values}
    activation = values.pop("activation", "none").strip('"').lower()
    first, is_pool = layer.first.split(), "pool" in layer.ours
    if not set(first) - _OPTIONAL <= values.keys():
        return None
    if "padding" in layer.there:
        padding = _padding(values, is_pool=is_pool)
        if padding is None:
            return None
        values["padding"] = padding
    if is_pool and values.get("stride") == values.get("k"):
        values.pop("stride", None)
    reason = layer.reason
    if "padding_mode" in values:
        reason = "windows are padded with zeros: "
    by_place = [values[one] for one in first if one in values]
    said = [one for one in _ORDER if one in values and one not in first]
    by_name = [f"{one}={values[one]}" for one in said if layer.here.get(one) != values[one]]
    inside = ", ".join([*by_place, *by_name])
    text = f"{layer.ours}({inside})" if inside else layer.ours
    return Written(text if activation == "none" else f"{text} {activation}", reason)


def ours(name: str, packages: Sequence[str]) -> str | None:
    """What a layer is called here."""
    layer = _known(name, packages).get(fold(name))
    return None if layer is None else layer.ours


def _known(name: str, packages: Sequence[str]) -> dict[str, Layer]:
    if _KERAS & {*packages} or name.endswith("D"):
        return _ACTIVATION_FUNCTIONS if name.islower() else _KERAS_LAYERS
    return _FUNCTIONS if packages and packages[-1] in _FUNCTIONAL and name.islower() else TORCH


def _bound(layer: Layer, arguments: Sequence[tuple[str | None, str]]) -> dict[str, str] | None:
    """The arguments by our names, without those that need not be said."""
    order, values = layer.takes.split(), dict[str, str]()
    for place, (name, text) in enumerate(arguments):
        if name is None and place >= len(order):
            return None
        ours = order[place] if name is None else NAMES.get(fold(name), name)
        value = _value(text)
        if ours in _BOOLS and value in ("0", "1"):
            value = "true" if value == "1" else "false"
        if ours == "padding_mode" and value != '"zeros"':
            values[ours] = value
        elif ours in _UNSAID:
            if _UNSAID[ours] and value not in _UNSAID[ours]:
                return None
            if ours == "in_channels" and re.fullmatch(r"\d*\.\d*|\d.*e-?\d+", value):
                return None  # it is none, and no call of theirs
        elif ours not in order or ours in values:
            return None
        elif value != "none":
            values[ours] = value
    return values


def _value(text: str) -> str:
    """A value of Python's as one of ours: `True`, `(3, 3)`, `'same'`."""
    if text in ("True", "False", "None"):
        return text.lower()
    if re.fullmatch(r"'[^'\"]*'", text):
        return f'"{text[1:-1]}"'
    if re.fullmatch(r"[(\[]\s*\d+(\s*,\s*\d+)*\s*,?\s*[)\]]", text):
        numbers = re.findall(r"\d+", text)
        return numbers[0] if len(set(numbers)) == 1 else "x".join(numbers)
    if re.fullmatch(r"[\d.]+e-?\d+", text, re.IGNORECASE):
        return repr(float(text))
    return text


def _padding(values: dict[str, str], *, is_pool: bool) -> str | None:
    """The padding as it is written here, `"auto"` where it is ours by default; None for none."""
    k, padding = values["k"], values["padding"]
    stride, dilation = values.get("stride", k if is_pool else "1"), values.get("dilation", "1")
    if padding == '"same"':
        # At other strides theirs is not the same on both sides.
        is_even = k.isdecimal() and int(k) % 2 == 0
        return '"auto"' if stride == "1" and not is_even else None
    padding = "0" if padding == '"valid"' else padding
    if not (k.isdecimal() and dilation.isdecimal()):
        return padding
    overlaps = not stride.isdecimal() or int(stride) < int(k)
    usual = int(dilation) * (int(k) - 1) // 2 if overlaps else 0
    return '"auto"' if padding == str(usual) else padding
