"""Did you mean."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resdsl.diagnostics.aliases import fold, ours
from resdsl.diagnostics.suggest import did_you_mean, distance, suggest

OPERATORS = """
conv conv_transpose depthwise linear maxpool avgpool global_avgpool global_maxpool adaptive_avgpool
adaptive_maxpool batchnorm groupnorm layernorm instancenorm local_response_norm norm act relu relu6
leaky_relu prelu elu gelu silu mish sigmoid tanh softplus hardswish hardsigmoid softmax log_softmax
dropout drop_path flatten subsample pad_channels pad upsample slice_channels channel_shuffle
pixel_shuffle scale layer_scale layer_shift identity crop unflatten blur_pool channel_conv
channel_mean channel_max evonorm filter_response_norm global_response_norm
""".split()
LIBRARY = """
basic bottleneck conv_norm_act none zero_pad projection projection_always avg_projection
conv_projection max_pool_pad when_same separable inverted_residual squeeze_excite
""".split()
CONV = "k channels stride padding dilation groups bias init bias_init".split()
BOTTLENECK = """
width stride expansion cardinality base_width stride_at dilation tail drop_rate scale_init shortcut
""".split()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("bn", "batchnorm"),
        ("bn1", "batchnorm"),
        ("batch_norm", "batchnorm"),
        ("BatchNorm2d", "batchnorm"),
        ("BatchNormalization", "batchnorm"),
        ("SyncBatchNorm", "batchnorm"),
        ("gn", "groupnorm"),
        ("EvoNorm2dS0", "evonorm"),
        ("BlurPool2d", "blur_pool"),
        ("GlobalResponseNorm", "global_response_norm"),
        ("FilterResponseNormTlu2d", "filter_response_norm"),
        ("StdConv2d", "conv"),
        ("ln", "layernorm"),
        ("lrn", "local_response_norm"),
        ("norm_layer", "norm"),
        ("act_layer", "act"),
        ("fc", "linear"),
        ("dense", "linear"),
        ("Linear", "linear"),
        ("InnerProduct", "linear"),
        ("conv2d", "conv"),
        ("Conv2d", "conv"),
        ("Conv3D", "conv"),
        ("convolution", "conv"),
        ("Conv2DTranspose", "conv_transpose"),
        ("deconv", "conv_transpose"),
        ("DepthwiseConv2D", "depthwise"),
        ("avg_pool", "avgpool"),
        ("AveragePooling2D", "avgpool"),
        ("max_pool", "maxpool"),
        ("MaxPool2d", "maxpool"),
        ("gap", "global_avgpool"),
        ("GlobalAveragePooling2D", "global_avgpool"),
        ("ReLU", "relu"),
        ("LeakyReLU", "leaky_relu"),
        ("swish", "silu"),
        ("h_swish", "hardswish"),
        ("drop_path_rate", "drop_path"),
        ("stochastic_depth", "drop_path"),
        ("DropPath", "drop_path"),
        ("view", "flatten"),
        ("UpSampling2D", "upsample"),
        ("interpolate", "upsample"),
        ("unsqueeze", "unflatten"),
        ("Cropping2D", "crop"),
        ("layer_bias", "layer_shift"),
        ("se", "squeeze_excite"),
        ("SELayer", "squeeze_excite"),
        ("BasicBlock", "basic"),
        ("ConvBNReLU", "conv_norm_act"),
        ("mbconv", "inverted_residual"),
        ("option_a", "zero_pad"),
        ("option_b", "projection"),
        ("botleneck", "bottleneck"),
        ("bottelneck", "bottleneck"),
        ("nrom", "norm"),
        ("sigmod", "sigmoid"),
        ("separable_conv", "separable"),
        ("global_avg", "global_avgpool"),
    ],
)
def test_an_unknown_operator_or_block(written: str, meant: str) -> None:
    assert suggest(written, [*OPERATORS, *LIBRARY]) == [meant]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("filters", "channels"),
        ("out_channels", "channels"),
        ("planes", "channels"),
        ("kernel", "k"),
        ("kernel_size", "k"),
        ("strides", "stride"),
        ("dilation_rate", "dilation"),
        ("num_group", "groups"),
        ("use_bias", "bias"),
        ("pad", "padding"),
        ("kernel_initializer", "init"),
        ("dilaton", "dilation"),
        ("bais", "bias"),
        ("fliters", "channels"),
    ],
)
def test_an_unknown_argument_of_conv(written: str, meant: str) -> None:
    assert suggest(written, CONV) == [meant]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("planes", "width"),
        ("filters", "width"),
        ("groups", "cardinality"),
        ("width_per_group", "base_width"),
        ("expand_ratio", "expansion"),
        ("skip", "shortcut"),
        ("downsample", "shortcut"),
        ("drop_path", "drop_rate"),
        ("attn_layer", "tail"),
    ],
)
def test_an_unknown_argument_of_bottleneck(written: str, meant: str) -> None:
    assert suggest(written, BOTTLENECK) == [meant]


def test_an_unknown_parameter_of_a_network() -> None:
    assert suggest("num_classes", ["block", "layers", "classes"]) == ["classes"]


def test_several_names_fit() -> None:
    assert did_you_mean("pool", OPERATORS) == "did you mean `maxpool` or `avgpool`?"
    assert did_you_mean("stage", ["stage1", "stage2", "stage3", "stage4"]) == (
        "did you mean `stage1`, `stage2` or `stage3`?"
    )


def test_one_name_fits() -> None:
    assert did_you_mean("bn", OPERATORS) == "did you mean `batchnorm`?"


@pytest.mark.parametrize("written", ["", "x", "zzz", "k", "in", "q" * 65, "日本語"])
def test_nothing_fits(written: str) -> None:
    assert suggest(written, [*OPERATORS, "n", "kk"]) == []
    assert did_you_mean(written, []) is None


def test_an_alias_is_offered_among_the_candidates_alone() -> None:
    assert suggest("bn", ["conv", "linear"]) == []


def test_the_name_itself_is_not_offered() -> None:
    assert suggest("conv", ["conv"]) == []


def test_the_order_of_the_candidates_does_not_matter() -> None:
    assert suggest("stage", ["stage2", "stage1"]) == suggest("stage", ["stage1", "stage2"])


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("conv", "conv", 0),
        ("cnov", "conv", 1),
        ("con", "conv", 1),
        ("convv", "conv", 1),
        ("conf", "conv", 1),
        ("ca", "abc", 3),
        ("kitten", "sitting", 3),
    ],
)
def test_distance(one: str, other: str, slips: int) -> None:
    assert distance(one, other, 9) == distance(other, one, 9) == slips
    assert distance(one, other, slips) == slips
    if slips:
        assert distance(one, other, slips - 1) > slips - 1


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 7))
def test_distance_is_that_of_the_definition(one: str, other: str, most: int) -> None:
    assert min(distance(one, other, most), most + 1) == min(by_definition(one, other), most + 1)


@cache
def by_definition(one: str, other: str) -> int:
    if not one or not other:
        return len(one) + len(other)
    found = [
        by_definition(one[1:], other) + 1,
        by_definition(one, other[1:]) + 1,
        by_definition(one[1:], other[1:]) + (one[0] != other[0]),
    ]
    if len(one) > 1 and one[:2] == other[1::-1]:
        found.append(by_definition(one[2:], other[2:]) + 1)
    return min(found)


def test_the_first_of_very_many_candidates_are_compared() -> None:
    many = [f"width{n}" for n in range(3_000)]
    assert suggest("cnov", ["conv", *many]) == ["conv"]
    assert suggest("cnov", [*many, "conv"]) == []


def test_the_alias_table_is_folded() -> None:
    """An entry that is not could never be found."""
    assert [alias for alias in ours() if fold(alias) != alias] == []


def test_the_alias_table_names_nothing_twice() -> None:
    assert [alias for alias, names in ours().items() if len(set(names)) < len(names)] == []
