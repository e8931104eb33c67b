"""Figures of thousands of random networks: true to their graphs, and nothing overlaps.

Each network is drawn as it is, and with some of its tensors, by chance, as outputs.

    python .ci/campaigns/figures.py --seeds 0:2000

A line for each fault; the last is the sum: blocks, overviews and networks (detail) that were drawn,
and how many of these dot had to place. Exit status 1 if there was a fault.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import resdsl
from resdsl.drawing.column.overview import overview
from resdsl.drawing.figures.detail import detail
from resdsl.drawing.layout.picture import Unplaced
from resdsl.drawing.side_by_side.beside import beside
from tests.drawing.beside_truth import wrong_lines as wrong_lines_beside
from tests.drawing.faults import block_faults
from tests.drawing.geometry import problems
from tests.drawing.joined_networks import joined
from tests.drawing.overview_truth import in_the_void, wrong_lines
from tests.drawing.several_outputs import with_features
from tests.random_networks.strategy import write


def looked_at(seed: int) -> tuple[list[str], Counter[str]]:
    """What is wrong with the figures of one seed's networks, and how many there were."""
    found, counts = list[str](), Counter[str]()
    texts = (write(seed) + "\n", joined(seed))
    designs = [(text, design) for text in texts for design in resdsl.check(text).designs]
    taken = [with_features(text, design.name, seed) for text, design in designs]
    for design in [*(design for _, design in designs), *(one for one in taken if one is not None)]:
        counts["networks with features"] += bool(design.network.outputs)
        for fault in block_faults(design.facts, design.graph("op"), counts):
            found.append(f"seed {seed}: {design.name}: {fault}")
        seen = overview(design.facts).canvas
        counts["overviews"] += 1
        lines = wrong_lines(design)
        counts["overviews held against their graphs"] += lines is not None
        faults = [*problems(seen), lines, *in_the_void(design)]
        found += [f"seed {seed}: {design.name}: {one}" for one in faults if one]
        twice = beside((design.facts, design.facts)).canvas
        faults = [*problems(twice), wrong_lines_beside(design)]
        found += [f"seed {seed}: {design.name}, beside: {one}" for one in faults if one]
        made = detail(design.facts)
        counts["details"] += 1
        if isinstance(made, Unplaced):
            counts["details placed by dot"] += 1
        else:
            found += [f"seed {seed}: {design.name}: {one}" for one in problems(made.canvas)]
    return found, counts


def looked_at_all(seed: int) -> tuple[list[str], Counter[str]]:
    """With what raises, as a fault of that seed."""
    try:
        return looked_at(seed)
    except Exception:  # a campaign goes on
        return [f"seed {seed}: {traceback.format_exc()}"], Counter()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", default="0:2000", help="first:last, the last not included")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    first, last = map(int, arguments.seeds.split(":"))
    faults, total = 0, Counter[str]()
    with multiprocessing.get_context("spawn").Pool(arguments.jobs) as pool:
        for found, counts in pool.imap(looked_at_all, range(first, last), chunksize=8):
            faults += len(found)
            total += counts
            for line in found:
                print(line, flush=True)
    told = ", ".join(f"{number:,} {word}" for word, number in sorted(total.items()))
    print(f"{last - first:,} seeds: {told}, {faults} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
