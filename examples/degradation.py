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
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from multiprocessing import get_context
from pathlib import Path

import torch

from train import train
from training import comparison, curves
from training.comparison import ORDERS, SHORTCUTS, Result, Trial
from training.failure import TrainingError
from training.interruption import Interruption, noted
from training.options import parsed
from training.processes import Processes

SPEC = str(Path(__file__).with_suffix(".res"))

interruption = Interruption()  # of all trials that a process is given


def trials(depths: Sequence[int], seeds: int) -> list[Trial]:
    """All networks with all seeds; the orders have the larger depth."""
    networks = [(kind, depth) for kind in SHORTCUTS for depth in depths]
    networks += [(order, max(depths)) for order in ORDERS]
    return [Trial(kind, depth, seed) for kind, depth in networks for seed in range(seeds)]


def run(trial: Trial, epochs: int, out: Path) -> Result | None:
    """Trains one network, as `train.py` would. None if it was interrupted."""
    if interruption.came:
        return None
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
        noted(interruption),
    ):
        status = train(options, processes, interruption)
    if status != 0:
        return None
    return comparison.read(trial, folder / "curves.csv")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--out", type=Path, default=Path("degradation"))
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--depths", type=int, nargs=2, default=(20, 56), help="of the form 6n + 2")
    parser.add_argument("--seeds", type=int, default=3, help="of each network")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="trainings at a time")
    parser.add_argument(
        "--quick", action="store_true", help="a try of few layers, one epoch, a seed"
    )
    given = parser.parse_args()
    if given.quick:
        given.depths, given.epochs, given.seeds = (8, 14), 1, 1
    if any(depth % 6 != 2 or depth < 8 for depth in given.depths) or len({*given.depths}) < 2:
        parser.error("--depths are two numbers of the form 6n + 2, as 20 and 56")
    if not curves.can_draw():
        parser.error("needs matplotlib: pip install 'resdsl[train]'")

    results: list[Result] = []
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        running = [
            pool.submit(run, trial, given.epochs, given.out)
            for trial in trials(given.depths, given.seeds)
        ]
        try:
            for future in running:
                result = future.result()
                if result is None:
                    raise KeyboardInterrupt
                results.append(result)
                print(result.text(), flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=True, cancel_futures=True)
            print("stopped; the same command goes on from there", file=sys.stderr)
            return 130
        except TrainingError as error:
            pool.shutdown(wait=True, cancel_futures=True)
            print(f"degradation.py: {error}", file=sys.stderr)
            return 1
    findings = comparison.findings(results)
    print("\n" + "\n".join(findings))
    comparison.draw(given.out / "degradation.png", results, findings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
