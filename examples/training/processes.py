"""One process, or those that `torchrun` started: the same program for both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn

from training.failure import TrainingError


@dataclass(frozen=True)
class Processes:
    rank: int
    count: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether this one prints and writes files."""
        return self.rank == 0

    def parallel(self, model: nn.Module) -> nn.Module:
        """The model, with gradients that are the mean over processes."""
        if self.count == 1:
            return model
        on = [self.device] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(model, device_ids=on)

    def total(self, values: Tensor) -> Tensor:
        """The sum over processes, in each of them."""
        if self.count == 1:
            return values
        total = values.clone()
        distributed.all_reduce(total)
        return total

    def any(self, here: bool) -> bool:
        """Whether it is so in any process; all of them get the same answer."""
        if self.count == 1:
            return here
        return bool(self.total(torch.tensor(float(here), device=self.device)))

    def level(self, model: nn.Module) -> None:
        """Gives all the buffers of the first: each has seen other images in the last step."""
        if self.count > 1:
            for buffer in model.buffers():
                distributed.broadcast(buffer, 0)

    def wait(self) -> None:
        if self.count > 1:
            distributed.barrier()


@contextmanager
def joined(device: str) -> Iterator[Processes]:
    """The processes of this run: NCCL between GPUs, gloo between CPUs. The program ends by
    `interruption.leave`."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("--device cuda: torch finds no GPU here")
    here = torch.device(device)
    if "WORLD_SIZE" not in os.environ:
        yield Processes(0, 1, here)
        return
    if here.type == "cuda":
        local, gpus = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if local >= gpus:
            raise TrainingError(
                f"torchrun started process {local + 1} here, and torch finds {gpus} GPUs: one for "
                "each process; `--device cpu` needs none"
            )
        here = torch.device("cuda", local)
        torch.cuda.set_device(here)
        distributed.init_process_group("nccl", device_id=here)
    else:
        distributed.init_process_group("gloo")
    yield Processes(distributed.get_rank(), distributed.get_world_size(), here)
    # gloo's group is left as it is. Destroying it joins its threads with Python's lock held, and a
    # thread may wait for that lock to let go of a tensor: for ever, once in some 20 runs. Python's
    # own end would abort there. https://github.com/pytorch/pytorch/issues/56297 and pull/179291
    if here.type == "cuda":
        distributed.destroy_process_group()
