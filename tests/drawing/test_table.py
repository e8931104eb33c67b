"""The stage table in its forms."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from resdsl.analysis.facts import facts
from resdsl.design.model import Network
from resdsl.drawing.numbers import macs, parameters
from resdsl.drawing.table import HEADER, Table

Networks = Callable[..., Network]

SMALL = """network n {
    input 3 x H x W
    conv1: conv(3, 8)
    stage "a_b&|1" /2: basic(16) x 2
    global_avgpool flatten fc: linear(10)
}
"""


TEXT = """
n at 3×H×W

stage                   output  layers                  params  MACs  share of params
─────────────────────────────────────────────────────────────────────────────────────
conv1                    8×H×W  3×3, 8                     216     –            2.5 %
a_b&|1          16×⌈H/2⌉×⌈W/2⌉  [3×3, 16; 3×3, 16] × 2   8.4 k     –           95.6 %
global_avgpool              16  global average pool          0     0            0.0 %
head                        10  fc, 10                     170   160            1.9 %
─────────────────────────────────────────────────────────────────────────────────────
total                       10  6 layers deep            8.7 k     –          100.0 %
"""


@pytest.fixture
def small(network: Networks) -> Table:
    return Table(facts(network(SMALL)).stages)


def test_text(small: Table) -> None:
    assert str(small) == TEXT.strip("\n")


def test_markdown(small: Table) -> None:
    lines = small.to_markdown().splitlines()
    assert lines[0] == "| " + " | ".join([*HEADER[:-1], "share of params"]) + " |"
    assert lines[3].startswith("| a_b&\\|1 | 16×⌈H/2⌉×⌈W/2⌉ | [3×3, 16; 3×3, 16] × 2 |")


def test_latex(small: Table) -> None:
    text = small.to_latex()
    assert r"a\_b\&|1" in text
    assert r"16$\times$$\lceil$H/2$\rceil$" in text
    assert (
        r"$\begin{bmatrix} \text{3$\times$3, 16} \\ \text{3$\times$3, 16} \end{bmatrix} \times 2$"
        in text
    )
    assert text.count(r"\\") - 1 == len(small.cells()) + 1


def test_html(small: Table) -> None:
    text = small.to_html()
    assert "<td>a_b&amp;|1</td>" in text
    assert text.count("<tr>") == len(small.cells()) + 1


def test_rich(small: Table) -> None:
    from io import StringIO

    from rich.console import Console

    console = Console(width=120, record=True, file=StringIO())
    console.print(small.to_rich())
    assert "[3×3, 16; 3×3, 16] × 2" in console.export_text()


@pytest.mark.parametrize(
    ("n", "as_params", "as_macs"),
    [
        (0, "0", "0"),
        (640, "640", "640"),
        (9_536, "9.5 k", "9.5 k"),
        (215_808, "0.22 M", "0.22 M"),
        (25_557_032, "25.56 M", "25.56 M"),
        (138_357_544, "138.36 M", "0.14 G"),
        (4_089_184_256, "4.09 G", "4.09 G"),
    ],
)
def test_numbers(n: int, as_params: str, as_macs: str) -> None:
    assert (parameters(n), macs(n)) == (as_params, as_macs)
