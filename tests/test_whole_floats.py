"""The check of emitted texts that others use finds what it is made for."""

from __future__ import annotations

import pytest

from tests.whole_floats import ints_for_floats

HEAD = """
class Unit(nn.Module):
    def __init__(self, width: int, rate: float = 0.0) -> None:
        self.dropout = nn.Dropout(rate)

class Net(nn.Module):
    def __init__(self, n: int, p: float) -> None:
"""


@pytest.mark.parametrize(
    ("statement", "faults"),
    [
        ("self.unit = Unit(3)", []),
        ("self.unit = Unit(3, 1.0)", []),
        ("self.unit = Unit(3, 1)", ["Unit(rate=1)"]),
        ("self.unit = Unit(3, rate=2 * n)", ["Unit(rate=2 * n)"]),
        ("self.unit = Unit(3, n / 2)", []),
        ("self.unit = Unit(3, float(n))", []),
        ("half = n // 2; self.unit = Unit(3, half)", ["Unit(rate=half)"]),
        ("self.norm = nn.BatchNorm2d(8, momentum=1)", ["nn.BatchNorm2d(momentum=1)"]),
        ("self.norm = nn.BatchNorm2d(8, eps=p)", []),
        ("self.drop = nn.Dropout(0)", ["nn.Dropout(p=0)"]),
        ("self.act = nn.LeakyReLU(-1)", ["nn.LeakyReLU(negative_slope=-1)"]),
        ("self.up = nn.Upsample(scale_factor=2)", []),
        ("self.norm = nn.LocalResponseNorm(5, k=2)", ["nn.LocalResponseNorm(k=2)"]),
    ],
)
def test_what_is_an_int(statement: str, faults: list[str]) -> None:
    assert ints_for_floats(f"{HEAD}        {statement}\n") == faults


def test_a_default() -> None:
    text = "def unit(width: int = 1, rate: float = 1) -> nn.Module:\n    return nn.Dropout(rate)\n"
    assert ints_for_floats(text) == ["unit: rate: float = 1"]
