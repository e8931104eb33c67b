"""`output_stride`: which strides are taken, what is dilated, and where it ends.

Misuse is in tests/golden/errors/output_stride_*.res; what libraries make is compared in
tests/zoo/test_output_strides.py.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

import resdsl

if TYPE_CHECKING:
    from torch import nn

RESNET = """
network net(most: int = {most}) {{
    input 3 x 64 x 64
    {where}
    conv1: conv(7, 8, stride=2) norm act maxpool(3, stride=2)
    stage layer1:    {block}(8) x 2
    stage layer2 /2: {block}(16) x 3
    stage layer3 /2: {block}(32) x 3
    stage layer4 /2: {block}(64) x 2
}}
"""


SQUARE = "network net {{ input 4 x 32 x 32 output_stride {} {} }}"
TWICE = "conv(3, 8, stride=2) conv(3, 8, stride=2)"


def dilations(module: nn.Module) -> dict[str, int]:
    """The widest of each block, of windows that are wider than an element."""
    from torch import nn

    found: dict[str, int] = {}
    for name, part in module.named_modules():
        if isinstance(part, nn.Conv2d) and part.kernel_size[0] > 1:
            block, dilation = ".".join(name.split(".")[:2]), part.dilation[0]
            assert part.padding == (dilation * (part.kernel_size[0] // 2),) * 2
            found[block] = max(dilation, found.get(block, 1))
    return found


def test_dilations_are_those_of_torchvision() -> None:
    """At 8 the first block of a stage has the dilation of the one before."""
    text = RESNET.format(most=8, where="output_stride most", block="bottleneck")
    assert dilations(resdsl.load(text)) == {
        "conv1": 1,
        "layer1.0": 1, "layer1.1": 1,
        "layer2.0": 1, "layer2.1": 1, "layer2.2": 1,
        "layer3.0": 1, "layer3.1": 2, "layer3.2": 2,
        "layer4.0": 2, "layer4.1": 4,
    }  # fmt: skip


def described(design: resdsl.Design) -> object:
    """All that an output stride changes, and what it leaves."""
    module = resdsl.load(design.to_json(), device="meta")
    tensors = {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()}
    return design.output, design.macs, design.params, tensors, dilations(module)


@pytest.mark.parametrize("block", ["basic", "bottleneck"])
@pytest.mark.parametrize("most", [2, 3, 4, 8, 16, 31])
def test_the_map_is_as_fine_as_is_asked(block: str, most: int) -> None:
    plain = RESNET.format(most=most, where="", block=block)
    bounded = resdsl.design(RESNET.format(most=most, where="output_stride most", block=block))
    fits = max(2**n for n in range(6) if 2**n <= most)
    assert tuple(bounded.output[1:]) == (64 // fits,) * 2
    assert bounded.params == resdsl.design(plain).params
    # In braces and from outside it holds for the whole, whatever the text says.
    other = RESNET.format(most=32, where="output_stride 1", block=block)
    amended = f"{other} network amended = net {{ output_stride {most} }}"
    for one in (
        resdsl.design(plain, output_stride=most),
        resdsl.design(other, output_stride=most),
        resdsl.design(amended, net="amended"),
    ):
        assert described(one) == described(bounded)


def test_it_ends_with_its_braces() -> None:
    """Behind them a dilation is what it says, and strides are taken; a pool ends it by itself."""
    design = resdsl.design("""
        network net {
            input 3 x 64 x 64
            body: {
                output_stride 2
                conv(3, 8, stride=2)
                a: conv(3, 8, stride=2) keep inner
                b: conv(3, 8)
            }
            c: conv(3, 8, dilation=3)
            join here + inner
            d: conv(3, 8, stride=2)
            e: conv(3, 8)
        }
    """)
    assert dilations(resdsl.load(design.to_json())) == {
        "body.conv": 1, "body.a": 1, "body.b": 2, "c": 3, "d": 1, "e": 1,
    }  # fmt: skip
    assert design.output == (8, 16, 16)


def test_a_global_pool_ends_it() -> None:
    text = """
        network net {
            input 3 x 64 x 64
            output_stride 2
            conv(3, 8, stride=2)
            conv(3, 8, stride=2)
            { keep map global_avgpool conv(1, 8) sigmoid join map * here }
            conv(3, 8)
            global_avgpool flatten linear(4)
        }
    """
    assert list(dilations(resdsl.load(text)).values()) == [1, 1, 2]


def test_each_dimension_has_its_own() -> None:
    design = resdsl.design("""
        network net {
            input 1 x 64 x 100
            output_stride 4
            a: conv(3, 8, stride=4x2)
            b: conv(3, 8, stride=1x2)
            c: conv(3x5, 8, stride=2)
            d: conv(3, 8)
        }
    """)
    module = resdsl.load(design.to_json())
    assert [part.stride for part in (module.a, module.b, module.c)] == [(4, 2), (1, 2), (1, 1)]
    assert (module.d.dilation, module.d.padding) == ((2, 2), (2, 2))
    assert design.output == (8, 16, 25)


def test_a_stride_is_meant_as_it_is_written() -> None:
    """A shortcut with `stride` strides as its main does, so that both lose it."""
    text = """
        shortcut wide { conv(3, out.channels, stride=stride) }
        block unit(width: int, stride: size = 1) {
            residual { conv(3, width, stride=stride) norm act conv(3, width) } via wide
        }
        network net {
            input 3 x 32 x 32
            output_stride 2
            unit(8, stride=2) unit(16, stride=2) x 1 unit(16)
        }
    """
    assert resdsl.design(text).output == (16, 16, 16)


def test_what_is_called_again_is_one_module() -> None:
    text = """
        network net {
            input 8 x 32 x 32
            output_stride 1
            conv(3, 8, stride=2)
            unit: basic(8)
            reuse unit x 2
        }
    """
    assert dilations(resdsl.load(text))["unit.conv1"] == 2
    assert resdsl.design(text).output == (8, 32, 32)


@pytest.mark.parametrize("form", ["network n {{ input 3 x 8 x 8 {} }}", "network n = m {{ {} }}"])
def test_a_number_out_of_range(form: str) -> None:
    text = form.format(f"output_stride {10**29}")
    report = resdsl.check(f"{text} network m {{ input 3 x 8 x 8 conv(3, 4) }}")
    assert {found.code.id for found in report.diagnostics} == {"E0104"}


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ("conv(3x3x3, 8, stride=2)", "E0503"),
        ("conv(3, 8, stride=2x2x2)", "E0503"),
        ("conv(3, 8, stride=2) conv(3, 8, dilation=2x2x2)", "E0503"),
        ("subsample(2x2x2)", "E0503"),
        ("conv(3, 8, stride=2) upsample(2x2x2)", "E0503"),
        ("conv(3, 8, groups=7, stride=2)", "E0504"),
        ("conv(3, 8, stride=2) global_avgpool flatten conv(3, 8, stride=2)", "E0503"),
    ],
)
def test_what_does_not_fit_is_told_as_without_it(steps: str, code: str) -> None:
    found = resdsl.check(SQUARE.format(1, steps)).diagnostics
    assert code in [one.code.id for one in found]
    assert "E0406" not in [one.code.id for one in found]


def test_a_million_blocks_cost_what_three_do() -> None:
    text = "network net {{ input 3 x 64 x 64 output_stride 1 stage a /2: basic(8) x {} }}"
    few, many = (resdsl.check(text.format(n)) for n in (3, 1_000_000))
    assert few.definitions == many.definitions
    (design,) = many.designs
    assert [run.count for run in design.network.root.body.steps[0].runs] == [1, 999_999]


@pytest.mark.parametrize(
    ("most", "steps"),
    [
        (2, f"{TWICE} upsample(size=16)"),
        (1, "conv(3, 4, stride=2) upsample(size=20)"),
        (1, "conv(3, 4, stride=2) upsample(like=in)"),
        (1, f"keep a {TWICE} upsample(like=a)"),
        (1, "adaptive_avgpool(10) keep a join in conv(3, 4, stride=2) crop(like=a) join here + a"),
        (2, f"{TWICE} conv_transpose(3, 8, padding=1)"),
        (2, f"{TWICE} conv_transpose(1, 8, stride=2)"),
        (2, f"{TWICE} pixel_shuffle(2)"),
        (2, f"{TWICE} blur_pool(3, 1)"),
        (2, f"{TWICE} flatten linear(3)"),
        (1, 'conv(3, 8, stride=2, padding="same")'),
        (1, 'maxpool(3, stride=2, padding="same")'),
        (1, "maxpool(3, stride=2, padding=0, ceil=true)"),
        (2, "down: conv(3, 4, stride=2) reuse down x 3"),
        (4, "conv(3, 4, stride=2) down: conv(3, 4, stride=2) conv(3, 4) reuse down"),
    ],
)
def test_what_cannot_be_done_is_refused(most: int, steps: str) -> None:
    with pytest.raises(resdsl.SpecError) as refused:
        resdsl.design(SQUARE.format(most, steps))
    errors = [one for one in refused.value.diagnostics if one.severity == "error"]
    assert [one.code.id for one in errors] == ["E0406"]


@pytest.mark.parametrize(
    ("most", "steps", "output"),
    [
        (8, "flatten relu dropout(0.5) linear(10)", (10,)),
        (1, 'conv(1, 8, stride=2, padding="same") conv(3, 8, padding="same")', (8, 32, 32)),
        (4, "down: conv(3, 4, stride=2) reuse down", (4, 8, 8)),
        (2, f"{TWICE} adaptive_avgpool(4) conv(3, 4)", (4, 4, 4)),
        (2, f"{TWICE} keep a global_avgpool upsample(like=a) join here + a", (8, 16, 16)),
        (1, "subsample(2) conv(3, 8)", (8, 32, 32)),
        (1, "blur_pool(3, 2)", (4, 32, 32)),
    ],
)
def test_what_can_be_done(most: int, steps: str, output: tuple[int, ...]) -> None:
    assert resdsl.design(SQUARE.format(most, steps)).output == output


def test_a_block_for_a_whole_map_and_for_a_pooled_one() -> None:
    """In any order: strides of what a pool has made are taken."""
    block = "block b { conv(3, 8, stride=2) norm }"
    for steps in (
        "adaptive_avgpool(8) b keep pooled join i b keep whole",
        "b keep whole join i adaptive_avgpool(8) b keep pooled",
    ):
        text = SQUARE.format(1, f"keep i {steps} join whole output pooled, whole")
        outputs = resdsl.design(f"{block} {text}").outputs
        assert outputs == {"pooled": (8, 4, 4), "whole": (8, 32, 32)}


def test_extents_that_differ_for_it_are_told_with_it() -> None:
    steps = "fork { a: conv(3, 4, stride=4) b: { conv(3, 4, stride=2) conv(3, 4, stride=2) } }"
    with pytest.raises(resdsl.SpecError, match="strides beyond the output stride are not taken"):
        resdsl.design(SQUARE.format(2, f"{steps} join a + b"))


# --- every n-th element is the one that it was ----------------------------------------------------


def local_network(seed: int) -> tuple[str, int]:
    """A network in which each element is made of those around it alone, by odd windows, and how
    many elements of the input there are for one of its result."""
    made = random.Random(seed)
    whole = 2

    def window(width: int, stride: int) -> str:
        k = made.choice([1, 3, 3, 5])
        more = made.choice(["", ", dilation=2"]) if k > 1 else ""
        how = made.choice(["conv", "conv", "grouped", "depthwise", "pool"])
        if how == "depthwise":
            return f"depthwise({k}, stride={stride}{more}) conv(1, {width})"
        if how == "pool":
            return f"conv(1, {width}) maxpool(3, stride={stride}, padding={made.choice([0, 1])})"
        groups = ", groups=2" if how == "grouped" else ""
        padding = made.choice(["", "", f", padding={made.randrange(k)}"])
        return f"conv({k}, {width}, stride={stride}{more}{groups}{padding})"

    steps = ["conv(3, 4, stride=2)", "norm act"]
    for _ in range(made.randrange(2, 5)):
        width, stride = made.choice([4, 8]), made.choice([1, 2, 2])
        copies = 1
        match made.randrange(4):
            case 0:
                copies = made.randrange(1, 3)
                steps.append(f"basic({width}, stride={stride}) x {copies}")
            case 1:
                steps.append(f"bottleneck({width}) /{stride} x {made.randrange(1, 4)}")
            case 2:
                steps.append(
                    f"{{ fork {{ a: conv(3, {width}, stride={stride}) b: conv(5, {width}, "
                    f"stride={stride}) }} join a * 0.5 + b }}"
                )
            case _:
                steps.append(f"{window(width, stride)} norm act")
        whole *= stride**copies
    lines = "\n    ".join(steps)
    return f"network net {{\n    input 2 x H x W\n    {lines}\n}}\n", whole


@pytest.mark.parametrize("some", range(4))
def test_every_nth_element_is_what_it_was(some: int) -> None:
    """In eval, where each is made of those around it alone: no stride is left out of account."""
    import torch

    compared = 0
    for seed in range(some, 120, 4):
        text, whole = local_network(seed)
        if whole > 16:
            continue  # nothing would be left of the picture
        plain = resdsl.load(text, seed=0).double().eval()
        for most in (2, 4):
            try:
                bounded = resdsl.load(text, output_stride=most).double().eval()
            except resdsl.SpecError as error:
                errors = [one for one in error.diagnostics if one.severity == "error"]
                assert {found.code.id for found in errors} == {"E0406"}, text
                continue
            bounded.load_state_dict(plain.state_dict())
            x = torch.randn(1, 2, 97, 102, dtype=torch.float64)
            with torch.no_grad():
                coarse, fine = plain(x), bounded(x)
            apart = whole // min(whole, most)
            taken = fine[..., ::apart, ::apart]
            assert taken.shape == coarse.shape, text
            torch.testing.assert_close(taken, coarse, msg=text)
            compared += apart > 1
    assert compared > 10


def test_the_text_is_as_a_person_would_write_it() -> None:
    """One number is window and dilation, and is called as what it is."""
    source = resdsl.design("resnet50", output_stride=8).source()
    assert "padding=conv2_dilation,\n            dilation=conv2_dilation," in source
    assert "*(Bottleneck(1024, 256, 1, 2) for _ in range(5))" in source
