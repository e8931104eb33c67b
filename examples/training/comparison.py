"""Trials of several seeds beside each other: what they show, and what they do not."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from training.files import replacing

SHORTCUTS = {"plain": "none", "residual": "zero_pad"}
# He et al. 2016, Fig. 4(a) to (e), and the errors in % of ResNet-110 on CIFAR-10 in its Table 2.
ORDERS = {
    "original": 6.61,
    "bn_after_add": 8.17,
    "relu_before_add": 7.84,
    "relu_preact": 6.71,
    "full_preact": 6.37,
}


@dataclass(frozen=True)
class Trial:
    kind: str  # plain, residual, or one of the orders
    depth: int
    seed: int


@dataclass(frozen=True)
class Result:
    trial: Trial
    training_errors: list[float]  # by epoch, from 0 to 1
    test_error: float  # at the end

    def text(self) -> str:
        trial = self.trial
        return (
            f"{trial.kind:16} {trial.depth:3} layers  seed {trial.seed}  "
            f"training error {self.training_errors[-1]:6.2%}  test error {self.test_error:6.2%}"
        )


def read(trial: Trial, table: Path) -> Result:
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    training = [1 - float(row["train_accuracy"]) for row in rows]
    return Result(trial, training, 1 - float(rows[-1]["test_accuracy"]))


def findings(results: Sequence[Result]) -> list[str]:
    """What the papers say, and whether it shows here. A difference shows where the worst seed of
    the one is better than the best of the other."""
    return [*_of_depth(results), *_of_orders(results)]


def _of_depth(results: Sequence[Result]) -> Iterator[str]:
    hurts = {}
    for kind in SHORTCUTS:
        shallow, deep = _depths(results)
        less, more = _training(results, kind, shallow), _training(results, kind, deep)
        hurts[kind] = max(less) < min(more)
        helps = max(more) < min(less)
        word = "hurts" if hurts[kind] else "helps" if helps else "does neither, the seeds overlap"
        yield (
            f"{kind}: training error {mean(less):.2%} with {shallow} layers, "
            f"{mean(more):.2%} with {deep}: depth {word}"
        )
    if not hurts["plain"]:
        yield "The papers' degradation does not show on these data at these depths."
    elif not hurts["residual"]:
        yield "The papers' degradation shows: depth hurts the plain network, not the residual one."
    else:
        yield "The papers' degradation shows in part: depth hurts the residual network too."


def _of_orders(results: Sequence[Result]) -> Iterator[str]:
    errors = {order: _errors(results, order) for order in ORDERS}
    ranking = sorted(ORDERS, key=lambda order: mean(errors[order]))
    shown = ", ".join(f"{order} {mean(errors[order]):.2%}" for order in ranking)
    yield f"orders by test error, mean of the seeds: {shown}"
    best, worst = min(ORDERS, key=ORDERS.__getitem__), max(ORDERS, key=ORDERS.__getitem__)
    for better, worse in ((best, "original"), ("original", worst)):
        if max(errors[better]) < min(errors[worse]):
            shows = "shows"
        elif max(errors[worse]) < min(errors[better]):
            shows = "does not show on these data, it is the other way around"
        else:
            shows = "does not show on these data, the seeds overlap"
        yield f"The papers' {better} before {worse} {shows}."


def draw(path: Path, results: Sequence[Result], said: Sequence[str]) -> None:
    """Training errors of plain and residual networks, test errors of the orders, and the text."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 5), layout="constrained")
    plain, residual, orders = figure.subplots(1, 3, width_ratios=(1, 1, 1.2))
    for axes, kind in ((plain, "plain"), (residual, "residual")):
        for depth in _depths(results):
            curves = [each.training_errors for each in results if _is(each, kind, depth)]
            by_epoch = [[100 * error for error in errors] for errors in zip(*curves, strict=True)]
            epochs = range(1, len(by_epoch) + 1)
            axes.plot(epochs, list(map(mean, by_epoch)), marker=".", label=f"{depth} layers")
            low, high = list(map(min, by_epoch)), list(map(max, by_epoch))
            axes.fill_between(epochs, low, high, alpha=0.25, linewidth=0)
        axes.set(title=kind, xlabel="epoch", ylabel="training error, %", ylim=(0, 100))
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    for height, order in enumerate(ORDERS):
        errors = [100 * error for error in _errors(results, order)]
        orders.plot(errors, [height] * len(errors), "o", color="C0", alpha=0.5)
        orders.plot(mean(errors), height, "|", color="C3", markersize=18, markeredgewidth=2)
    orders.set(title=f"orders, {max(_depths(results))} layers", xlabel="test error, %")
    orders.set_yticks(range(len(ORDERS)), list(ORDERS))
    orders.invert_yaxis()
    orders.grid(alpha=0.3, axis="x")
    figure.supxlabel("\n".join(said), fontsize="small", x=0.02, ha="left")
    with replacing(path) as draft:
        figure.savefig(draft, dpi=150)


def _depths(results: Sequence[Result]) -> list[int]:
    return sorted({each.trial.depth for each in results})


def _is(result: Result, kind: str, depth: int) -> bool:
    return (result.trial.kind, result.trial.depth) == (kind, depth)


def _training(results: Sequence[Result], kind: str, depth: int) -> list[float]:
    return [each.training_errors[-1] for each in results if _is(each, kind, depth)]


def _errors(results: Sequence[Result], kind: str) -> list[float]:
    return [each.test_error for each in results if each.trial.kind == kind]
