"""`degradation.py`: what it says of results that show the papers' effects, and of others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.children import STRICT
from tests.training.test_runs import EXAMPLES, environment


def results(training: dict[tuple[str, int], list[float]], test: dict[str, list[float]]) -> Any:
    """Of three seeds: the training errors of kinds and depths, the test errors of orders."""
    from training.comparison import Result, Trial

    made = [
        Result(Trial(kind, depth, seed), [0.9, error], 0.1)
        for (kind, depth), errors in training.items()
        for seed, error in enumerate(errors)
    ]
    for order, errors in test.items():
        made += [Result(Trial(order, 56, seed), [0.9], error) for seed, error in enumerate(errors)]
    return made


RESIDUAL = {("residual", 20): [0.1, 0.2, 0.3], ("residual", 56): [0.1, 0.15, 0.2]}
ORDERS = {
    "original": [0.02, 0.03, 0.04],
    "bn_after_add": [0.05, 0.06, 0.07],
    "relu_before_add": [0.04, 0.05, 0.06],
    "relu_preact": [0.02, 0.03, 0.04],
    "full_preact": [0.01, 0.01, 0.03],
}


def test_what_shows() -> None:
    from training.comparison import findings

    plain = {("plain", 20): [0.1, 0.2, 0.3], ("plain", 56): [0.4, 0.5, 0.6]}
    assert findings(results(plain | RESIDUAL, ORDERS)) == [
        "plain: training error 20.00% with 20 layers, 50.00% with 56: depth hurts",
        "residual: training error 20.00% with 20 layers, 15.00% with 56: depth does neither, "
        "the seeds overlap",
        "The papers' degradation shows: depth hurts the plain network, not the residual one.",
        "orders by test error, mean of the seeds: full_preact 1.67%, original 3.00%, relu_preact "
        "3.00%, relu_before_add 5.00%, bn_after_add 6.00%",
        "The papers' full_preact before original does not show on these data, the seeds overlap.",
        "The papers' original before bn_after_add shows.",
    ]


@pytest.mark.parametrize(
    ("plain", "residual", "said"),
    [
        ([0.25, 0.5, 0.6], [0.1, 0.1, 0.1], "does not show on these data at these depths."),
        ([0.01, 0.01, 0.01], [0.01, 0.01, 0.01], "does not show on these data at these depths."),
        ([0.4, 0.5, 0.6], [0.4, 0.4, 0.4], "shows in part: depth hurts the residual network too."),
    ],
    ids=["the seeds overlap", "depth helps", "depth hurts both"],
)
def test_what_does_not_show(plain: list[float], residual: list[float], said: str) -> None:
    from training.comparison import findings

    made = {
        ("plain", 20): [0.1, 0.2, 0.3],
        ("plain", 56): plain,
        ("residual", 20): [0.1, 0.2, 0.3],
        ("residual", 56): residual,
    }
    assert findings(results(made, ORDERS))[2] == f"The papers' degradation {said}"


def test_orders_the_other_way_around() -> None:
    from training.comparison import findings

    plain = {("plain", 20): [0.1], ("plain", 56): [0.4]}
    *_, first, second = findings(results(plain | RESIDUAL, ORDERS | {"original": [0.2, 0.3, 0.4]}))
    assert first == "The papers' full_preact before original shows."
    assert second.endswith("does not show on these data, it is the other way around.")


def test_quick(tmp_path: Path, digits: None) -> None:
    done = subprocess.run(
        [sys.executable, *STRICT, str(EXAMPLES / "degradation.py"), "--quick", "--jobs", "1"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=environment(),
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:9]] == [
        *(["plain", depth] for depth in ("8", "14")),
        *(["residual", depth] for depth in ("8", "14")),
        *([order, "14"] for order in ORDERS),
    ]
    assert lines[9] == "" and len(lines) == 16
    picture = tmp_path / "degradation" / "degradation.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
