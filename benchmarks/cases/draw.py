"""A picture: `resdsl draw` against torchview, both as SVG by the same renderer."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
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


def cases() -> Iterator[Case]:
    folder = Path(tempfile.mkdtemp(prefix="resdsl-benchmarks-"))
    yield Case(
        "`resdsl draw specs/resnet152.res`, cold, against torchview",
        process("-m", "resdsl", "draw", "specs/resnet152.res", "-o", str(folder / "ours.svg")),
        process("-c", with_torchvision(TORCHVIEW), str(folder / "theirs.svg")),
        most=1 / 8,
        note="whole processes, to SVG; torchview draws every layer, resdsl the overview",
    )
