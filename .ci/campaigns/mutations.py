"""Changed specs by the hundred thousand: no traceback, no hang, bounded memory.

    python .ci/campaigns/mutations.py --seeds 2000:102000 --jobs 2

Each worker has at most MEMORY bytes of address space, and a text at most SECONDS. Seeds are
recorded with what they found; `--show SEED` prints a text.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.mutations.checking import look
from tests.mutations.mutate import mutated

SECONDS = 30
MEMORY = 1 << 30


def prepared() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, stop)


def stop(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"more than {SECONDS} s")


def one(seed: int) -> tuple[int, tuple[str, ...], int, float]:
    start = time.perf_counter()
    signal.alarm(SECONDS)
    try:
        found = look(mutated(seed))
    except Exception as error:
        return seed, (f"{type(error).__name__}: {error}",), 0, time.perf_counter() - start
    finally:
        signal.alarm(0)
    return seed, found.problems, found.errors, found.seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", default="2000:102000", help="first:last, the last not included")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show", type=int, help="print the text of a seed and what is found")
    arguments = parser.parse_args()
    if arguments.show is not None:
        print(mutated(arguments.show))
        print(look(mutated(arguments.show)))
        return 0
    first, last = map(int, arguments.seeds.split(":"))
    bad, refused, slowest, counts = 0, 0, (0.0, -1), Counter[int]()
    context = multiprocessing.get_context("spawn")
    with context.Pool(arguments.jobs, prepared) as pool:
        for seed, problems, errors, seconds in pool.imap_unordered(one, range(first, last), 50):
            refused += errors > 0
            counts[min(errors, 20)] += 1
            slowest = max(slowest, (seconds, seed))
            if problems:
                bad += 1
                print(f"seed {seed}: {'; '.join(problems)}", flush=True)
    print("errors a text:", ", ".join(f"{n}: {counts[n]}" for n in sorted(counts)))
    print(
        f"{last - first} texts, {refused} refused, {bad} with problems; "
        f"slowest {slowest[0]:.2f} s (seed {slowest[1]})"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
