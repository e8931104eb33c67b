"""Inference of the same network in the engines that there are: `python -m benchmarks.inference`.

Ours is what `resdsl.export` writes, or `resdsl.load` makes, plain and fused; theirs torchvision's
model with the same weights, exported by torch's and OpenVINO's own calls. The engines fuse what
they can themselves: the goal is that our fused files take no longer than theirs. In each round
every contestant takes one sample, those of an engine in turns, pass by pass; memory is what a
process of its own needs beyond the engine's import.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.case import child
from benchmarks.run import processor, spread
from tests import torchvision_operators

NETWORKS = ("resnet50", "mobilenet_v2")
ENGINES = ("eager", "torch.compile", "ONNX Runtime", "OpenVINO f32", "OpenVINO bf16")
SIDES = ("ours", "fused", "theirs")
PACKAGES = ("torch", "torchvision", "onnx", "onnxruntime", "openvino")
MOST = 1.03  # fused / theirs
PASSES = 10  # of each, a sample, of which the best counts
SIZE = (3, 224, 224)


@dataclass
class Row:
    network: str
    engine: str
    runs: dict[str, Callable[[], object]]
    memory: dict[str, float]
    times: dict[str, list[float]] = field(default_factory=lambda: {side: [] for side in SIDES})

    def median(self, side: str) -> float:
        """In seconds, of the samples so far."""
        return median(self.times[side])

    def sample(self) -> None:
        best = dict.fromkeys(SIDES, float("inf"))
        for turn in range(PASSES):
            for side in SIDES if turn % 2 else reversed(SIDES):  # none is always the last
                start = time.perf_counter()
                self.runs[side]()
                best[side] = min(best[side], time.perf_counter() - start)
        for side in SIDES:
            self.times[side].append(best[side])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inference")
    parser.add_argument("networks", nargs="*", default=NETWORKS)
    parser.add_argument("--rounds", type=int, default=7, help="samples of each contestant (7)")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--engines", nargs="*", default=ENGINES, choices=ENGINES)
    parser.add_argument("--memory", nargs=3, help=argparse.SUPPRESS)  # ENGINE SIDE FOLDER
    options = parser.parse_args(arguments)
    if options.memory:
        engine, side, folder = options.memory
        one = Contestant(options.networks[0], engine, side, Path(folder), options.batch)
        print(json.dumps({"MB": needed(one)}))
        return
    engines = [engine for engine in options.engines if is_there(engine)]
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            row(network, engine, Path(folder), options.batch)
            for network in options.networks
            for engine in engines
        ]
        for number in range(options.rounds + 1):
            for each in rows:
                each.sample()
                if not number:
                    each.times = {side: [] for side in SIDES}  # the first warms up
            print(f"round {number} of {options.rounds}", file=sys.stderr)
    print("\n".join(report(rows, options.rounds, options.batch)))


def is_there(engine: str) -> bool:
    """OpenVINO computes in bfloat16 where the processor does, and would convert elsewhere."""
    try:
        if engine == "ONNX Runtime":
            version("onnxruntime")
        if engine.startswith("OpenVINO"):
            version("openvino")
            return not engine.endswith("bf16") or "bf16" in Path("/proc/cpuinfo").read_text("utf-8")
    except (PackageNotFoundError, OSError):
        return False
    return True


# --- contestants ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contestant:
    network: str
    engine: str
    side: str
    folder: Path
    batch: int

    @property
    def is_torch(self) -> bool:
        return self.engine in ("eager", "torch.compile")

    @property
    def file(self) -> Path:
        suffix = ".onnx" if self.engine == "ONNX Runtime" else ".xml"
        return self.folder / f"{self.network}_{self.side}{suffix}"

    @property
    def weights(self) -> Path:
        return self.folder / f"{self.network}.safetensors"


def row(network: str, engine: str, folder: Path, batch: int) -> Row:
    print(f"making {network} for {engine}", file=sys.stderr)
    both = [Contestant(network, engine, side, folder, batch) for side in SIDES]
    for one in both:
        prepare(one)
    memory = {one.side: measured(one) for one in both}
    return Row(network, engine, {one.side: opened(one) for one in both}, memory)


def prepare(one: Contestant) -> None:
    """Writes the weights, and the file of an engine that takes one."""
    import torch
    from safetensors.torch import save_file

    import resdsl

    if not one.weights.exists():
        # A start whose statistics are those of noise, so that outputs depend on the input.
        start = resdsl.load(one.network, seed=0)
        for norm in start.modules():
            if isinstance(norm, torch.nn.BatchNorm2d):
                norm.momentum = None
        with torch.no_grad():
            start(torch.randn(4, *SIZE, generator=torch.Generator().manual_seed(0)))
        save_file(start.state_dict(), one.weights)
    if one.is_torch or one.file.exists():
        return
    if one.side != "theirs":
        fused = one.side == "fused"
        resdsl.export(one.network, one.file, weights=one.weights, batch=one.batch, fused=fused)
        return
    with torch.no_grad():
        program = torch.export.export(module(one), (torch.zeros(one.batch, *SIZE),))
        if one.file.suffix == ".onnx":
            exported = torch.onnx.export(program, dynamo=True, verbose=False)
            assert exported is not None
            exported.save(one.file)
        else:
            import openvino

            openvino.save_model(openvino.convert_model(program), one.file, compress_to_fp16=False)


def module(one: Contestant) -> Any:
    from safetensors.torch import load_file

    import resdsl

    if one.side != "theirs":
        fused = one.side == "fused"
        return resdsl.load(one.network, weights=one.weights, fused=fused).eval()
    theirs = getattr(torchvision().models, one.network)().eval()
    theirs.load_state_dict(load_file(one.weights))
    return theirs


@cache
def torchvision() -> Any:
    if torchvision_operators.are_missing():
        torchvision_operators.declare()
    return import_module("torchvision")


def opened(one: Contestant) -> Callable[[], object]:
    """One pass, of noise, ready."""
    if one.is_torch:
        import torch

        model, x = module(one), torch.randn(one.batch, *SIZE)
        run = torch.compile(model) if one.engine == "torch.compile" else model

        def forward() -> object:
            with torch.no_grad():
                return run(x)

        return forward
    import numpy

    noise = numpy.random.default_rng(0).standard_normal((one.batch, *SIZE), numpy.float32)
    if one.engine == "ONNX Runtime":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # The threads of one session would wait for work while another one runs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        providers = ["CPUExecutionProvider"]
        session = onnxruntime.InferenceSession(str(one.file), options, providers=providers)
        name = session.get_inputs()[0].name
        return lambda: session.run(None, {name: noise})
    import openvino

    hint = {"INFERENCE_PRECISION_HINT": one.engine.split()[1], "PERFORMANCE_HINT": "LATENCY"}
    request = openvino.Core().compile_model(one.file, "CPU", hint).create_infer_request()
    return lambda: request.infer([noise])


def measured(one: Contestant) -> float:
    arguments = ("--memory", one.engine, one.side, str(one.folder), "--batch", str(one.batch))
    said = child("-m", "benchmarks.inference", one.network, *arguments)
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found["MB"]


def needed(one: Contestant) -> float:
    """Memory at its highest, beyond what this process has with the engine imported."""
    import numpy  # noqa: F401

    if one.is_torch:
        import torch  # noqa: F401

        torchvision()
        import resdsl  # noqa: F401
    else:
        import_module("onnxruntime" if one.engine == "ONNX Runtime" else "openvino")
    before = _most()
    opened(one)()
    return (_most() - before) / 1024


def _most() -> int:
    """KiB in memory at its highest; of `getrusage` that of the parent would be the least."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


# --- report ---------------------------------------------------------------------------------------


def report(rows: Sequence[Row], rounds: int, batch: int) -> Iterator[str]:
    yield f"`python -m benchmarks.inference --batch {batch}`: {rounds} interleaved rounds, median"
    yield f"(min–max) of the best of {PASSES} passes of {batch} x 3 x 224 x 224; MB beyond the"
    yield "engine's import; `eager`: how many times as fast as theirs in eager mode our fused is."
    yield ""
    packages = ", ".join(f"{name} {installed(name)}" for name in PACKAGES)
    yield f"Python {platform.python_version()}, {packages}; {processor()}."
    yield ""
    titles = "network", "engine", *SIDES, "ours / theirs", "fused / theirs", "goal", "eager"
    yield f"| {' | '.join(titles)} |"
    yield "|" + "---|" * len(titles)
    eager = {one.network: one.median("theirs") for one in rows if one.engine == "eager"}
    for one in rows:
        ratios = [one.median(side) / one.median("theirs") for side in SIDES[:2]]
        known = eager.get(one.network)
        cells = (
            one.network,
            one.engine,
            *(f"{spread(one.times[side], 's')}, {one.memory[side]:.0f} MB" for side in SIDES),
            *(f"{ratio:.3f}" for ratio in ratios),
            f"≤ {MOST}: {'met' if ratios[1] <= MOST else '**missed**'}",
            "–" if known is None else f"{known / one.median('fused'):.2f}",
        )
        yield f"| {' | '.join(cells)} |"


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main()
