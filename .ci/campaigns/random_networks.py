"""Thousands of random networks, each compared with an interpreter of its design.

    python .ci/campaigns/random_networks.py --seeds 0:5000

One line for each failure, with the smallest text that still fails, and one for every 10,000
seeds; then what ruff and mypy say of every tenth emitted module; the last line is the sum. Exit
status 1 if there was a failure.
`--show SEED` prints a text and what fails. `--whole 10` looks at every tenth text as a whole; of
the others the modules' text is looked at, loaded, and compared with the interpreter in eval mode.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.random_networks.checking.examination import examine
from tests.random_networks.checking.failures import Failure, Outcome, raised
from tests.random_networks.strategy import tree, write
from tests.random_networks.texts import render, shrink, text

# Seconds after which a seed counts as one that never ends.
ENDLESS = 600


def _endless(*_: object) -> None:
    raise TimeoutError(f"no end after {ENDLESS} s")


def look(seed: int, every: int = 1, often: tuple[str, ...] = ()) -> tuple[int, Outcome]:
    import torch

    torch.set_num_threads(1)
    signal.signal(signal.SIGALRM, _endless)
    signal.alarm(ENDLESS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return seed, examine(write(seed, often), seed, whole=seed % every == 0)
        except TimeoutError as error:
            return seed, Outcome([raised("time", error)])
        except Exception as error:  # of the comparison itself: the other seeds go on
            return seed, Outcome([raised("campaign", error)])
        finally:
            signal.alarm(0)


def smallest(
    seed: int, failure: Failure, attempts: int, often: tuple[str, ...]
) -> tuple[str, Failure]:
    """The smallest text that fails in the same way, and how it does; a hang is left as it is."""
    written = write(seed, often)
    if TimeoutError.__name__ in failure.kind:
        return written, failure
    last = [failure]

    def fails(shorter: str) -> bool:
        for found in examine(shorter, seed, failure.kind).failures:
            if found.kind == failure.kind:
                last[0] = found
                return True
        return False

    items = tree(seed, often)
    # A text that was spoilt is no tree any more.
    items = items if render(items) == written else [text(written)]
    return shrink(items, fails, attempts), last[0]


TOOLS = {
    "ruff": [
        "ruff",
        "check",
        "--isolated",
        "--select",
        "E,F,W,I,UP,B,N",
        "--output-format=concise",
    ],
    "format": ["ruff", "format", "--isolated", "--check"],
    "mypy": ["mypy", "--config-file=", "--no-error-summary"],
}


DEEP = 40
"""Columns in, from which on a line that nothing can break may be too long: some ten blocks deep."""


def excused(line: str, folder: Path) -> bool:
    """Whether what ruff says is of the length of a line so far in that a name does not fit."""
    found = re.match(r"(seed\d+_\d+\.py):(\d+):\d+: E501 ", line)
    if found is None:
        return False
    said = (folder / found[1]).read_text(encoding="utf-8").splitlines()[int(found[2]) - 1]
    return len(said) - len(said.lstrip()) >= DEEP


def lint(folder: Path) -> Counter[str]:
    """What the tools say of the emitted modules, one line for each module."""
    kinds = Counter[str]()
    if not any(folder.glob("*.py")):
        return kinds
    for name, command in TOOLS.items():
        found = subprocess.run(
            [sys.executable, "-m", *command, "."],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        told: set[str] = set()
        passed_over = 0
        for line in (found.stdout + found.stderr).splitlines():
            module = re.search(r"seed\d+_\d+\.py", line)
            if module is not None and excused(line, folder):
                passed_over += 1
            elif module is not None and module[0] not in told:
                told.add(module[0])
                print(f"{name}: {line}", flush=True)
        kinds[name] += len(told)
        if passed_over:
            print(f"{name}: {passed_over} line(s) too long, {DEEP} columns in or more", flush=True)
        if found.returncode and not told and not passed_over:
            print(f"{name}: {found.stdout}{found.stderr}", flush=True)
            kinds[name] += 1
    return +kinds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", default="0:5000", help="first:last, the last not included")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--lint", type=int, default=10, help="lint every n-th network's module")
    parser.add_argument(
        "--whole", type=int, default=1, help="look at every n-th whole, at the others' outputs only"
    )
    parser.add_argument("--shrink", type=int, default=600, help="attempts to make a text smaller")
    parser.add_argument("--same", type=int, default=3, help="failures of one kind to make small")
    parser.add_argument("--stop", type=int, default=0, help="stop after so many failures")
    parser.add_argument("--show", type=int, help="print the text of a seed and what fails")
    parser.add_argument(
        "--often", default="", help="kinds of steps to write six times as often: reuse,twice"
    )
    arguments = parser.parse_args()
    often = tuple(arguments.often.split(",")) if arguments.often else ()
    if arguments.show is not None:
        print(write(arguments.show, often))
        print(*look(arguments.show, often=often)[1].failures, sep="\n")
        return 0
    first, last = map(int, arguments.seeds.split(":"))
    started, kinds, codes = time.monotonic(), Counter[str](), Counter[str]()
    seeds = networks = refused = 0
    folder = Path(tempfile.mkdtemp(prefix="random-networks."))
    context = multiprocessing.get_context("spawn")
    # What torch and Python keep of every module makes a process three times as slow in an hour.
    with context.Pool(arguments.jobs, maxtasksperchild=250) as pool:
        for seed, outcome in pool.imap_unordered(
            partial(look, every=arguments.whole, often=often), range(first, last), chunksize=4
        ):
            seeds += 1
            networks += outcome.networks
            refused += bool(outcome.codes)
            codes.update(outcome.codes[:1])
            for number, source in enumerate(outcome.sources):
                # Half of the time would go into mypy.
                if seed % arguments.lint:
                    continue
                (folder / f"seed{seed}_{number}.py").write_text(source, encoding="utf-8")
            for failure in outcome.failures:
                kinds[failure.kind] += 1
                if kinds[failure.kind] > arguments.same:
                    continue
                small, failure = smallest(seed, failure, arguments.shrink, often)
                print(f"seed {seed}: {failure} :: {' '.join(small.split())}", flush=True)
            if not seeds % 10_000:
                spent = time.monotonic() - started
                print(f"{seeds} seeds, {sum(kinds.values())} failures, {spent:.0f} s", flush=True)
            if arguments.stop and sum(kinds.values()) >= arguments.stop:
                break
    kinds += lint(folder)
    shutil.rmtree(folder)
    for kind, count in kinds.most_common():
        print(f"{count:5d} {kind}")
    print("refused:", ", ".join(f"{code} {n}" for code, n in codes.most_common()))
    print(
        f"{seeds} seeds, {networks} networks, {refused} texts refused, "
        f"{sum(kinds.values())} failures, {time.monotonic() - started:.0f} s"
    )
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
