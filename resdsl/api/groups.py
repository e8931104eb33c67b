"""The zoo's files in groups, as people look for them."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

# A title, and the names of its files; a file is of the first group that has it.
GROUPS: tuple[tuple[str, str], ...] = (
    (
        "ResNet",
        "plain* resnet18* resnet34* resnet50 resnet50_v1 resnet50_option_c resnet101* "
        "resnet152* resnet200 resnet26 resnet_paddle",
    ),
    ("ResNeXt", "resnext*"),
    ("Wide ResNet", "wide_* wrn*"),
    (
        "Tweaked ResNet",
        "resnet_? resnet_ts resnet_mlp resnetaa* resnetblur ecaresnet sknet resnest res2net cspnet "
        "darknet dpn seres* legacy_se* senet* resnetrs* regnet* repvgg tresnet",
    ),
    ("Pre-activation", "preresnet* resnetv2* bit nfnet"),
    ("CIFAR", "cifar_* fixup"),
    ("Highway", "highway*"),
    ("Inception", "inception_[rv]* xception"),
    ("Before residuals", "lenet* alexnet* vgg* nin googlenet"),
    (
        "Mobile",
        "mobile* squeezenet efficientnet* mixnet mnasnet shufflenet ghostnet repghostnet rexnet "
        "starnet fasternet lcnet tinynet hardcorenas fbnet* convmixer",
    ),
    ("Dense", "densenet* vovnet hgnet selecsls"),
    ("ConvNeXt", "convnext* inception_next"),
    ("Cells, trees and pyramids", "nasnet dla hrnet fpn"),
    ("Tutorials", "mnist_* tensorflow_*"),
    ("Beyond images and plain training", "*"),
)


def grouped(stems: Iterable[str]) -> dict[str, list[str]]:
    """Stems of files by the titles of their groups, in the order of the groups."""
    found: dict[str, list[str]] = {title: [] for title, _ in GROUPS}
    for stem in stems:
        for title, patterns in GROUPS:
            if any(fnmatchcase(stem, pattern) for pattern in patterns.split()):
                found[title].append(stem)
                break
    return {title: members for title, members in found.items() if members}
