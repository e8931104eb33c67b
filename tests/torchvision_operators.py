"""torchvision beside a build of torch that it was not made for. Shared with benchmarks/.

torchvision's wheels on PyPI are built against the CUDA build of torch. Beside a CPU-only torch of
the same version its library of C++ operators does not load, which it passes over, and then `import
torchvision` dies as it registers a shape rule for `nms`. The tests need its networks alone, and
these use neither operator: a declaration without a kernel is enough. Where torchvision works, and
where it fails for another reason, nothing is touched.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from typing import Any

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
    _keep.append(library)
