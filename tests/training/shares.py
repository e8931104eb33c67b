"""A program for one process or torchrun: what each process sees, and the gradients of two batches.

python shares.py DATA OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

import resdsl
from training import fit, steps
from training.data import opened
from training.interruption import leave
from training.options import parsed
from training.processes import joined
from training.run import Run


def main(data: str, out: Path) -> None:
    spec = str(Path(__file__).parents[2] / "examples" / "digits.res")
    options = parsed([spec, "--data", data, "--pad", "1", "--flip", "--batch-size", "10"])
    design = resdsl.design(spec)
    found: dict[str, torch.Tensor] = {}
    with joined("cpu") as processes:
        data = opened(options.data, fit.size_of(design), 1)
        run = Run(options, design, data, out, processes)
        for norm in run.model.modules():
            if isinstance(norm, nn.BatchNorm2d):
                generator = torch.Generator().manual_seed(1)
                for tensor in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
                    tensor.data.uniform_(0.5, 1.5, generator=generator)
                norm.eval()
        still = torch.optim.SGD(run.model.parameters(), lr=0.0)
        for number, (images, labels) in enumerate(run.train_loader):
            weight = run.batches.weight(number)
            if weight:
                found[f"images.{number}"] = images
                found[f"labels.{number}"] = labels
            values = steps.normalised(images, run.mean, run.std)
            steps.learn(run.parallel, still, run.precision, values, labels, weight=weight)
            for name, parameter in run.model.named_parameters():
                found[f"gradients.{number}.{name}"] = parameter.grad.clone()
        save_file(found, out / f"{processes.rank}-of-{processes.count}.safetensors")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
    leave(0)
