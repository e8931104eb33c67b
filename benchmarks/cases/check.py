"""`resdsl check` as a command, against the import of torch and against torchinfo."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.case import Case
from benchmarks.cold import process, with_torchvision

# What torchinfo needs for the same table: the model built, and run once.
TORCHINFO = """
import torchinfo, torchvision
print(torchinfo.summary(torchvision.models.resnet152(), (1, 3, 224, 224), verbose=0))
"""


def cases() -> Iterator[Case]:
    check = process("-m", "resdsl", "check", "specs/resnet152.res")
    yield Case(
        "`resdsl check specs/resnet152.res`, cold, against `import torch`",
        check,
        process("-c", "import torch"),
        most=0.12,
        note="whole processes",
    )
    yield Case(
        "the same against torchinfo on torchvision's ResNet-152",
        check,
        process("-c", with_torchvision(TORCHINFO)),
        most=1 / 12,
        note="whole processes",
    )
