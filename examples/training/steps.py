"""One step of training, and one pass of testing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from training.processes import Processes

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Precision:
    """What is computed with fewer bits (automatic mixed precision), if anything."""

    dtype: torch.dtype | None
    # float16 has so small a range that gradients are scaled into it.
    scaler: torch.amp.GradScaler

    @classmethod
    def of(cls, name: str, device: torch.device) -> Precision:
        """`auto` is bfloat16 on GPUs that have it, float16 on others, and float32 on CPUs."""
        if name == "auto":
            # Without the emulation of older GPUs, which is slower than float32.
            is_half = device.type == "cuda"
            has_bf16 = is_half and torch.cuda.is_bf16_supported(including_emulation=False)
            name = "bf16" if has_bf16 else "fp16" if is_half else "off"
        dtype = {"off": None, "bf16": torch.bfloat16, "fp16": torch.float16}[name]
        return cls(dtype, torch.amp.GradScaler(device.type, enabled=dtype is torch.float16))

    def autocast(self, device: torch.device) -> torch.autocast:
        return torch.autocast(device.type, self.dtype, enabled=self.dtype is not None)


class Totals:
    """Sums over images: the loss, how many are right, how many there are."""

    def __init__(self, device: torch.device) -> None:
        self.sums = torch.zeros(3, dtype=torch.float64, device=device)

    def add(self, loss: Tensor, outputs: Tensor, labels: Tensor, counts: bool = True) -> None:
        if counts:
            right = (outputs.argmax(1) == labels).sum()
            count = torch.full_like(self.sums[0], len(labels))  # made there: nothing waits
            self.sums += torch.stack([loss.detach().double() * count, right.double(), count])

    def over(self, processes: Processes) -> tuple[float, float]:
        """The mean loss and the share of images that are right, over all processes."""
        loss, right, count = processes.total(self.sums).tolist()
        return loss / max(count, 1), right / max(count, 1)


def to_device(images: Tensor, labels: Tensor, device: torch.device) -> Batch:
    """Both on the device, without waiting for it where they lie in pinned memory."""
    return images.to(device, non_blocking=True), labels.to(device, non_blocking=True)


def normalised(images: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """(N, C, H, W) in uint8 as float32, of mean 0 and deviation 1 over the images to train on."""
    return (images.float() / 255 - mean) / std


def learn(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    precision: Precision,
    images: Tensor,
    labels: Tensor,
    *,
    smoothing: float = 0.0,
    weight: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """One step by the gradients of a batch, whose loss counts `weight`. Gives loss and outputs."""
    optimiser.zero_grad(set_to_none=True)
    with precision.autocast(images.device):
        outputs = model(images)
        loss = cross_entropy(outputs, labels, label_smoothing=smoothing)
    precision.scaler.scale(loss * weight).backward()
    precision.scaler.step(optimiser)
    precision.scaler.update()
    return loss.detach(), outputs.detach()


@torch.no_grad()
def test(
    model: nn.Module,
    batches: Iterable[Batch],
    precision: Precision,
    processes: Processes,
    mean: Tensor,
    std: Tensor,
) -> tuple[float, float]:
    """Loss and accuracy in eval mode, in which the model then is."""
    model.eval()
    totals = Totals(processes.device)
    for images, labels in batches:
        images, labels = to_device(images, labels, processes.device)
        with precision.autocast(processes.device):
            outputs = model(normalised(images, mean, std))
            totals.add(cross_entropy(outputs, labels), outputs, labels)
    return totals.over(processes)
