"""Weights from a file: `load` against torchvision's constructor, `check` against `import torch`."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.case import Case, child, reported
from benchmarks.cold import process, with_torchvision

WRITE = """
import resdsl, sys
from safetensors.torch import save_file
save_file(resdsl.load(sys.argv[1], seed=0).state_dict(), sys.argv[2])
"""
# The reading of the numbers, which costs what the file system does, is measured by itself and taken
# off. A small network first, as in the case `load`; and CPU time, for a page cache that others
# share makes more noise than there is to measure.
OURS = """
import json, sys, time
import resdsl, torch
from resdsl.targets.weight_files import of_safetensors
name, file = sys.argv[1:]
resdsl.load("resnet18", weights=resdsl.load("resnet18").state_dict())
start = time.process_time()
model = resdsl.load(name, weights=file)
middle = time.process_time()
of_safetensors(dict.fromkeys(model.state_dict(), file), list(model.state_dict()))
end = time.process_time()
start_of_meta = time.process_time()
resdsl.load(name, device="meta")
meta = time.process_time() - start_of_meta
print(json.dumps({"weights": middle - start - (end - middle), "meta": meta}))
"""
THEIRS = """
import json, sys, time
import torchvision
torchvision.models.resnet18()
start = time.process_time()
getattr(torchvision.models, sys.argv[1])()
print(json.dumps({"s": time.process_time() - start}))
"""
NETWORKS = {"resnet152": 0.18, "resnet50": 0.25}


def sampled(script: str, what: str, *arguments: str) -> Callable[[], float]:
    return lambda: reported(script, *arguments)[what]


def cases() -> Iterator[Case]:
    folder = Path(tempfile.mkdtemp(prefix="resdsl-weights-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    theirs = with_torchvision(THEIRS)
    for name, most in NETWORKS.items():
        file = str(folder / f"{name}.safetensors")
        child("-c", WRITE, name, file)
        yield Case(
            f'`resdsl.load("{name}", weights=FILE)` against torchvision\'s constructor',
            sampled(OURS, "weights", name, file),
            sampled(theirs, "s", name),
            most=most,
            note="CPU time, without reading the file; torchvision's has random weights then",
        )
    yield Case(
        '`resdsl.load("resnet152", device="meta")` against the same',
        sampled(OURS, "meta", "resnet152", str(folder / "resnet152.safetensors")),
        sampled(theirs, "s", "resnet152"),
        most=0.15,
        note="CPU time",
    )
    yield Case(
        "`resdsl check resnet152 --weights FILE`, cold, against `import torch`",
        process(
            "-m", "resdsl", "check", "resnet152", "--weights",
            str(folder / "resnet152.safetensors"),
        ),
        process("-c", "import torch"),
        most=0.15,
        note="whole processes; the file has 240 MB, of which the header is read",
    )  # fmt: skip
