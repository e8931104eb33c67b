"""The front end by itself: a check again in the same process, and of a very long text."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.case import Case
from benchmarks.cold import process

CHECKS = 20
LINES = 7_000

# A block and a network, as a person would write them: 35 lines, of which there are 200 copies.
PART = """
## Two convolutions and a gate, number {n}.
block unit_{n}(width: int, stride: size = 1, rate: float = 0.0) {{
    keep before
    residual {{
        conv1: conv(3, width, stride=stride)
        bn1: norm
        relu1: act
        fork {{
            wide: {{ conv(3, width) norm }}
            narrow: {{ conv(1, width) norm }}
        }} join wide + narrow
        conv2: conv(3, width)
        bn2: norm(scale_init=0)
    }} via projection
    relu2: act
    if rate > 0 {{ dropout(rate) }}
}}

network net_{n}(classes: int = {classes}, depths: list[int] = [2, 2, 3, 2]) {{
    input 3 x 64 x 64
    let widths = [16, 32, 64, 128]

    stem: conv(3, 16)
    bn: norm
    relu: act
    for i in range(4) {{
        stage layer[i] /2: unit_{n}(widths[i]) x depths[i]
    }}
    pool: global_avgpool
    flatten
    fc: linear(classes)

    expect output == classes
    expect shape(layer0) == 16x32x32
}}
"""


def again() -> float:
    import resdsl

    start = time.perf_counter()
    for _ in range(CHECKS):
        assert resdsl.check("specs/resnet152.res").ok
    return (time.perf_counter() - start) / CHECKS


FREE = """
network free {
    input 3 x H x W
    expect H % 32 == 0 and W % 32 == 0
    conv1: conv(7, 64, stride=2) norm act maxpool(3, stride=2)
    stage layer1:    bottleneck(64)  x 3
    stage layer2 /2: bottleneck(128) x 8
    stage layer3 /2: bottleneck(256) x 36
    keep deep
    stage layer4 /2: bottleneck(512) x 3
    upsample(2) join concat(here, deep)
    global_avgpool flatten linear(1000)
}
"""


def free() -> float:
    import resdsl

    start = time.perf_counter()
    for _ in range(CHECKS):
        (design,) = resdsl.check(FREE).designs
        assert design.sizes().text()
    return (time.perf_counter() - start) / CHECKS


def spec(text: str, name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="resdsl-"))
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def library() -> tuple[str, int, int]:
    """A text of blocks, every twentieth with a network that uses it; how many of both."""
    block, network = PART.split("\nnetwork", 1)
    parts: list[str] = []
    blocks = networks = 0
    while sum(part.count("\n") for part in parts) < LINES:
        parts.append(block.format(n=blocks))
        if blocks % 20 == 0:
            parts.append("network" + network.format(n=blocks, classes=10 + blocks))
            networks += 1
        blocks += 1
    return "".join(parts), blocks, networks


def cases() -> Iterator[Case]:
    count = LINES // PART.count("\n")
    text = "".join(PART.format(n=n, classes=n + 10) for n in range(count))
    blocks_text, blocks, networks = library()
    yield Case(
        "`resdsl.check` of specs/resnet152.res again, in one process",
        again,
        None,
        most=0.005,
        note="read, parsed, elaborated and its contracts verified each time; std is parsed once, "
        "and its blocks are elaborated once",
    )
    yield Case(
        "`resdsl check specs`: the whole zoo, cold",
        process("-m", "resdsl", "check", "specs"),
        None,
        most=10,
        note="some 250 networks in one process, their contracts verified",
    )
    yield Case(
        f"`resdsl check` of {LINES:,} lines with {blocks} blocks and {networks} networks, cold",
        process("-m", "resdsl", "check", str(spec(blocks_text, "blocks.res"))),
        None,
        most=1.5,
        note="a whole process, everything in the text looked at",
    )
    yield Case(
        f"`resdsl check` of {LINES:,} lines with {count} networks, cold",
        process("-m", "resdsl", "check", str(spec(text, "long.res"))),
        None,
        most=1.5,
        note="a whole process, everything in the text elaborated",
    )
    yield Case(
        "check of a network of that size with a free input, again, against one at 224 x 224",
        free,
        again,
        most=2.0,
        note="a join that is proved under the declared condition, and valid sizes, included",
    )
    yield Case(
        "`resdsl check` of it, cold, against `resdsl check specs/resnet152.res`",
        process("-m", "resdsl", "check", str(spec(FREE, "free.res"))),
        process("-m", "resdsl", "check", "specs/resnet152.res"),
        most=1.2,
        note="whole processes",
    )
