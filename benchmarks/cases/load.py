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
# torchvision's import is not counted, and so neither is that of the compiler, most of which comes
# with the first call: each builds a small network first.
OURS = 'import resdsl\nresdsl.load("resnet18")\n' + MEASURE.format(call='resdsl.load("resnet152")')
THEIRS = "from torchvision.models import resnet18, resnet152\nresnet18()\n" + MEASURE.format(
    call="resnet152()"
)


def sampled(script: str, unit: str) -> Callable[[], float]:
    return lambda: reported(script)[unit]


def cases() -> Iterator[Case]:
    theirs = with_torchvision(THEIRS)
    yield Case(
        '`resdsl.load("resnet152")` against torchvision\'s constructor',
        sampled(OURS, "s"),
        sampled(theirs, "s"),
        most=0.66,
        note="the second network that a process builds; ours reads, checks and emits its spec too",
    )
    yield Case(
        "the same, peak memory",
        sampled(OURS, "MB"),
        sampled(theirs, "MB"),
        most=1.05,
        unit="MB",
        note="above what the process held before the call",
    )
