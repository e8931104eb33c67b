"""The ResNets of detectron2 and of OpenMMLab's mmpretrain (mmcls, mmdet, mmseg name them alike)."""

from __future__ import annotations

from resdsl.weights.dialects.table import dialect

# What neither has a name for is in its configuration: where the stride is.
_RESNETS = (
    "resnet18 resnet34 resnet50 resnet101 resnet152 resnet50_v1 resnet101_v1 resnet152_v1 resnext "
    "resnext50_32x4d resnext101_32x8d wide_resnet50_2 resnet50_gn resnet50_groupnorm resnet26"
)
_HEAD = [(r"^backbone\.", ""), (r"^head\.fc\.", "fc.")]

DETECTION = (
    dialect(
        "detectron2",
        "`res2` is `layer1`, `conv1.norm` is `bn1`",
        ".res2.0.",
        _RESNETS,
        [
            (r"^stem\.", ""),
            *[(rf"^res{i + 1}\.", f"layer{i}.") for i in range(1, 5)],
            (r"(^|\.)conv(\d)\.norm\.", r"\1bn\2."),
            (r"\.shortcut\.norm\.", ".downsample.1."),
            (r"\.shortcut\.(?=weight|bias)", ".downsample.0."),
            (r"^linear\.", "fc."),
        ],
    ),
    dialect(
        "mmpretrain",
        "`backbone` and `head` are left out",
        ".head.fc.",
        _RESNETS,
        _HEAD,
    ),
    dialect(
        "mmpretrain",
        "`se_layer` is `tail`",
        ".se_layer.",
        "seresnet seresnext",
        [*_HEAD, (r"\.se_layer\.conv(\d)\.conv\.", r".tail.fc\1.")],
    ),
    dialect(
        "mmpretrain",
        "`stem.0.conv` is `conv1.0`",
        ".stem.0.conv.",
        "resnet_c resnet_d resnet_s",
        [
            *_HEAD,
            (r"^stem\.2\.bn\.", "bn1."),
            *[(rf"^stem\.{i}\.conv\.", f"conv1.{3 * i}.") for i in range(3)],
            *[(rf"^stem\.{i}\.bn\.", f"conv1.{3 * i + 1}.") for i in range(2)],
        ],
    ),
    dialect(
        "mmpretrain",
        "`stem.0.conv` is `conv1.0`, `layer1.0.downsample` without an identity",
        ".stem.0.conv.",
        "resnet_d",
        [
            *_HEAD,
            (r"^stem\.2\.bn\.", "bn1."),
            *[(rf"^stem\.{i}\.conv\.", f"conv1.{3 * i}.") for i in range(3)],
            *[(rf"^stem\.{i}\.bn\.", f"conv1.{3 * i + 1}.") for i in range(2)],
            (r"^layer1\.0\.downsample\.1\.", "layer1.0.downsample.2."),
            (r"^layer1\.0\.downsample\.0\.", "layer1.0.downsample.1."),
        ],
    ),
)
