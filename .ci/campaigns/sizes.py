"""Every network of the zoo at every square from 1 to 300, against torch.

    python .ci/campaigns/sizes.py [--names resnet50 alexnet]

Valid sizes must be those at which the compiled module runs on the meta device, and its output's
shape the design's. A network of more than 400 layers is tried to 64. The last line is the sum; exit
status 1 if something differed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import resdsl
from resdsl.api import zoo

LARGEST, DEEP, LARGEST_OF_DEEP = 300, 400, 64


def look(name: str) -> tuple[str, int, list[str]]:
    """How many sizes were tried, and what differed."""
    import torch

    from resdsl.targets.module import executed
    from resdsl.targets.names import variable

    torch.set_num_threads(1)
    design = resdsl.design(name)
    with torch.device("meta"):
        module = getattr(executed(design.source(), design.name), variable(design.name))().eval()
    sizes, wrong = design.sizes(), []
    largest = LARGEST_OF_DEEP if design.depth > DEEP else LARGEST
    channels, rank = design.input[0], len(design.input) - 1
    for h in range(1, largest + 1):
        extents = (h,) * rank
        try:
            made = tuple(module(torch.empty(1, channels, *extents, device="meta")).shape[1:])
        except (RuntimeError, ValueError):
            made = None
        ours = None
        if sizes.allows(extents):
            output = design.at(*extents).output
            ours = None if output is None else tuple(int(n) for n in output)
        if made != ours:
            wrong.append(f"{name} at {h}: torch {made}, resdsl {ours}")
    return name, largest, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--names", nargs="*", default=sorted(zoo.entries()))
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    started = time.monotonic()
    tried = differ = 0
    with multiprocessing.get_context("spawn").Pool(arguments.jobs) as pool:
        for _, count, wrong in pool.imap_unordered(look, arguments.names):
            tried += count
            differ += len(wrong)
            print(*wrong[:5], sep="\n", end="\n" if wrong else "", flush=True)
    print(
        f"{len(arguments.names)} networks, {tried:,} sizes, {differ} that differ from torch, "
        f"{time.monotonic() - started:.0f} s"
    )
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
