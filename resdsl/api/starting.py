"""The texts that `resdsl new` writes."""

from __future__ import annotations

from pathlib import Path

from resdsl.api import zoo
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.exception import SpecError
from resdsl.language.spec import open_spec
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parser import parse

_FIRST = """\
## A small residual network for images of 32x32, to start from.
network {name}(classes: int = 10) {{
    input 3 x 32 x 32

    conv1: conv(3, 16)
    bn1: norm
    relu: act

    stage layer1:    unit(16) x 3
    stage layer2 /2: unit(32) x 3
    stage layer3 /2: unit(64) x 3

    avgpool: global_avgpool
    flatten
    fc: linear(classes)

    # What must hold, whatever is changed above; `resdsl check` verifies it.
    expect depth == 20
    expect shape(layer3) == 64x8x8
}}

## Two 3x3 convolutions beside a shortcut, which is a projection where the shape changes.
block unit(width: int, stride: size = 1) {{
    residual {{
        conv1: conv(3, width, stride=stride)
        bn1: norm
        act
        conv2: conv(3, width)
        bn2: norm
    }} via downsample: projection
    act
}}
"""


def copies(path: Path) -> dict[Path, str]:
    """What is to stand at `path` and beside it: the zoo's spec of that name and what it imports
    from files, else a first spec that checks.

    Raises SpecError where no network can have the name.
    """
    entry = zoo.find(path.stem)
    if entry is not None:
        return _copied(entry.path, path)
    text = _FIRST.format(name=path.stem)
    sink = Sink()
    open_spec(Source(path.name, text), None, sink)
    if sink.errors:
        raise SpecError(sink.diagnostics)
    return {path: text}


def _copied(origin: Path, target: Path) -> dict[Path, str]:
    """A file, and by their paths from it the files that it imports."""
    found: dict[Path, str] = {}
    pending = [(origin, target)]
    while pending:
        here, there = pending.pop()
        if there in found:
            continue
        text = here.read_text(encoding="utf-8")
        found[there] = text
        file = parse(Source(here.name, text), Sink())
        for item in file.items if file is not None else ():
            if isinstance(item, tree.Import) and item.path is not None:
                pending.append((here.parent / item.path, there.parent / item.path))
    return found
