"""Which images are in which batch, for one process or several."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from training.processes import Processes
from training.seeds import seed_for
from training.views import Draw


class Batches(torch.utils.data.Sampler[list[Draw]]):
    """The batches of one epoch, shuffled anew in each. Of each batch a process gets its share.

    A batch, and what is random about its images, is the same for any number of processes. The last
    one may be smaller.
    """

    def __init__(self, images: int, batch_size: int, seed: int, processes: Processes) -> None:
        self.images = images
        self.batch_size = batch_size
        self.seed = seed
        self.processes = processes
        self.epoch = 0
        self.done = 0  # batches of this epoch that an earlier run has seen

    def __len__(self) -> int:
        return -(-self.images // self.batch_size)

    def __iter__(self) -> Iterator[list[Draw]]:
        generator = torch.Generator().manual_seed(seed_for("order", self.seed, self.epoch))
        order = torch.randperm(self.images, generator=generator)
        for batch in order.split(self.batch_size)[self.done :]:
            # Where there are fewer images than processes, some see the first one; see `weight`.
            share = batch[self.processes.rank :: self.processes.count]
            chosen = share if len(share) else batch[:1]
            yield [Draw(index, self._seed(index)) for index in chosen.tolist()]

    def weight(self, number: int) -> float:
        """What the mean loss of this process's share counts in the mean over processes, so that
        this is the mean over the images of the whole batch."""
        size = min(self.batch_size, self.images - number * self.batch_size)
        share = len(range(self.processes.rank, size, self.processes.count))
        return share * self.processes.count / size

    def _seed(self, index: int) -> int:
        return seed_for("view", self.seed, self.epoch, index)


def in_order(images: int, batch_size: int, processes: Processes) -> list[list[Draw]]:
    """A process's share of the images to test with."""
    mine = range(processes.rank, images, processes.count)
    return [
        [Draw(index, 0) for index in mine[at : at + batch_size]]
        for at in range(0, len(mine), batch_size)
    ]
