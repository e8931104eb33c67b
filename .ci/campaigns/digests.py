"""What resdsl makes of many texts, as digests: two commits that make the same print the same.

    python .ci/campaigns/digests.py --seeds 0:20000 > before.txt    # at one commit
    python .ci/campaigns/digests.py --seeds 0:20000 > after.txt     # at another
    diff before.txt after.txt

A line for each text and each view of it: its diagnostics, and of each of its networks the emitted
source, the table, the graph at all levels, the valid sizes, the shortcuts' ways, the costs and the
design in JSON. The texts are the networks of the zoo, every spec and every listing under tests and
docs, and the random networks of `--seeds`. `--show TEXT:NETWORK:VIEW` prints what a digest is of.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import resdsl
from resdsl.api import zoo
from resdsl.diagnostics.text import render_all

ROOT = Path(__file__).parent.parent.parent
_LISTING = re.compile(r"^```res.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _graph(design: resdsl.Design) -> str:
    levels = [design.graph(level) for level in ("op", "block", "stage")]
    return "\n".join(repr((list(g.nodes(data=True)), list(g.edges(data=True)))) for g in levels)


VIEWS: dict[str, Callable[[resdsl.Design], str]] = {
    "source": resdsl.Design.source,
    "table": lambda design: str(design.table()),
    "graph": _graph,
    "sizes": lambda design: design.sizes().text(),
    "ways": lambda design: str(design.shortcut_path()),
    "costs": lambda design: repr(
        (
            design.params,
            design.macs,
            design.buffers,
            design.activations,
            design.depth,
            design.output,
        )
    ),
    "json": resdsl.Design.to_json,
}


def views(name: str, spec: str | Path) -> Iterator[tuple[str, str]]:
    """The places `TEXT:NETWORK:VIEW` of one text and what stands there, wherever the tree lies."""
    for place, text in _views(name, spec):
        yield place, text.replace(str(ROOT), "")


def _views(name: str, spec: str | Path) -> Iterator[tuple[str, str]]:
    report = resdsl.check(spec)
    yield f"{name}::diagnostics", render_all(report.diagnostics)
    for design in report.designs:
        for view, made in VIEWS.items():
            try:
                text = made(design)
            except resdsl.SpecError as error:
                text = render_all(error.diagnostics)
            except Exception as error:
                text = f"{type(error).__name__}: {error}"
            yield f"{name}:{design.name}:{view}", text


def texts() -> Iterator[tuple[str, str | Path]]:
    """The zoo's files, the specs under tests, and the listings of the documentation."""
    for path in zoo.files():
        yield path.stem, path
    for path in sorted((ROOT / "tests").rglob("*.res")):
        yield str(path.relative_to(ROOT)), path
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for path in [*documents, *sorted((ROOT / "resdsl").rglob("*.md"))]:
        for number, found in enumerate(_LISTING.finditer(path.read_text(encoding="utf-8"))):
            yield f"{path.relative_to(ROOT)}#{number}", found[1] + "\n"


def digests(item: tuple[str, str | Path | int]) -> list[str]:
    from tests.random_networks.strategy import write

    name, spec = item
    given = write(spec) + "\n" if isinstance(spec, int) else spec
    return [f"{sha256(text.encode()).hexdigest()[:16]} {at}" for at, text in views(name, given)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", default="0:0", help="first:last, the last not included")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show", help="TEXT:NETWORK:VIEW, as a line of the output has it")
    arguments = parser.parse_args()
    first, last = map(int, arguments.seeds.split(":"))
    items = [*texts(), *((f"seed{seed}", seed) for seed in range(first, last))]
    if arguments.show is not None:
        from tests.random_networks.strategy import write

        wanted = arguments.show.rsplit(":", 2)[0]
        for name, spec in items if not wanted.startswith("seed") else [(wanted, int(wanted[4:]))]:
            if name == wanted:
                given = write(spec) + "\n" if isinstance(spec, int) else spec
                print(dict(views(name, given)).get(arguments.show, "nothing there"))
        return
    # A process for so many texts: what they keep of each would make the last ones slow.
    context = multiprocessing.get_context("spawn")
    with context.Pool(arguments.jobs, maxtasksperchild=500) as pool:
        for lines in pool.imap(digests, items, chunksize=4):
            print("\n".join(lines))


if __name__ == "__main__":
    main()
