"""The layers of torch and Keras that are here, too: a table of their parameters.

The orders of parameters are those of `torch.nn`, of `torch.nn.functional` without its tensor, and
of `keras.layers`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from resdsl.diagnostics.aliases import fold

_IN_IS_KNOWN = "what comes in is known: "
_WINDOW_FIRST = "the window comes first: "
# Packages whose functions take a tensor first.
FUNCTIONAL = frozenset({"F", "functional", "torch"})
KERAS = frozenset({"keras", "layers", "tf"})
MOST = 12  # arguments
# Those that stand behind the others here, by name; and, of those by place, what may be left out.
ORDER = (
    "stride padding output_padding dilation groups bias ceil count_include_pad eps momentum affine "
    "size mode"
).split()
BOOLS = frozenset({"bias", "affine", "ceil", "count_include_pad"})
OPTIONAL = {"stride", "slope", "p"}


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
    # What has one value only, before what `UNSAID` says.
    fixed: dict[str, tuple[str, ...]] = field(default_factory=dict)


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
    "prelu": Layer("prelu", "num_parameters init", fixed={"num_parameters": ()}),
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
    "batchnorm": Layer(
        "batchnorm",
        "in_channels eps momentum affine track_running_stats",
        "",
        {},
        _NORM,
        _IN_IS_KNOWN,
    ),
    "instancenorm": Layer(
        "instancenorm",
        "in_channels eps momentum affine track_running_stats",
        "",
        {},
        {**_NORM, "affine": "false"},
        _IN_IS_KNOWN,
        {"momentum": (), "track_running_stats": ("false",)},
    ),
    "groupnorm": Layer(
        "groupnorm", "groups in_channels eps affine", "groups", {}, _NORM, _IN_IS_KNOWN
    ),
    "layernorm": Layer(
        "layernorm",
        "in_channels eps affine bias",
        "",
        {},
        _NORM,
        _IN_IS_KNOWN,
        {"bias": ("true",)},
    ),
    "maxpool": Layer(
        "maxpool", "k stride padding dilation return_indices ceil", "k stride", _PADDED, _POOL
    ),
    "avgpool": Layer(
        "avgpool",
        "k stride padding ceil count_include_pad divisor_override",
        "k stride",
        _PADDED,
        _POOL,
    ),
    "adaptiveavgpool": Layer("adaptive_avgpool", "size", "size"),
    "adaptivemaxpool": Layer("adaptive_maxpool", "size", "size"),
    "dropout": Layer("dropout", "p inplace", "p"),
    "flatten": Layer("flatten", "start_dim end_dim"),
    "identity": Layer("identity"),
    "zeropad": Layer("pad", "padding", "padding"),
    "constantpad": Layer("pad", "padding value", "padding"),
    "upsample": Layer(
        "upsample",
        "size scale mode align_corners",
        "scale size",
        {},
        {"mode": '"nearest"'},
    ),
    "pixelshuffle": Layer("pixel_shuffle", "scale", "scale"),
    "channelshuffle": Layer("channel_shuffle", "groups", "groups"),
}
TORCH["syncbatchnorm"] = TORCH["batchnorm"]
# Functions have the parameters of their modules but for what those hold, and two have others.
FUNCTIONS = {
    **{name: layer for name, layer in TORCH.items() if "in_channels" not in layer.takes},
    "interpolate": TORCH["upsample"],
    "dropout": Layer("dropout", "p training inplace", "p"),
    "pad": Layer("pad", "padding mode value", "padding", fixed={"mode": ('"constant"',)}),
}
# Their parameters are tensors.
WITH_WEIGHTS = frozenset(
    "conv convtranspose linear batchnorm groupnorm layernorm instancenorm prelu".split()
)
ACTIVATION_FUNCTIONS = {fold(name): TORCH[fold(name)] for name in _ACTIVATIONS.split()}
_KERAS_CONV = "channels k stride padding data_format dilation groups activation bias"
KERAS_LAYERS = {
    "conv": Layer("conv", _KERAS_CONV, "k channels", _WITH_BIAS, _CONV_HERE, _WINDOW_FIRST),
    "dense": Layer("linear", "features activation bias", "features", {}, {"bias": "true"}),
    "maxpooling": Layer("maxpool", "k stride padding", "k stride", _PADDED, _POOL),
    "averagepooling": Layer("avgpool", "k stride padding", "k stride", _PADDED, _POOL),
    "batchnormalization": Layer(
        "batchnorm", "axis momentum eps", "", {"eps": "0.001", "momentum": "0.99"}, _NORM
    ),
    "dropout": Layer("dropout", "p", "p"),
    "flatten": Layer("flatten"),
    "upsampling": Layer("upsample", "scale data_format mode", "scale", {}, {"mode": '"nearest"'}),
    "globalaveragepooling": Layer("global_avgpool"),
    "globalmaxpooling": Layer("global_maxpool"),
    "zeropadding": Layer("pad", "padding", "padding"),
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
    "epsilon": "eps", "rate": "p", "interpolation": "mode", "pad": "padding",
    "inputdim": "input_shape", "inputshape": "input_shape", "dataformat": "data_format",
    "aligncorners": "align_corners", "trackrunningstats": "track_running_stats",
    "numparameters": "num_parameters", "divisoroverride": "divisor_override",
    "paddingmode": "padding_mode", "startdim": "start_dim", "returnindices": "return_indices",
}  # fmt: skip
# What need not be said here if it has this value; any, where none is given.
_ONE = ("1", "1.0")
UNSAID: dict[str, tuple[str, ...]] = {
    **dict.fromkeys("in_channels inplace training device dtype input_shape name".split(), ()),
    "dim": ("1",), "start_dim": ("1",), "end_dim": ("-1",), "return_indices": ("false",),
    "alpha": _ONE, "beta": _ONE, "approximate": ('"none"',), "padding_mode": ('"zeros"',),
    "align_corners": ("false", "none"), "track_running_stats": ("true",), "init": ("0.25",),
    "divisor_override": ("none",), "value": ("0", "0.0", "none"), "data_format": (),
    "size": ("none",), "axis": ("1", "-1", "3"), "recompute_scale_factor": ("none", "false"),
    "trainable": ("true",),
}  # fmt: skip
# What may be `None`, as if it were not given.
OR_NONE = frozenset({"stride", "scale", "size", "activation"})
MODES = {"nearest": "nearest", **dict.fromkeys(("linear", "bilinear", "trilinear"), "linear")}
SAID = {
    "padding_mode": "windows are padded with zeros",
    "dim": "it is over the channels, which `dim=-1` is of a flat tensor only",
}
IN_ORDER = "steps follow each other, and each takes what is before it"
