"""Two experiments of the papers, small: does depth hurt without shortcuts, and which order of norm,
activation and sum is best? On scikit-learn's digits, in some minutes on two cores.

    python examples/degradation.py --out degradation

It trains plain and residual networks of 20 and 56 layers (He et al. 2015, Fig. 6), and networks of
56 layers in five orders (He et al. 2016, Fig. 4), each with three seeds, and draws
`degradation.png`. Whether the papers' effects show is measured, and said in text and picture.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stdout
from multiprocessing import active_children, get_context
from pathlib import Path

import resdsl
from training import comparison, curves
from training.comparison import ORDERS, SHORTCUTS, Result, Trial
from training.failure import TrainingError
from training.interruption import SIGNALS, Interruption, kept_from_children
from training.options import parsed, whole

SPEC = str(Path(__file__).with_suffix(".res"))

# A terminal tells all processes, and the first tells the others once more.
interruption = Interruption(is_alone=False, is_noted=True)


def trials(depths: Sequence[int], seeds: int) -> list[Trial]:
    """All networks with all seeds; the orders have the larger depth."""
    networks = [(kind, depth) for kind in SHORTCUTS for depth in depths]
    networks += [(order, max(depths)) for order in ORDERS]
    return [Trial(kind, depth, seed) for kind, depth in networks for seed in range(seeds)]


def begin() -> None:
    """In a process that trains: it hears what was kept from it while it started."""
    interruption.listen()
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def run(trial: Trial, epochs: int, out: Path) -> Result | None:
    """Trains one network, as `train.py` would. None if it was interrupted."""
    if interruption.came:
        return None
    import torch

    from training.folds import train
    from training.processes import Processes

    net, parameter, value = (
        ("orders", "order", trial.kind)
        if trial.kind in ORDERS
        else ("depths", "shortcut", SHORTCUTS[trial.kind])
    )
    folder = out / f"{trial.kind}-{trial.depth}-seed-{trial.seed}"
    line = (
        f"--net {net} --set {parameter}={value} --set n={(trial.depth - 2) // 6} "
        f"--data digits --pad 1 --batch-size 64 --rate 0.1 --warmup 1 --epochs {epochs} "
        f"--seed {trial.seed} --device cpu --checkpoint-every 5 --resume"
    )
    options = parsed([SPEC, "--out", str(folder), *line.split()])
    torch.set_num_threads(1)  # the trials run side by side
    folder.mkdir(parents=True, exist_ok=True)
    processes = Processes(0, 1, torch.device("cpu"))
    with (
        (folder / "log.txt").open("a", encoding="utf-8") as log,
        redirect_stdout(log),
    ):
        status = train(options, processes, interruption)
    if status != 0:
        return None
    return comparison.read(trial, folder / "curves.csv")


def _awaited(future: Future[Result | None]) -> Result | None:
    """None if there was an interruption before."""
    while not interruption.came:
        if wait([future], timeout=0.2).done:
            return future.result()
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--out", type=Path, default=Path("degradation"))
    parser.add_argument("--epochs", type=whole(1, 10**6), default=30)
    parser.add_argument(
        "--depths", type=whole(8, 2000), nargs=2, default=(20, 56), help="of the form 6n + 2"
    )
    parser.add_argument("--seeds", type=whole(1, 1000), default=3, help="of each network")
    parser.add_argument(
        "--jobs", type=whole(1, 1000), default=os.cpu_count(), help="trainings at a time"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a try of few layers, one epoch, a seed"
    )
    given = parser.parse_args()
    if given.quick:
        given.depths, given.epochs, given.seeds = (8, 14), 1, 1
    if any(depth % 6 != 2 for depth in given.depths) or len({*given.depths}) < 2:
        parser.error("--depths are two numbers of the form 6n + 2, as 20 and 56")
    if not curves.can_draw():
        parser.error("needs matplotlib: pip install 'resdsl[train]'")

    results: list[Result] = []
    with ProcessPoolExecutor(given.jobs, get_context("spawn"), begin) as pool:
        with kept_from_children():
            running = [
                pool.submit(run, trial, given.epochs, given.out)
                for trial in trials(given.depths, given.seeds)
            ]
        try:
            for future in running:
                result = _awaited(future)
                if result is None:
                    break
                results.append(result)
                print(result.text(), flush=True)
        except (TrainingError, resdsl.SpecError, resdsl.OutputError, OSError) as error:
            pool.shutdown(cancel_futures=True)
            print(f"degradation.py: {str(error).strip()}", file=sys.stderr)
            return 1
        except BrokenProcessPool:
            print(
                "degradation.py: a training ended without a word, perhaps for want of memory: "
                "fewer --jobs need less; the same command goes on from there",
                file=sys.stderr,
            )
            return 1
        if len(results) < len(running):
            for child in active_children():
                child.terminate()
            pool.shutdown(cancel_futures=True)
            print("stopped; the same command goes on from there", file=sys.stderr)
            return interruption.status
    findings = comparison.findings(results)
    print("\n" + "\n".join(findings))
    comparison.draw(given.out / "degradation.png", results, findings)
    return 0


if __name__ == "__main__":
    interruption.listen()
    sys.exit(main())
