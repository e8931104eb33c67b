"""torchvision's names, where they are not ours: of its RegNets, and of DenseNets before 0.4."""

from __future__ import annotations

from resdsl.weights.dialects.table import dialect

TORCHVISION = (
    dialect(
        "torchvision before 0.4",
        "`norm.1` is `norm1`",
        ".norm.1.",
        "densenet",
        [(r"\.(norm|relu|conv)\.([12])\.", r".\1\2.")],
    ),
    dialect(
        "torchvision",
        "`trunk_output.block1.block1-0` is `layer1.0`, `f.a.0` is `conv1`",
        ".trunk_output.",
        "regnet",
        [
            (r"^trunk_output\.block(\d)\.block\d-(\d+)\.", r"layer\1.\2."),
            (r"\.f\.a\.0\.", ".conv1."),
            (r"\.f\.a\.1\.", ".bn1."),
            (r"\.f\.b\.0\.", ".conv2."),
            (r"\.f\.b\.1\.", ".bn2."),
            (r"\.f\.c\.0\.", ".conv3."),
            (r"\.f\.c\.1\.", ".bn3."),
            (r"\.f\.se\.", ".se."),
            (r"\.proj\.", ".downsample."),
        ],
    ),
)
