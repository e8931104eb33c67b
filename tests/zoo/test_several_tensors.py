"""Networks whose blocks take and give several tensors: cells, trees, pyramids, two streams.

timm's and torchvision's where they have them, else modules that are written here after the papers.
"""

from __future__ import annotations

import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import resdsl
from tests.zoo.beside import compared
from tests.zoo.families import every, full
from tests.zoo.norms import calibrate, disturb

SPECS = Path(__file__).parent / "specs"
BOTH = pytest.mark.parametrize("training", [False, True])


def beside(
    spec: str | Path,
    theirs: nn.Module,
    x: Tensor,
    *,
    training: bool,
    net: str | None = None,
    **settings: object,
) -> None:
    """Our network with the weights of theirs, whose norms are as after training."""
    disturb(theirs)
    calibrate(theirs, x)
    ours = resdsl.load(spec, net=net, weights=theirs.state_dict(), dtype=x.dtype, **settings)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    compared(ours, theirs, x, training=training)


def picture(*size: int, channels: int = 3) -> Tensor:
    return torch.randn(2, channels, *size, generator=torch.Generator().manual_seed(1))


# --- timm's --------------------------------------------------------------------------------------

IN_TIMM = [
    *("dla34", "dla46_c", "dla46x_c", "dla60", "dla60x", "dla60x_c"),
    *("dla102", "dla102x", "dla102x2", "dla169"),
    *("hrnet_w18_small", "hrnet_w18_small_v2", "hrnet_w18", "hrnet_w30", "hrnet_w32"),
    *("hrnet_w40", "hrnet_w44", "hrnet_w48", "hrnet_w64"),
    *("nasnetalarge", "pnasnet5large"),
]
QUICK = {"dla34", "hrnet_w18_small", "pnasnet5large"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else [full]) for name in IN_TIMM]
)
def test_keys_shapes_and_macs_are_timm_s(name: str, timm: ModuleType) -> None:
    design = resdsl.design(name)
    with torch.device("meta"):
        theirs = timm.create_model(name).eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            theirs(torch.empty(1, *map(int, design.input)))
    assert design.macs == counter.get_total_flops() / 2
    ours = {
        key: value.shape for key, value in resdsl.load(name, device="meta").state_dict().items()
    }
    assert list(ours.items()) == [(key, value.shape) for key, value in theirs.state_dict().items()]


@pytest.mark.parametrize(
    "name",
    [
        "dla34",
        "hrnet_w18_small",
        *(pytest.param(name, marks=full) for name in ("dla46x_c", "dla102", "dla169", "hrnet_w18")),
    ],
)
@BOTH
def test_dla_and_hrnet(name: str, training: bool, timm: ModuleType) -> None:
    torch.manual_seed(0)
    beside(name, timm.create_model(name), picture(64, 96), training=training)


@pytest.mark.parametrize("size", every(2, [(75, 139), (64, 97), (21, 110)]))
@BOTH
def test_a_small_nasnet(training: bool, size: tuple[int, int], timm: ModuleType) -> None:
    """Its reductions see maps of even and odd extents."""
    torch.manual_seed(0)
    theirs = timm.models.nasnet.NASNetALarge(num_classes=10, stem_size=16, num_features=192)
    small = {"width": 8, "stem": 16, "classes": 10}
    beside("nasnet", theirs, picture(*size), training=training, **small)


@pytest.mark.full
@pytest.mark.parametrize("name", ["nasnetalarge", "pnasnet5large"])
@BOTH
def test_large_cells(name: str, training: bool, timm: ModuleType) -> None:
    torch.manual_seed(0)
    beside(name, timm.create_model(name), picture(75, 106), training=training)


# --- torchvision's -------------------------------------------------------------------------------


@BOTH
def test_feature_pyramid(training: bool, torchvision: ModuleType) -> None:
    """With norms that learn. The extents are halved to odd and to even ones."""
    torch.manual_seed(0)
    theirs = torchvision.models.detection.backbone_utils.resnet_fpn_backbone(
        backbone_name="resnet50",
        weights=None,
        norm_layer=nn.BatchNorm2d,
        trainable_layers=5,
    )
    beside("resnet50_fpn", theirs, picture(64, 107), training=training)


class Siamese(nn.Module):
    """https://github.com/pytorch/examples/blob/main/siamese_network/main.py, of a pair."""

    def __init__(self, resnet: nn.Module) -> None:
        super().__init__()
        resnet.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
        self.resnet = nn.Sequential(*list(resnet.children())[:-1])
        self.fc = nn.Sequential(nn.Linear(1024, 256), nn.ReLU(), nn.Linear(256, 1))

    def forward_once(self, x: Tensor) -> Tensor:
        return self.resnet(x).flatten(1)

    def forward(self, pair: Tensor) -> Tensor:
        both = [self.forward_once(pair[:, :1]), self.forward_once(pair[:, 1:])]
        return self.fc(torch.cat(both, 1)).sigmoid()


@BOTH
def test_siamese_resnet(training: bool, torchvision: ModuleType) -> None:
    """Its norms count both calls."""
    torch.manual_seed(0)
    theirs = Siamese(torchvision.models.resnet18())
    x = picture(28, 28, channels=2)
    beside(SPECS / "siamese.res", theirs, x, training=training, net="siamese_resnet18")


# --- written after the papers --------------------------------------------------------------------


class Koch(nn.Module):
    """Koch, Zemel, Salakhutdinov 2015, Fig. 4."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(1, 64, 10),
                relu1=nn.ReLU(),
                pool1=nn.MaxPool2d(2),
                conv2=nn.Conv2d(64, 128, 7),
                relu2=nn.ReLU(),
                pool2=nn.MaxPool2d(2),
                conv3=nn.Conv2d(128, 128, 4),
                relu3=nn.ReLU(),
                pool3=nn.MaxPool2d(2),
                conv4=nn.Conv2d(128, 256, 4),
                relu4=nn.ReLU(),
                flatten=nn.Flatten(),
                fc=nn.Linear(9216, 4096),
                sigmoid=nn.Sigmoid(),
            )
        )
        self.fc = nn.Linear(4096, 1)

    def forward(self, pair: Tensor) -> Tensor:
        apart = (self.encoder(pair[:, :1]) - self.encoder(pair[:, 1:])).abs()
        return self.fc(apart).sigmoid()


@BOTH
def test_siamese_letters(training: bool) -> None:
    torch.manual_seed(0)
    x = picture(105, 105, channels=2)
    beside(SPECS / "siamese.res", Koch(), x, training=training, net="koch")


class Generalized(nn.Module):
    """Targ, Almeida, Lyman 2016, 1603.08029, equations 1 and 2."""

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        for name in ("rr", "rt", "tr", "tt"):
            setattr(self, name, nn.Conv2d(in_channels, width, 3, stride, 1, bias=False))
        self.bn_t = nn.BatchNorm2d(width)
        self.shortcut = (
            nn.Identity()
            if in_channels == width
            else nn.Conv2d(in_channels, width, 1, stride, bias=False)
        )
        self.bn_r = nn.BatchNorm2d(width)

    def forward(self, r: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        residual = self.bn_r(self.shortcut(r) + self.rr(r) + self.tr(t)).relu()
        return residual, self.bn_t(self.tt(t) + self.rt(r)).relu()


class ResNetInResNet(nn.Module):
    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.blocks = nn.ModuleList()
        for stage in range(3):
            for place in range(depth):
                stride = 2 if stage and not place else 1
                self.blocks.append(
                    Generalized(2**stage * width // stride, 2**stage * width, stride)
                )
        self.fc = nn.Linear(8 * width, 10)

    def forward(self, x: Tensor) -> Tensor:
        r = t = self.bn(self.conv(x)).relu()
        for block in self.blocks:
            r, t = block(r, t)
        return self.fc(torch.cat([r, t], 1).mean((2, 3)))


@BOTH
def test_resnet_in_resnet(training: bool) -> None:
    torch.manual_seed(0)
    beside(
        SPECS / "rir.res",
        ResNetInResNet(8, 2),
        picture(32, 32),
        training=training,
        width=8,
        depth=2,
    )


class Unit(nn.Module):
    """A pre-activation bottleneck; norm and activation are shared where the width changes."""

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.downsample = nn.Sequential()
        if in_channels != 4 * width:
            self.downsample.conv = nn.Conv2d(in_channels, 4 * width, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        main = self.norm1(x).relu()
        shortcut = self.downsample(main if len(self.downsample) else x)
        main = self.norm2(self.conv1(main)).relu()
        return self.conv3(self.norm3(self.conv2(main)).relu()) + shortcut


class Hourglass(nn.Module):
    """Wang et al. 2017, 1704.06904, Fig. 3: one level after the other, not inside each other."""

    def __init__(self, width: int, levels: int, shared: bool) -> None:
        super().__init__()
        self.down = Unit(4 * width, width)
        if levels > 1:
            self.skip = Unit(4 * width, width)
            self.inner = Hourglass(width, levels - 1, shared)
        if not shared:
            self.up = Unit(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        levels = [self]
        while hasattr(levels[-1], "inner"):
            levels.append(levels[-1].inner)
        sizes, sides = [x.shape[2:]], []
        for level in levels:
            x = level.down(nn.functional.max_pool2d(x, 3, 2, 1))
            if level is not levels[-1]:
                sides.append(level.skip(x))
                sizes.append(x.shape[2:])
        for level in reversed(levels):
            if level is not levels[-1]:
                x = x + sides.pop()
            x = (level.up if hasattr(level, "up") else level.down)(x)
            x = nn.functional.interpolate(x, sizes.pop(), mode="bilinear")
        return x


class Attention(nn.Module):
    def __init__(self, width: int, levels: int, shared: bool) -> None:
        super().__init__()
        self.first = Unit(4 * width, width)
        self.trunk = nn.Sequential(Unit(4 * width, width), Unit(4 * width, width))
        self.mask = nn.Sequential(
            OrderedDict(
                hourglass=Hourglass(width, levels, shared),
                bn1=nn.BatchNorm2d(4 * width),
                relu1=nn.ReLU(),
                conv1=nn.Conv2d(4 * width, 4 * width, 1, bias=False),
                bn2=nn.BatchNorm2d(4 * width),
                relu2=nn.ReLU(),
                conv2=nn.Conv2d(4 * width, 4 * width, 1, bias=False),
                sigmoid=nn.Sigmoid(),
            )
        )
        self.last = Unit(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        return self.last((1 + self.mask(x)) * self.trunk(x))


class Attention56(nn.Module):
    """1704.06904, Table 2."""

    def __init__(self, width: int, shared: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        entering = width
        for i in range(4):
            here = width * 2**i
            units = [Unit(entering, here, 1 + (i > 0))]
            units += [Unit(4 * here, here) for _ in range(2) if i == 3]
            setattr(self, f"layer{i + 1}", nn.Sequential(*units))
            if i < 3:
                setattr(self, f"attention{i + 1}", Attention(here, 3 - i, shared))
            entering = 4 * here
        self.bn2 = nn.BatchNorm2d(entering)
        self.fc = nn.Linear(entering, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.max_pool2d(self.bn1(self.conv1(x)).relu(), 3, 2, 1)
        for name in ("layer1", "attention1", "layer2", "attention2", "layer3", "attention3"):
            x = getattr(self, name)(x)
        x = self.bn2(self.layer4(x)).relu()
        return self.fc(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1))


@pytest.mark.parametrize("shared", [False, True])
@BOTH
def test_residual_attention(shared: bool, training: bool) -> None:
    """In double: in single precision rounding makes 3e-4 of the gradient of the first norm."""
    torch.manual_seed(0)
    beside(
        SPECS / "residual_attention.res",
        Attention56(8, shared).double(),
        picture(96, 139).double(),
        training=training,
        net="attention56",
        width=8,
        shared=shared,
    )


# --- MTCNN ---------------------------------------------------------------------------------------


class Cascaded(nn.Module):
    """A network of MTCNN: layers in a row, and heads on the last of them."""

    def __init__(self, trunk: dict[str, nn.Module], heads: dict[str, dict[str, nn.Module]]) -> None:
        super().__init__()
        self.trunk, self.heads = list(trunk), {name: list(head) for name, head in heads.items()}
        for layers in (trunk, *heads.values()):
            for name, module in layers.items():
                self.add_module(name, module)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self._through(self.trunk, x)
        outs = {name: self._through(head, x) for name, head in self.heads.items()}
        return {name: outs[name] for name in ("boxes", "points", "probs") if name in outs}

    def _through(self, names: list[str], x: Tensor) -> Tensor:
        for name in names:
            x = getattr(self, name)(x)
        return x


def test_cascade() -> None:
    """Zhang et al. 2016, 1604.02878, Fig. 2: R-Net, with the keys of facenet-pytorch."""
    torch.manual_seed(0)
    trunk = {
        "conv1": nn.Conv2d(3, 28, 3),
        "prelu1": nn.PReLU(28),
        "pool1": nn.MaxPool2d(3, 2, ceil_mode=True),
        "conv2": nn.Conv2d(28, 48, 3),
        "prelu2": nn.PReLU(48),
        "pool2": nn.MaxPool2d(3, 2, ceil_mode=True),
        "conv3": nn.Conv2d(48, 64, 2),
        "prelu3": nn.PReLU(64),
        "flatten": nn.Flatten(),
        "dense4": nn.Linear(576, 128),
        "prelu4": nn.PReLU(128),
    }
    probs = {"dense5_1": nn.Linear(128, 2), "softmax5_1": nn.Softmax(1)}
    theirs = Cascaded(trunk, {"probs": probs, "boxes": {"dense5_2": nn.Linear(128, 4)}})
    for slopes in (
        module.weight.data for module in theirs.modules() if isinstance(module, nn.PReLU)
    ):
        slopes.uniform_(-0.5, 0.5)
    beside("mtcnn_rnet", theirs, picture(24, 24), training=True)


@pytest.fixture(scope="session")
def facenet(tmp_path_factory: pytest.TempPathFactory, torchvision: ModuleType) -> Path:
    """facenet-pytorch, which pins an old torch, with its weights; scikit-image for a picture."""
    target = tmp_path_factory.mktemp("facenet")
    packages = ["facenet-pytorch==2.6.0", "scikit-image==0.26.0"]
    # What its other networks import.
    packages += ["requests", "urllib3", "idna", "certifi", "charset-normalizer"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*command, str(target), *packages], check=True)
    return target


@pytest.mark.full
@pytest.mark.parametrize("letter", ["p", "r", "o"])
def test_published_cascade(letter: str, facenet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a face that R- and O-Net are sure of."""
    import numpy as np
    from PIL import Image

    monkeypatch.syspath_prepend(facenet)
    import facenet_pytorch

    path = facenet / "facenet_pytorch" / "data" / f"{letter}net.pt"
    weights = torch.load(path, weights_only=True)
    theirs = getattr(facenet_pytorch, f"{letter.upper()}Net")(pretrained=False).eval()
    theirs.load_state_dict(weights)
    # It flattens columns first.
    for name, weight in weights.items():
        if name in ("dense4.weight", "dense5.weight"):
            weights[name] = weight.unflatten(1, (3, 3, -1)).permute(0, 3, 2, 1).flatten(1)
    ours = resdsl.load(f"mtcnn_{letter}net", weights=weights).eval()
    assert list(ours.state_dict()) == list(theirs.state_dict())

    astronaut = Image.open(facenet / "skimage" / "data" / "astronaut.png").convert("RGB")
    faces = [astronaut.crop((180 + by, 60, 280 + by, 160)) for by in (0, 15, 60)]
    sizes = {"p": [(64, 64), (101, 77), (200, 173)], "r": [(24, 24)], "o": [(48, 48)]}
    for size in sizes[letter]:
        pictures = [each.resize(size) for each in ([astronaut] if letter == "p" else faces)]
        pixels = torch.stack([torch.from_numpy(np.array(each)).movedim(2, 0) for each in pictures])
        x = (pixels - 127.5) / 128
        with torch.no_grad():
            made, expected = ours(x), theirs(x)
        for one, other in zip(made.values(), expected, strict=True):
            if letter == "p":
                assert torch.equal(one, other)
            else:
                # The first linear layer adds up in another order.
                assert torch.allclose(one, other, rtol=0, atol=1e-6)
        if letter != "p":
            assert made["probs"][0, 1] > 0.9
