"""A compiled network in two processes: DDP, FSDP2, and a pipeline of two halves.

    python examples/two_processes.py               all three; or ddp, fsdp, pipeline

On CPUs, by gloo; with CUDA and nccl the same lines hold. Each way is compared with one process.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import Tensor, nn

import resdsl

SPEC = "cifar_resnet20"


def batch() -> Tensor:
    return torch.randn(8, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def plain() -> nn.Module:
    # Norms in eval: in training each process counts its own half of the batch. SyncBatchNorm, which
    # torch runs on CUDA alone, counts all of it.
    return resdsl.load(SPEC, seed=0).eval()


def gradients(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    model(x).square().mean().backward()
    return {name: one.grad for name, one in model.named_parameters() if one.grad is not None}


def ddp(rank: int) -> float:
    """Each process has half of the batch, and all have the gradients of the whole."""
    model = nn.parallel.DistributedDataParallel(plain())
    found = gradients(model, batch()[rank * 4 :][:4])
    wanted = gradients(plain(), batch())
    return max(_difference(one, wanted[name[7:]]) for name, one in found.items())


def fsdp(rank: int) -> float:
    """Each process has half of every block's parameters."""
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh("cpu", (2,))
    model = plain()
    for name, kind in resdsl.design(SPEC).graph("block").nodes(data="kind"):
        if kind == "block":
            fully_shard(model.get_submodule(name), mesh=mesh)
    fully_shard(model, mesh=mesh)
    found = gradients(model, batch()[rank * 4 :][:4])
    wanted = gradients(plain(), batch())
    return max(_difference(one.full_tensor(), wanted[name]) for name, one in found.items())


def pipeline(rank: int) -> float:
    """Each process has half of the network; four micro-batches go through both."""
    from torch.distributed.pipelining import ScheduleGPipe, SplitPoint
    from torch.distributed.pipelining import pipeline as divided

    parts = resdsl.design(SPEC).partition(2)
    where = {part.begins: SplitPoint.BEGINNING for part in parts[1:]}
    stage = divided(plain(), (batch()[:2],), split_spec=where).build_stage(
        rank, torch.device("cpu")
    )
    schedule = ScheduleGPipe(stage, n_microbatches=4)
    if rank == 0:
        schedule.step(batch())
        return 0.0
    return _difference(schedule.step(), plain()(batch()))


def _difference(one: Tensor, other: Tensor) -> float:
    return ((one - other).abs().max() / other.abs().max()).item()


WAYS = {"ddp": ddp, "fsdp": fsdp, "pipeline": pipeline}


def run(rank: int, ways: list[str], store: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    for way in ways:
        worst = torch.tensor(WAYS[way](rank))
        dist.all_reduce(worst, dist.ReduceOp.MAX)
        if rank == 0:
            print(f"{way}: as in one process, to {1e-5:g} of the largest: {worst.item() < 1e-5}")
    dist.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        mp.spawn(run, (sys.argv[1:] or [*WAYS], str(Path(folder) / "store")), nprocs=2)
