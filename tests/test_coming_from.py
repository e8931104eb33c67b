"""docs/coming-from.md: what it says of torch, timm and torchvision, asked of them."""

from __future__ import annotations

import re
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import resdsl
from tests.documents import ROOT, blocks

if TYPE_CHECKING:
    from torch import nn

TEXT = (ROOT / "docs" / "coming-from.md").read_text(encoding="utf-8")
LISTINGS = {
    name: block.text
    for block in blocks(TEXT)
    if block.language == "res"
    for name in re.findall(r"^network (\w+)", block.text, re.MULTILINE)
}


def rows(title: str) -> dict[str, str]:
    """The rows of a section's first table: what is written there, and here."""
    section = TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (.+?) \| (.+?) \|$", section, re.MULTILINE)[1:]
    return dict(cells)


def scrambled(module: nn.Module) -> nn.Module:
    """Norms that tell all channels apart, and weights that neither vanish nor explode."""
    import torch
    from torch import nn

    generator = torch.Generator().manual_seed(0)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d | nn.GroupNorm):
            part.weight.data.uniform_(0.5, 1.5, generator=generator)
            part.bias.data.normal_(generator=generator)
        if isinstance(part, nn.BatchNorm2d):
            assert part.running_mean is not None and part.running_var is not None
            part.running_mean.normal_(generator=generator)
            part.running_var.uniform_(0.5, 2, generator=generator)
    return module.eval()


def assert_equal(ours: nn.Module, theirs: nn.Module, channels: int = 3) -> None:
    """The same tensors in the same order, and with them the same output to the bit."""
    import torch

    weights = scrambled(theirs).state_dict().values()
    ours.load_state_dict(dict(zip(ours.state_dict(), weights, strict=True)))
    x = torch.randn(1, channels, 65, 97, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(ours.eval()(x), theirs(x))


# --- a line each ---------------------------------------------------------------------------------

# What torch's modules are, as a network of the language would have them.
MODULES = {
    "nn.Conv2d(64, 128, 3, stride=2, padding=1, bias=False)": "conv(3, 128, stride=2)",
    "nn.Conv2d(64, 64, 3, padding=1, groups=64, bias=False)": "depthwise(3)",
    "nn.Conv2d(64, 8, 1, bias=True)": "conv(1, 8, bias=true)",
    "nn.BatchNorm2d(64)": "norm",
    "nn.ReLU(inplace=True)": "relu1: act norm",
    "nn.AdaptiveAvgPool2d(1)": "pool: global_avgpool",
    "nn.Sequential(nn.Tanh(), nn.SiLU())": "body: { tanh silu }",
    "nn.Sequential(*[nn.Tanh() for _ in range(3)])": "tanh x 3",
}


@pytest.mark.parametrize(("theirs", "ours"), MODULES.items())
def test_modules(theirs: str, ours: str) -> None:
    from torch import nn

    body = f"conv(1, 64) {ours}" if "relu" in ours else ours
    loaded = resdsl.load(f"network n {{\n input 64 x 8 x 8 {body} }}\n", device="meta")
    wanted = repr(eval(theirs, {"nn": nn}))
    assert wanted in [repr(part) for part in loaded.modules()]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even:UserWarning")
@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 6])
def test_same_padding(k: int, dilation: int) -> None:
    """`auto` is torch's "same" where `dilation * (k - 1)` is even, a `pad` is elsewhere."""
    import torch
    from torch import nn

    more = dilation * (k - 1)
    call = f"conv({k}, 4, dilation={dilation}"
    step = (
        f"{call})" if more % 2 == 0 else f"pad({more // 2}, {more - more // 2}) {call}, padding=0)"
    )
    theirs = nn.Conv2d(3, 4, k, dilation=dilation, padding="same", bias=False)
    x = torch.randn(2, 3, 19, 24)
    assert theirs(x).shape == (2, 4, 19, 24)
    for body in (step, f'{call}, padding="same")'):
        ours = resdsl.load(f"network n {{\n input 3 x 19 x 24 {body}\n}}\n")
        ours.load_state_dict({"conv.weight": theirs.weight.detach()})
        torch.testing.assert_close(ours(x), theirs(x))


def test_same_is_what_the_table_shows() -> None:
    (row,) = (row for words, row in rows("The words").items() if "same" in words)
    assert '`conv(4, 64, padding="same")`' in row
    spec = 'network n { input 3 x 8 x 8\n conv(4, 64, padding="same") }\n'
    assert not resdsl.check(spec).diagnostics


# --- timm's arguments ----------------------------------------------------------------------------

ARGUMENTS: dict[str, dict[str, Any]] = {
    "num_classes=10": {"num_classes": 10},
    "in_chans=1": {"in_chans": 1},
    "cardinality=32, base_width=4": {"cardinality": 32, "base_width": 4},
    "drop_path_rate=0.1": {"drop_path_rate": 0.1},
    "norm_layer=GroupNorm": {"norm_layer": "groupnorm"},
    "act_layer=nn.SiLU": {"act_layer": "silu"},
    'block_args=dict(attn_layer="se")': {"block_args": {"attn_layer": "se"}},
}
SHORT = """from std.attention import squeeze_excite
network short(classes: int = 1000) {{
    input 3 x 64 x 64
    {set}
    conv1: conv(7, 64, stride=2) bn1: norm relu: act maxpool: maxpool(3, stride=2)
    stage layer1:    bottleneck(64{argument}) x 2
    stage layer2 /2: bottleneck(128{argument}) x 1
    stage layer3 /2: bottleneck(256{argument}) x 1
    stage layer4 /2: bottleneck(512{argument}) x 1
    avgpool: global_avgpool flatten fc: linear(classes)
}}
"""


def test_every_argument_is_here() -> None:
    listed = {cell.strip("`") for cell in rows("From timm")}
    # Blurs are compared by their networks (tests/zoo/test_oracles.py).
    # `test_output_stride`.
    others = {"output_stride=16", "pretrained=True", "num_classes=0", "aa_layer=BlurPool2d"}
    assert listed == {*ARGUMENTS, *others}


@pytest.mark.parametrize("theirs", ARGUMENTS)
def test_arguments_of_timm(theirs: str, timm: ModuleType) -> None:
    """What the table says, in a short network."""
    ours = re.findall(r"`(.*?)`", rows("From timm")[f"`{theirs}`"])[0]
    options: dict[str, Any] = {}
    set, argument = "", ""
    match re.split(r"[ (]", ours)[0]:
        case "classes=10":
            options["classes"] = 10
        case "in_channels=1":
            options["in_channels"] = 1
        case "set":
            set = ours
        case _:
            argument = ours.removeprefix("bottleneck(64").removesuffix(")")
    made = resdsl.load(SHORT.format(set=set, argument=argument), **options)
    resnet = timm.models.resnet
    wanted = resnet.ResNet(resnet.Bottleneck, (2, 1, 1, 1), **ARGUMENTS[theirs])
    assert_equal(made, wanted, channels=ARGUMENTS[theirs].get("in_chans", 3))
    # The first of ours drops nothing, and has the step; timm's has none.
    found = [part.p for part in made.modules() if type(part).__name__ == "DropPath" and part.p]
    rates = [part.drop_prob for part in wanted.modules() if type(part).__name__ == "DropPath"]
    assert found == pytest.approx(rates)


def test_squeeze_and_excitation_in_basic_blocks(timm: ModuleType) -> None:
    """timm rounds the width of a gate to a multiple of 8."""
    assert "`squeeze_excite(multiple=8)`" in TEXT
    text = SHORT.replace("bottleneck", "basic").format(
        set="", argument=", tail=squeeze_excite(multiple=8)"
    )
    resnet = timm.models.resnet
    options = {"block_args": {"attn_layer": "se"}}
    assert_equal(resdsl.load(text), resnet.ResNet(resnet.BasicBlock, (2, 1, 1, 1), **options))


def test_the_network_of_it_all(timm: ModuleType) -> None:
    options = {"norm_layer": "groupnorm", "block_args": {"attn_layer": "se"}}
    theirs = timm.create_model("resnet50", **options)
    assert_equal(resdsl.load(LISTINGS["gn_se_resnet50"]), theirs)


# --- the output stride ---------------------------------------------------------------------------


@pytest.mark.parametrize("stride", [8, 16])
def test_output_stride(stride: int, timm: ModuleType, torchvision: ModuleType) -> None:
    ours = resdsl.load("resnet50", output_stride=stride)
    assert_equal(ours, timm.create_model("resnet50", output_stride=stride))
    dilated = [False, stride == 8, True]
    theirs = torchvision.models.resnet50(replace_stride_with_dilation=dilated)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert_equal(ours, theirs)


# --- features ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["resnet18", "densenet121"])
def test_features_are_torchvision_s(name: str, torchvision: ModuleType) -> None:
    """What the extractor finds in both, by one name."""
    import torch
    from torchvision.models.feature_extraction import create_feature_extractor

    theirs = scrambled(getattr(torchvision.models, name)())
    ours = resdsl.load(name).eval()
    ours.load_state_dict(theirs.state_dict())
    inside = "features.denseblock3" if name == "densenet121" else "layer3"
    x = torch.randn(1, 3, 65, 97, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found, wanted = (
            create_feature_extractor(net, {inside: "inside"})(x)["inside"] for net in (ours, theirs)
        )
    assert torch.equal(found, wanted)


def test_a_module_that_is_called_twice() -> None:
    import torch

    (listing,) = (b.text for b in blocks(TEXT) if b.text.startswith("class Siamese"))
    space: dict[str, Any] = {"torch": torch}
    exec(compile(listing, "coming-from.md", "exec"), space)
    theirs = scrambled(space["Siamese"]())
    ours = resdsl.load(LISTINGS["siamese"]).eval()
    ours.load_state_dict(theirs.state_dict())
    one, other = torch.randn(2, 3, 105, 105), torch.randn(2, 3, 105, 105)
    with torch.no_grad():
        assert torch.equal(ours(torch.cat([one, other], 1)), theirs(one, other))
