"""Modules in containers: keys, order and values beside modules written by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import resdsl

if TYPE_CHECKING:
    import torch
    from torch import nn

GOLDENS = Path(__file__).parent.parent / "golden" / "emitted"

RES2NET = """
## Gao et al. 2019, "Res2Net", 1904.01169: slices of the channels, each added to the next.
block bottle2neck(width: int, stride: size = 1, w: int = 8) {
    let first = stride != 1 or in.channels != 4 * width
    residual {
        conv1: conv(1, 4 * w) bn1: norm act
        keep all
        for i in range(3) {
            join all
            slice_channels(i * w, (i + 1) * w)
            if i > 0 and not first { join here + sp[i - 1] }
            "convs."[i]: conv(3, w, stride=stride)
            "bns."[i]: norm
            act
            keep sp[i]
        }
        join all
        slice_channels(3 * w, 4 * w)
        if first { pool: avgpool(3, stride=stride) }
        join concat(sp0, sp1, sp2, here)
        conv3: conv(1, 4 * width) bn3: norm
    } via downsample: projection
    act
}
network res2net_stage {
    input 24 x H x W
    stage layer2 /2: bottle2neck(6) x 3
}
"""


def like_timm() -> nn.Module:
    """A stage of timm's Res2Net, written anew with its names and its order of calls."""
    import torch
    from torch import nn

    class Bottle2neck(nn.Module):
        def __init__(self, inside: int, width: int, stride: int, w: int = 8) -> None:
            super().__init__()
            self.is_first = stride > 1 or inside != 4 * width
            self.w = w
            self.conv1 = nn.Conv2d(inside, 4 * w, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(4 * w)
            convs, bns = [], []
            for _ in range(3):
                convs.append(nn.Conv2d(w, w, 3, stride, 1, bias=False))
                bns.append(nn.BatchNorm2d(w))
            self.convs, self.bns = nn.ModuleList(convs), nn.ModuleList(bns)
            self.pool = nn.AvgPool2d(3, stride, 1) if self.is_first else nn.Identity()
            self.conv3 = nn.Conv2d(4 * w, 4 * width, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(4 * width)
            self.relu = nn.ReLU(inplace=True)
            self.downsample: nn.Module | None = None
            if self.is_first:
                self.downsample = nn.Sequential(
                    nn.Conv2d(inside, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width)
                )

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            parts = torch.split(self.relu(self.bn1(self.conv1(x))), self.w, 1)
            made: list[torch.Tensor] = []
            part = parts[0]
            for i, (conv, bn) in enumerate(zip(self.convs, self.bns, strict=True)):
                part = parts[i] if i == 0 or self.is_first else part + parts[i]
                part = self.relu(bn(conv(part)))
                made.append(part)
            made.append(self.pool(parts[3]))
            out = self.bn3(self.conv3(torch.cat(made, 1)))
            out += x if self.downsample is None else self.downsample(x)
            return self.relu(out)

    return nn.Sequential(Bottle2neck(24, 6, 2), Bottle2neck(24, 6, 1), Bottle2neck(24, 6, 1))


def calibrated(module: nn.Module, x: torch.Tensor) -> None:
    """Norms with weights of their own, and statistics of what comes through."""
    import torch
    from torch import nn

    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.normal_(norm.bias)
    with torch.no_grad():
        module.train()(x)


@pytest.mark.parametrize("training", [False, True])
def test_res2net_as_timm_has_it(training: bool) -> None:
    import torch

    torch.manual_seed(0)
    reference, x = like_timm(), torch.randn(2, 24, 12, 12)
    calibrated(reference, x)
    state = {f"layer2.{key}": value for key, value in reference.state_dict().items()}
    module = resdsl.load(RES2NET)
    assert list(module.state_dict()) == list(state)
    module.load_state_dict(state)
    with torch.no_grad():
        expected = reference.train(training)(x)
        assert torch.equal(module.train(training)(x), expected)


def test_text(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / "res2net_stage.py", resdsl.design(RES2NET).source())


def keys(text: str) -> list[str]:
    """The keys of a network: as the design says, and as its module has them."""
    from resdsl.design.state import state

    found = list(resdsl.load(text).state_dict())
    assert [entry.key for entry in state(resdsl.design(text).network)] == found
    return found


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        # A container stands where its first member stands.
        (
            '"a.0": conv(1, 4) b: conv(1, 4) "a.1": conv(1, 4)',
            ["a.0", "a.1", "b"],
        ),
        # Numbers come in their order, all else in that of the text.
        ('"a.1": conv(1, 4) "a.0": conv(1, 4)', ["a.0", "a.1"]),
        ('"a.10": conv(1, 4) "a.9": conv(1, 4)', ["a.9", "a.10"]),
        ('"a.z": conv(1, 4) "a.b": conv(1, 4)', ["a.z", "a.b"]),
        ('"a.1": conv(1, 4) "a.x": conv(1, 4) "a.0": conv(1, 4)', ["a.1", "a.x", "a.0"]),
        ('"a.1": conv(1, 4) "a.01": conv(1, 4)', ["a.1", "a.01"]),
        # In containers.
        (
            '"a.1.x": conv(1, 4) b: conv(1, 4) "a.0": conv(1, 4) "a.1.y": conv(1, 4)',
            ["a.0", "a.1.x", "a.1.y", "b"],
        ),
        # A word makes way for a container.
        ('"conv.0": conv(1, 4) conv(1, 4)', ["conv.0", "conv_1"]),
        # What is no attribute, and what is repeated.
        ('"0.x y": conv(1, 4) "0.1": conv(1, 4) x 2', ["0.x y", "0.1.0", "0.1.1"]),
        ('for i in range(2) { "b."[i]: { "c."[i]: conv(1, 4) } }', ["b.0.c.0", "b.1.c.1"]),
        # Mains, shortcuts and branches are of the body around.
        (
            'residual { "m.0": conv(1, 4) } via "m.1": { conv(1, 4) act } "m.2": conv(1, 4)',
            ["m.0", "m.1.0", "m.2"],
        ),
    ],
)
def test_order_of_keys(steps: str, wanted: list[str]) -> None:
    found = keys(f"network net {{ input 4 x 8 x 8 {steps} }}")
    assert [key.removesuffix(".weight") for key in found] == wanted


def test_groups_of_one_container_are_one_class() -> None:
    steps = "".join(f'"b.{i}": {{ keep a conv(1, 4) join here + a }} ' for i in range(3))
    source = resdsl.design(f"network net {{ input 4 x 8 x 8 {steps} }}").source()
    assert source.count("class ") == 2
    assert "self.b = nn.ModuleList(B() for _ in range(3))" in source


def test_a_member_that_some_have_is_a_class_of_its_own() -> None:
    """A container has no place for a module that is not there."""
    text = """
    block unit(width: int) {
        residual { "c.0": conv(3, width) } via "c.1": projection
        act
    }
    network net { input 4 x 8 x 8 unit(4) unit(8) unit(8) unit(4) }
    """
    assert "None =" not in resdsl.design(text).source()
    assert keys(text)[:3] == ["unit.c.0.weight", "unit_1.c.0.weight", "unit_1.c.1.0.weight"]


def test_paths_and_taps() -> None:
    text = """
    network net {
        input 4 x 8 x 8
        "layers.0": conv(3, 6) "layers.1": { conv(3, 8) act } x 2
        expect shape("layers.0") == 6x8x8
        output "layers.0", last: here
    }
    """
    design = resdsl.design(text)
    assert design.network.outputs == ("layers.0", "last")
    assert "layers.0" in str(design.table())
    again = resdsl.design(design.to_json())
    assert again.to_json() == design.to_json()
    assert again.source() == design.source()


def test_what_is_cut_leaves_the_keys() -> None:
    text = 'network net { input 4 x 8 x 8 keep a "c.0": conv(1, 4) join a "c.1": conv(1, 5) }'
    assert keys(text) == ["c.0.weight", "c.1.weight"]
    module = resdsl.load(text.replace("}", "output last: here }"))
    assert list(module.state_dict()) == ["c.1.weight"]
