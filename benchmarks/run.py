"""Runs all cases, interleaved, and prints a table: `python -m benchmarks.run [--write]`.

In each round every contestant of every case takes one sample, so that whatever else the machine
does meets all alike. Goals are ratios of medians; one that is missed is printed as such, and the
exit status stays 0: a benchmark is a report, not a test.
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from benchmarks.case import ROOT, Case

CASES = ("check", "front", "million", "flat", "load", "weights", "forward", "fused", "draw")
PACKAGES = ("torch", "torchvision", "torchinfo", "torchview", "graphviz-pure")
REPORT = ROOT / "docs" / "benchmarks.md"


@dataclass
class Result:
    case: Case
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median(self.ours) / (median(self.theirs) if self.theirs else 1)

    @property
    def is_met(self) -> bool:
        return self.case.least <= self.ratio <= self.case.most


def main(arguments: Sequence[str] | None = None) -> None:
    options = parsed(arguments)
    # The environment may forbid children to write bytecode; without any, start-up is compilation.
    compileall.compile_dir(ROOT / "resdsl", quiet=1)
    results = measured(options.cases, options.rounds)
    report = "\n".join([*preamble(options.rounds), "", *table(results), "", *notes(results)]) + "\n"
    print(report)
    if options.write:
        REPORT.write_text(f"# Benchmarks\n\n{report}", encoding="utf-8")
        print(f"wrote {REPORT.relative_to(ROOT)}", file=sys.stderr)


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run")
    parser.add_argument(
        "cases", nargs="*", default=CASES, help=f"of {', '.join(CASES)}; all if none"
    )
    parser.add_argument("--rounds", type=int, default=7, help="samples of each contestant (7)")
    parser.add_argument("--write", action="store_true", help="also write docs/benchmarks.md")
    options = parser.parse_args(arguments)
    if unknown := set(options.cases) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    if options.write and options.rounds < 7:
        parser.error("a report needs 7 rounds or more")
    return options


def measured(names: Sequence[str], rounds: int) -> list[Result]:
    """One uncounted sample each first, which fills the caches of the file system."""
    results = [Result(case) for name in names for case in made(name)]
    for number in range(rounds + 1):
        for result in results:
            ours = result.case.ours()
            theirs = result.case.theirs and result.case.theirs()
            if number:
                result.ours.append(ours)
                result.theirs += [] if theirs is None else [theirs]
        print(f"round {number} of {rounds}", file=sys.stderr)
    return results


def made(name: str) -> Iterator[Case]:
    yield from import_module(f"benchmarks.cases.{name}").cases()


# --- report ---------------------------------------------------------------------------------------


def preamble(rounds: int) -> Iterator[str]:
    now = datetime.now(UTC).strftime("%Y-%m-%d")
    yield f"Measured on {now} by `python -m benchmarks.run`: {rounds} interleaved rounds, median"
    yield "(min–max); a ratio is that of the medians, ours / theirs."
    yield ""
    yield f"Python {platform.python_version()}, {', '.join(installed())}."
    yield f"{os.cpu_count()} cores of {processor()}."


def installed() -> Iterator[str]:
    for name in PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"no {name}"


def processor() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    except OSError:
        found = None
    return found[1] if found else platform.machine()


def table(results: Sequence[Result]) -> Iterator[str]:
    yield "| case | ours | theirs | ratio | goal | |"
    yield "|---|---|---|---|---|---|"
    for result in results:
        case = result.case
        cells = (
            case.name,
            spread(result.ours, case.unit),
            spread(result.theirs, case.unit) if result.theirs else "",
            f"{result.ratio:.3f}" if result.theirs else "",
            goal(case),
            "met" if result.is_met else "**missed**",
        )
        yield f"| {' | '.join(cells)} |"


def spread(samples: Sequence[float], unit: str) -> str:
    if unit == "s" and median(samples) < 1:
        samples, unit = [1000 * sample for sample in samples], "ms"
    digits = 0 if median(samples) >= 100 else 1 if median(samples) >= 10 else 2
    low, middle, high = (f"{n:.{digits}f}" for n in (min(samples), median(samples), max(samples)))
    return f"{middle} {unit} ({low}–{high})"


def goal(case: Case) -> str:
    if case.theirs is None:
        return f"≤ {1000 * case.most:.4g} ms" if case.unit == "s" else f"≤ {case.most:.3g}"
    return f"{case.least:.2f}–{case.most:.2f}" if case.least else f"≤ {case.most:.3g}"


def notes(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if result.case.note:
            yield f"- {result.case.name}: {result.case.note}."


if __name__ == "__main__":
    main()
