"""Valid sizes against torch itself, at every small size: what others fail at is told before."""

from __future__ import annotations

from types import ModuleType

import pytest

import resdsl
from tests.zoo.families import full

VGG = """network vgg {{
    input 3 x 224 x 224
    for width, depth in [[64, 1], [128, 1], [256, 2], [512, 2], [512, 2]] {{
        for i in range(depth) {{ conv(3, 2) relu }}
        maxpool(2)
    }}
    {pool} flatten linear(8) relu dropout linear(10)
}}
"""
ALEXNET = """network alexnet {
    input 3 x 224 x 224
    conv(11, 4, stride=4, padding=2) relu maxpool(3, stride=2, padding=0)
    conv(5, 4, padding=2) relu maxpool(3, stride=2, padding=0)
    conv(3, 4) relu conv(3, 4) relu conv(3, 4) relu maxpool(3, stride=2, padding=0)
    adaptive_avgpool(6) flatten linear(10)
}
"""
GOOGLENET = """
block inception {
    fork {
        one: conv(1, 2)
        two: { conv(1, 2) conv(3, 2) }
        three: { conv(1, 2) conv(3, 2) }
        four: { maxpool(3, stride=1, padding=1, ceil=true) conv(1, 2) }
    } join concat(one, two, three, four)
}
network googlenet {
    input 3 x 224 x 224
    conv(7, 4, stride=2) norm relu maxpool(3, stride=2, padding=0, ceil=true)
    conv(1, 4) conv(3, 4) maxpool(3, stride=2, padding=0, ceil=true)
    inception inception maxpool(3, stride=2, padding=0, ceil=true)
    inception inception maxpool(2, stride=2, ceil=true)
    inception global_avgpool flatten linear(10)
}
"""
FIXED = VGG.format(pool="")
NARROW = {
    "vgg": FIXED,
    "vgg_adaptive": VGG.format(pool="adaptive_avgpool(7)"),
    "alexnet": ALEXNET,
    "googlenet": GOOGLENET,
}


def runs(module: object, h: int, w: int) -> bool:
    """Whether torch runs a module at a size, on the meta device."""
    import torch

    try:
        module(torch.empty(1, 3, h, w, device="meta"))  # type: ignore[operator]
    except RuntimeError:
        return False
    return True


def skeleton(design: resdsl.Design) -> object:
    import torch

    from resdsl.targets.module import executed
    from resdsl.targets.names import variable

    with torch.device("meta"):
        return getattr(executed(design.source(), design.name), variable(design.name))().eval()


@pytest.mark.parametrize("name", NARROW)
def test_every_square_up_to_300(name: str) -> None:
    """Narrow forms: channels have no part in it."""
    design = resdsl.design(NARROW[name])
    module = skeleton(design)
    wrong = [h for h in range(1, 301) if design.sizes().allows((h, h)) != runs(module, h, h)]
    assert not wrong


@pytest.mark.parametrize("size", [(32, 1568), (1568, 32), (64, 800), (230, 255), (224, 256)])
def test_the_condition_on_products(size: tuple[int, int]) -> None:
    """VGG without an adaptive pool takes whatever has 49 elements left."""
    design = resdsl.design(FIXED)
    assert design.sizes().allows(size) == runs(skeleton(design), *size)


@pytest.mark.parametrize(
    "name",
    [
        *(pytest.param(name, marks=full) for name in ("resnet18", "resnet50", "cifar_resnet20")),
        "resnet18_option_a",
    ],
)
def test_residual_networks(name: str) -> None:
    design = resdsl.design(name)
    module = skeleton(design)
    sizes = [*range(1, 80), 127, 128, 129, 223, 224, 225, 299, 300]
    wrong = [h for h in sizes if design.sizes().allows((h, h)) != runs(module, h, h)]
    assert not wrong


# --- what fails in timm ---------------------------------------------------------------------------

# In timm's resnetaa50 (`aa_layer=nn.AvgPool2d`) a branch is strided by a 2x2 pool that rounds down,
# that of the shortcut rounds up; a pool in the shortcut that does is the same the other way round.
AVERAGED = """network resnetaa {{
    input 3 x {size}
    conv(7, 4, stride=2) norm relu maxpool(3, stride=2)
    {first} {second} {third}
    global_avgpool flatten linear(10)
}}
"""
BRANCH = """residual { conv(1, 4) norm relu conv(3, 4) norm relu avgpool(2) conv(1, 4) norm }
    via { conv(1, 4, stride=2) norm } relu"""
SHORTCUT = """residual { conv(3, 4, stride=2) norm relu conv(3, 4) norm }
    via { avgpool(2) conv(1, 4) norm } relu"""


def broadcasts(design: resdsl.Design, h: int) -> bool:
    """Torch stretches a map that happens to be 1 x 1 at a size; the language does not."""
    pairs = [
        (one.at(h), two.at(h))
        for meeting in design.sizes().meetings
        for one, two in zip(meeting.one.extents, meeting.two.extents, strict=True)
    ]
    return any(one != two and 1 in (one, two) for one, two in pairs)


# Three blocks halve an extent eight times with the stem: every remainder is among the first.
@pytest.mark.parametrize("most", [100, pytest.param(300, marks=full)])
@pytest.mark.parametrize("block", [BRANCH, SHORTCUT], ids=["branch", "shortcut"])
def test_average_pools_that_round_down(block: str, most: int) -> None:
    """Refused for free sizes, with one at which it fails; at numbers, valid where torch runs."""
    parts = {"first": block, "second": block, "third": block}
    free = resdsl.check(AVERAGED.format(size="H x W", **parts))
    assert not free.ok
    helps = [help for one in free.diagnostics for help in one.help]
    assert any("they agree where" in help for help in helps)
    assert any("ceil=true" in help for help in helps)
    design = resdsl.design(AVERAGED.format(size="224 x 224", **parts))
    assert [one.code.id for one in design.diagnostics] == ["W1002"] * 3
    module = skeleton(design)
    sizes = [*range(1, most + 1), 200, 224]
    fine = [h for h in sizes if design.sizes().allows((h, h))]
    torch_s = [h for h in sizes if runs(module, h, h)]
    assert fine == [h for h in torch_s if not broadcasts(design, h)]
    assert 200 not in fine  # where timm's resnetaa50 fails in `forward`
    mended = AVERAGED.format(
        size="H x W",
        **{k: v.replace("avgpool(2)", "avgpool(2, ceil=true)") for k, v in parts.items()},
    )
    assert resdsl.check(mended).ok


def test_timm_s_resnetaa50_fails_where_we_say(timm: ModuleType) -> None:
    import torch

    with torch.device("meta"):
        model = timm.create_model("resnetaa50", pretrained=False).eval()
    parts = {"first": BRANCH, "second": BRANCH, "third": BRANCH}
    # Its stem, too, is an average pool.
    text = AVERAGED.format(size="224 x 224", **parts).replace("maxpool(3, stride=2)", "avgpool(2)")
    sizes = resdsl.design(text).sizes()
    for h in (64, 96, 128, 160, 192, 193, 200, 208, 216, 223, 224, 225, 256, 288):
        assert sizes.allows((h, h)) == runs(model, h, h), h
