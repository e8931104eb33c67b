"""torchvision beside a build of torch that it was not made for. Shared with benchmarks/.

torchvision's wheels on PyPI are built against the CUDA build of torch. Beside a CPU-only torch of
the same version its library of C++ operators does not load, which it passes over, and then `import
torchvision` dies as it registers a shape rule for `nms`. The tests need its networks alone, and
these use neither operator: a declaration is enough. A detector in the docs uses `nms`, for which a
slow kernel stands here. Where torchvision works, and where it fails for another reason, nothing is
touched.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_MISSING = "operator torchvision::nms does not exist"
_keep: list[Any] = []  # torch drops the definitions of a Library with the object


@cache
def are_missing() -> bool:
    """Whether importing torchvision fails here for want of its C++ operators.

    Asked of a child process: an import that fails half-way leaves torch with registrations that
    cannot be made twice, so that no second try in this process could succeed.
    """
    child = subprocess.run(
        [sys.executable, "-c", "import torchvision"], capture_output=True, text=True, check=False
    )
    return child.returncode != 0 and _MISSING in child.stderr


def declare() -> None:
    """Declare `nms` and `qnms`. Only where they are missing: they cannot be declared twice."""
    import torch

    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.impl("nms", _suppressed, "CPU")
    _keep.append(library)
    # A detector asks for the library as a whole; `roi_align` has a form in Python, which
    # torchvision would compile.
    from importlib import import_module

    import_module("torchvision.ops.boxes")._assert_has_ops = lambda: None
    align = import_module("torchvision.ops.roi_align")
    align._roi_align = align._roi_align.__wrapped__


def _suppressed(boxes: torch.Tensor, scores: torch.Tensor, most: float) -> torch.Tensor:
    """Non-maximum suppression: the boxes of falling scores that overlap none before them by more
    than `most`, as torchvision.ops.nms says."""
    import torch
    from torchvision.ops import box_iou

    order = scores.argsort(descending=True, stable=True).tolist()
    overlap = box_iou(boxes, boxes) > most
    kept: list[int] = []
    for place in order:
        if not any(overlap[place, other] for other in kept):
            kept.append(place)
    return torch.tensor(kept, dtype=torch.int64)
