"""What figures and tables call a convolution: by what it does, however it is written."""

from __future__ import annotations

import pytest

from resdsl.extents import Shape, constant
from resdsl.ops.convolution import Conv, Convolution, Depthwise


@pytest.mark.parametrize(
    ("convolution", "label", "row"),
    [
        (Conv(3, 16), "3×3 conv, 16", "3×3, 16"),
        (Conv(3, 16, stride=2, groups=4), "3×3 conv, 16, /2, C=4", "3×3, 16, /2, C=4"),
        (Conv(3, 8, stride=2, groups=8), "3×3 depthwise, /2", "3×3 dw, 8, /2"),
        (Conv(3, 16, dilation=2, groups=8), "3×3 depthwise, 16, d=2", "3×3 dw, 16, d=2"),
        (Depthwise(3, stride=2), "3×3 depthwise, /2", "3×3 dw, 8, /2"),
        (Depthwise(3, multiplier=2), "3×3 depthwise, 16", "3×3 dw, 16"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_convolution_of_each_channel_is_depthwise(
    convolution: Convolution, label: str, row: str
) -> None:
    shape = Shape(8, (constant(32), constant(32)))
    assert convolution.label(shape) == label
    assert convolution.row(shape) == row


def test_one_channel_has_nothing_to_keep_apart() -> None:
    assert Conv(3, 4).row(Shape(1, (constant(32), constant(32)))) == "3×3, 4"
    assert Depthwise(3, multiplier=4).row(Shape(1, (constant(32), constant(32)))) == "3×3, 4"
