"""A model with its weights: `resdsl.load` against torchvision's constructor."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.case import Case, reported
from benchmarks.cold import with_torchvision

# Peak memory is that of the call: the process's peak, set back before, less what it had then.
MEASURE = """
import gc, json, time
from pathlib import Path
def status(field):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
gc.collect()
Path("/proc/self/clear_refs").write_text("5")
before = status("VmRSS")
start = time.perf_counter()
model = {call}
seconds = time.perf_counter() - start
print(json.dumps({{"s": seconds, "MB": status("VmHWM") - before}}))
"""
OURS = "import torch, resdsl\nmake = resdsl.load\n" + MEASURE.format(call='make("resnet152")')
THEIRS = "import torchvision\nmake = torchvision.models.resnet152\n" + MEASURE.format(call="make()")


def sampled(script: str, unit: str) -> Callable[[], float]:
    return lambda: reported(script)[unit]


def cases() -> Iterator[Case]:
    theirs = with_torchvision(THEIRS)
    yield Case(
        '`resdsl.load("resnet152")` against torchvision\'s constructor',
        sampled(OURS, "s"),
        sampled(theirs, "s"),
        most=0.66,
        note="in processes that have imported torch; ours reads, checks and emits the spec too",
    )
    yield Case(
        "the same, peak memory",
        sampled(OURS, "MB"),
        sampled(theirs, "MB"),
        most=1.05,
        unit="MB",
        note="above what the process held before the call",
    )
