"""Pictures: `resdsl draw` against torchview, both as SVG by the same renderer; figures among
themselves."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.case import Case
from benchmarks.cold import process, with_torchvision

# torchview's own `render` looks for a `dot` on the PATH; where there is only graphviz-pure, which
# takes the same arguments, it would find none.
TORCHVIEW = """
import subprocess, sys, torchview, torchvision
from resdsl.drawing.render import find_renderer
graph = torchview.draw_graph(
    torchvision.models.resnet152(), input_size=(1, 3, 224, 224), device="meta", expand_nested=True
)
with open(sys.argv[1], "wb") as file:
    dot = graph.visual_graph.source.encode()
    subprocess.run([find_renderer().path, "-Tsvg"], input=dot, stdout=file, check=True)
"""


DEEP = """network deep {
    input 3 x 224 x 224
    conv1: conv(7, 64, stride=2) norm act maxpool(3, stride=2)
    stage layer1: bottleneck(64) x 10000
    global_avgpool flatten linear(1000)
}
"""
# One figure takes some milliseconds.
FIGURES = 5


def drawn(spec: str, blocks: tuple[str, ...] = ()) -> Callable[[], float]:
    """Seconds for a figure's DOT."""

    def sample() -> float:
        import resdsl
        from resdsl.drawing.views import Wanted, picture

        known = resdsl.design(spec).facts
        start = time.perf_counter()
        for _ in range(FIGURES):
            picture(known, Wanted(blocks=blocks)).dot()
        return (time.perf_counter() - start) / FIGURES

    return sample


def cases() -> Iterator[Case]:
    folder = Path(tempfile.mkdtemp(prefix="resdsl-benchmarks-"))
    yield Case(
        "`resdsl draw specs/resnet152.res`, cold, against torchview",
        process("-m", "resdsl", "draw", "specs/resnet152.res", "-o", str(folder / "ours.svg")),
        process("-c", with_torchvision(TORCHVIEW), str(folder / "theirs.svg")),
        most=1 / 12,
        note="whole processes, to SVG; torchview draws every layer, resdsl the overview",
    )
    yield Case(
        "figure of a bottleneck against the overview, both of resnet152",
        drawn("resnet152", ("layer3.1",)),
        drawn("resnet152"),
        most=1.0,
        note="in one process, from the design to the DOT text",
    )
    yield Case(
        "overview of 10,000 blocks in a row against that of resnet152",
        drawn(DEEP),
        drawn("resnet152"),
        most=2.0,
        note="the same; equal blocks are one box",
    )
