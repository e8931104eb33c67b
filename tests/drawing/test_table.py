"""The stage table in its forms."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from resdsl.analysis.facts import facts
from resdsl.design.network import Network
from resdsl.drawing.tables.numbers import macs, parameters
from resdsl.drawing.tables.table import HEADER, Table

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

stage                   output  layers                      params  MACs  share of params
─────────────────────────────────────────────────────────────────────────────────────────
conv1                    8×H×W  3×3, 8                         216     –            2.5 %
a_b&|1          16×⌈H/2⌉×⌈W/2⌉  [3×3, 16; 3×3, 16] × 2, /2   8.4 k     –           95.6 %
global_avgpool              16  global average pool              0     0            0.0 %
head                        10  fc, 10                         170   160            1.9 %
─────────────────────────────────────────────────────────────────────────────────────────
total                       10  6 layers deep                8.7 k     –          100.0 %
"""


@pytest.fixture
def small(network: Networks) -> Table:
    return Table(facts(network(SMALL)).stages)


def test_text(small: Table) -> None:
    assert str(small) == TEXT.strip("\n")


def test_markdown(small: Table) -> None:
    lines = small.to_markdown().splitlines()
    assert lines[0] == "| " + " | ".join([*HEADER[:-1], "share of params"]) + " |"
    assert lines[3].startswith("| a_b\\&\\|1 | 16×⌈H/2⌉×⌈W/2⌉ | [3×3, 16; 3×3, 16] × 2, /2 |")


def test_latex(small: Table) -> None:
    text = small.to_latex()
    assert r"a\_b\&\textbar{}1" in text
    assert r"16$\times$$\lceil$H/2$\rceil$" in text
    rows = r"\text{3$\times$3, 16} \\ \text{3$\times$3, 16}"
    assert rf"$\begin{{bmatrix}} {rows} \end{{bmatrix}} \times 2$, /2" in text
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
    assert "[3×3, 16; 3×3, 16] × 2, /2" in console.export_text()


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


NAMES = [
    "[x]",
    "*",
    "*a*",
    "_a_",
    "a_b",
    "<b>",
    "`c`",
    "\\d",
    "a|b",
    "a&b",
    "#1",
    "~",
    "$x$",
    "{y}",
]


def named(network: Networks, name: str) -> Table:
    return Table(
        facts(network(f'network n {{ input 3 x 8 x 8 stage "{name}": conv(3, 8) }}\n')).stages
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_as_it_is(network: Networks, name: str) -> None:
    """In LaTeX no row begins with what a line's end would take; in Markdown nothing is a sign."""
    table = named(network, name)
    (row,) = (line for line in table.to_latex().splitlines() if "3$\\times$3" in line)
    assert row[0] not in "[*"
    (cell,) = (line.split(" | ")[0] for line in table.to_markdown().splitlines() if "3×3" in line)
    shown = re.sub(r"\\([\\`*<>\[\]~|&_])", r"\1", cell.removeprefix("| "))
    assert shown == name
    assert not re.search(r"(?<!\\)[*`<\[]", cell)


# --- several outputs ------------------------------------------------------------------------------

HEADS = """network n {
    input 3 x 32 x 32
    conv1: conv(3, 8) norm act
    stage s1 /2: basic(16) x 2 keep k
    residual { m: conv(3, 16) norm } act
    global_avgpool flatten fc: linear(10)
    output logits: here
    join k aux: { global_avgpool flatten linear(4) }
    output aux, s1, main: m, image: in
}
"""


OUTPUTS = [
    ("→ logits", "10", "7 layers deep", "", "", ""),
    ("→ aux", "4", "6 layers deep", "", "", ""),
    ("→ s1", "16×16×16", "5 layers deep", "", "", ""),
    ("→ main", "16×16×16", "in logits, 6 layers deep", "", "", ""),
    ("→ image", "3×32×32", "the input", "", "", ""),
]


def test_outputs_are_rows_below_the_total(network: Networks) -> None:
    shown = Table(facts(network(HEADS)).stages)
    names = [row[0] for row in shown.cells()]
    assert names[:6] == ["conv1", "s1", "logits", "global_avgpool", "aux", "total"]
    assert shown.cells()[5][:3] == ("total", "5 outputs", "7 layers deep")
    assert shown.cells()[6:] == OUTPUTS
    lines = str(shown).splitlines()
    assert lines[-7].startswith("───")
    assert lines[-1].split("  ")[0] == "→ image"


def test_outputs_in_other_forms(network: Networks) -> None:
    shown = Table(facts(network(HEADS)).stages)
    lines = shown.to_latex().splitlines()
    assert lines[-9] == r"\midrule"
    assert lines[-3] == r"$\rightarrow$ image & 3$\times$32$\times$32 & the input &  &  &  \\"
    assert shown.to_markdown().splitlines()[-1] == "| → image | 3×32×32 | the input |  |  |  |"
    assert shown.to_html().count("<tr>") == len(shown.cells()) + 1
    assert len(shown.to_rich().rows) == len(shown.cells())


def test_one_output_is_in_the_total(network: Networks) -> None:
    text = HEADS.split("    output logits")[0] + "    output s1\n}\n"
    shown = Table(facts(network(text)).stages)
    assert [row[:3] for row in shown.cells()][-1] == ("total", "16×16×16", "5 layers deep")
    assert [row[0] for row in shown.cells()] == ["conv1", "s1", "total"]


def test_outputs_end_rows_that_labels_name(network: Networks) -> None:
    """Kept tensors with which heads begin do not divide a network whose layers have labels."""
    text = """network n {
        input 3 x 32 x 32
        c1: conv(3, 8) act c2: conv(3, 8) keep a
        c3: conv(3, 8) fc: { global_avgpool flatten linear(10) }
        output logits: here
        join a head: { conv1: conv(1, 8) global_avgpool flatten conv2: linear(4) } output aux: here
    }
    """
    stages = facts(network(text)).stages
    assert [row.name for row in stages.rows] == ["c1", "c2", "c3", "aux"]
    assert [row.depth for row in stages.rows] == [1, 1, 2, 2]
    assert [(row.name, row.row) for row in stages.outputs] == [("logits", "c3"), ("aux", "aux")]
