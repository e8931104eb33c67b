"""All networks of the zoo that timm or torchvision has, beside theirs: numbers, keys, outputs.

    python .ci/campaigns/zoo.py                     a line for each; the last says how it went
    python .ci/campaigns/zoo.py --write             and docs/zoo.md and specs/libraries.json anew
    python .ci/campaigns/zoo.py --only 'regnet*'    these

Exit status 1 where a number differs, or outputs do by more than what rounding leaves in double
precision.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import traceback
from fnmatch import fnmatchcase
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from resdsl.api import zoo
from resdsl.api.libraries import path as libraries_path
from tests import torchvision_operators
from tests.zoo.beside_libraries import Beside, beside, called, models, table

DOCS = Path(__file__).parent.parent.parent / "docs"

HEAD = """# The zoo beside timm and torchvision

Each network of `resdsl list` that timm 1.0.31 or torchvision 0.28.0 has, with the weights of its
model there: norms, and their statistics, are random, so that nothing that is left out goes
unnoticed. `python .ci/campaigns/zoo.py --write` writes this.

- **keys**: `same` are the library's names, and its order; `order`: its names, in another order;
  `loads`: its files load strictly (`resdsl.load(NAME, weights=FILE)`), though names differ;
  nothing: they do not.
- **eval**, **training**: `equal` to the bit at two sizes (of DLA, HRNets and NASNets, two that
  suit them), else the largest difference over the largest output, with the operation that differs
  and what is left in double precision. Chance is the same on both sides, or switched off where the
  rates differ.
- Parameters are the library's, and MACs at the declared size and at these two.

"""


def begin(declared: bool) -> None:
    """In each process."""
    import torch

    torch.set_num_threads(1)
    if declared:
        torchvision_operators.declare()


def looked_at(name: str) -> list[Beside]:
    found = []
    for library, (theirs, options) in models(name).items():
        try:
            found.append(beside(name, library, theirs, options))
        except Exception:
            found.append(Beside(name, library, theirs, wrong=traceback.format_exc(limit=-2)))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="*", metavar="PATTERN")
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    names = [name for name in zoo.entries() if fnmatchcase(name, arguments.only) and models(name)]
    rows: list[Beside] = []
    context = multiprocessing.get_context("spawn")
    given = (torchvision_operators.are_missing(),)
    with context.Pool(arguments.jobs, begin, given, maxtasksperchild=20) as pool:
        for found in pool.imap(looked_at, names):
            rows += found
            for row in found:
                print(row.line, flush=True)
    if arguments.write:
        (DOCS / "zoo.md").write_text(HEAD + table(rows) + "\n", encoding="utf-8")
        known: dict[str, dict[str, tuple[str, str]]] = {}
        for row in rows:
            known.setdefault(row.name, {})[row.library] = called(row.name, row.library), row.keys
        lines = (f"{json.dumps(name)}: {json.dumps(of)}" for name, of in known.items())
        libraries_path().write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    wrong = [row for row in rows if row.is_wrong]
    print(f"{len(names)} networks, {len(rows)} models, {len(wrong)} not as they should be")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
