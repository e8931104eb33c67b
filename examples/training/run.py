"""One training of one network on one division of the data, in a folder of its own.

The folder has `design.json` and `settings.json`, which say what the run is, its last checkpoint,
`curves.csv` (epochs), `losses.csv` (single batches), `curves.png`, and at the end
`model.safetensors`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

import resdsl
from training import checkpoints, curves, fit, schedule, steps
from training.bars import bar
from training.batches import Batches, in_order
from training.data import Data
from training.failure import TrainingError
from training.files import replacing
from training.interruption import Interruption, ignored
from training.optimisers import optimiser
from training.options import Options
from training.processes import Processes
from training.seeds import seed_for
from training.views import Views


class Run:
    def __init__(
        self,
        options: Options,
        design: resdsl.Design,
        data: Data,
        folder: Path,
        processes: Processes,
    ) -> None:
        fit.check(design, data, options.pad)
        self.options = options
        self.design = design
        self.data = data
        self.folder = folder
        self.processes = processes

        device = processes.device
        # By the spec, not the design: a file of `resdsl.save` has its weights with it.
        self.model = resdsl.load(
            options.spec,
            net=options.net,
            input=options.input,
            settings=options.settings,
            seed=options.seed,
            weights=options.weights,
        ).to(device)
        self.parallel = processes.parallel(self.model)
        self.optimiser = optimiser(self.model, options)
        self.precision = steps.Precision.of(options.amp, device)
        self.mean = torch.tensor(data.mean, device=device).reshape(-1, 1, 1)
        self.std = torch.tensor(data.std, device=device).reshape(-1, 1, 1)

        size = fit.size_of(design)[1:]
        self.batches = Batches(len(data.train), options.batch_size, options.seed, processes)
        tests = in_order(len(data.test), options.batch_size, processes)
        self.train_loader = self._loader(
            Views(data.train, size, options.pad, options.flip, is_random=True), self.batches
        )
        self.test_loader = self._loader(Views(data.test, size, options.pad), tests)

        self.step = 0
        self.steps = options.epochs * len(self.batches)
        self.totals = steps.Totals(device)  # of the epoch that is running
        self.epochs: list[dict[str, float]] = []
        self.losses: list[dict[str, float]] = []

    def begin(self) -> None:
        """Takes up the last checkpoint, or writes down what this run is."""
        checkpoint = checkpoints.latest(self.folder)
        if checkpoint is not None and not self.options.resume:
            raise TrainingError(
                f"{self.folder}: holds a run: --resume goes on with it, --out names another folder"
            )
        if checkpoint is None:
            own = ("model.safetensors", "curves.csv", "losses.csv")
            others = [name for name in own if (self.folder / name).exists()]
            if others:
                raise TrainingError(
                    f"{self.folder}: has {' and '.join(others)} and no checkpoint: they would be "
                    "lost; --out names another folder"
                )
        about = {
            "design.json": self.design.to_json(),
            "settings.json": json.dumps(self._settings(), indent=1) + "\n",
        }
        if checkpoint is not None:
            for name, text in about.items():
                before = (self.folder / name).read_text(encoding="utf-8")
                if before != text:
                    raise TrainingError(
                        f"{self.folder}: its {name} says that it was begun with another network, "
                        f"other data or other settings{_differing(before, text)}; a run goes on as "
                        "it began"
                    )
            self._take_up(checkpoint)
        self.processes.wait()  # until all have looked
        if self.processes.is_first and checkpoint is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, text in about.items():
                with replacing(self.folder / name) as draft:
                    draft.write_text(text, encoding="utf-8")

    def train(self, interruption: Interruption) -> bool:
        """Goes on to the end, or until an interruption; says whether the end was reached."""
        while self.step < self.steps:
            stops = self._epoch(interruption)
            if stops and self.step < self.steps:
                self._say(f"stopped in step {self.step:,}; --resume goes on from there")
                return False
        if self.processes.is_first:
            names = {"classes": json.dumps(self.data.names)} if self.data.names else {}
            checkpoints.save_weights(self.model, self.folder / checkpoints.WEIGHTS, names)
            if curves.can_draw():
                title = f"{self.design.name} on {self.data.name}"
                curves.draw(self.folder / "curves.png", title, self.epochs, self.losses)
        return True

    def _epoch(self, interruption: Interruption) -> bool:
        """The rest of an epoch; says whether it was interrupted, and if so there is a checkpoint.

        The processes, and what is saved and what is done next, go by one answer: the interruption
        may come between two.
        """
        epoch, self.batches.done = divmod(self.step, len(self.batches))
        self.batches.epoch = epoch
        text, total = f"epoch {epoch + 1}/{self.options.epochs}", len(self.batches)
        with bar(text, total, self.batches.done, self.processes.is_first) as advance:
            for images, labels in self.train_loader:
                self._learn(images, labels)
                advance()
                is_last = self.step % len(self.batches) == 0
                if not is_last and self.processes.any(interruption.came):
                    self._save()
                    return True
        self._end_epoch(epoch + 1)
        stops = self.processes.any(interruption.came)
        if stops or (epoch + 1) % self.options.checkpoint_every == 0 or self.step == self.steps:
            self._save()
        return stops

    def _learn(self, images: torch.Tensor, labels: torch.Tensor) -> None:
        options, device = self.options, self.processes.device
        images, labels = images.to(device), labels.to(device)
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate(self.step)
        weight = self.batches.weight(self.step % len(self.batches))
        torch.manual_seed(seed_for("step", options.seed, self.step, self.processes.rank))
        loss, outputs = steps.learn(
            self.parallel,
            self.optimiser,
            self.precision,
            steps.normalised(images, self.mean, self.std),
            labels,
            smoothing=options.smoothing,
            weight=weight,
        )
        self.totals.add(loss, outputs, labels, counts=weight > 0)
        self.step += 1
        if self.step % options.log_every == 0:
            mean = self.processes.total(loss.float() * weight) / self.processes.count
            self.losses.append({"step": self.step, "loss": mean.item()})

    def _end_epoch(self, epoch: int) -> None:
        loss, accuracy = self.totals.over(self.processes)
        self.processes.level(self.model)
        test_loss, test_accuracy = steps.test(
            self.model, self.test_loader, self.precision, self.processes, self.mean, self.std
        )
        rate = self._rate(self.step - 1)
        self.epochs.append(
            {
                "epoch": epoch,
                "step": self.step,
                "rate": rate,
                "train_loss": loss,
                "train_accuracy": accuracy,
                "test_loss": test_loss,
                "test_accuracy": test_accuracy,
            }
        )
        self._say(
            f"epoch {epoch}/{self.options.epochs}  loss {loss:.4f}  training {accuracy:.2%}  "
            f"test {test_accuracy:.2%}  rate {rate:.2g}"
        )
        self.totals = steps.Totals(self.processes.device)

    def _save(self) -> None:
        sums = self.processes.total(self.totals.sums)
        if self.processes.is_first:
            state = {
                "step": self.step,
                "sums": sums,
                "epochs": self.epochs,
                "losses": self.losses,
                "optimiser": self.optimiser.state_dict(),
                "scaler": self.precision.scaler.state_dict(),
            }
            checkpoints.save(self.folder, self.step, self.model, state)
            curves.write_table(self.folder / "curves.csv", self.epochs)
            curves.write_table(self.folder / "losses.csv", self.losses)
        # torchrun ends all processes behind the first that leaves.
        self.processes.wait()

    def _take_up(self, checkpoint: Path) -> None:
        state = checkpoints.load(checkpoint, self.model, self.processes.device)
        if not (isinstance(state["step"], int) and 0 < state["step"] <= self.steps):
            raise TrainingError(f"{checkpoint}: is no checkpoint of this run: step {state['step']}")
        self.step = state["step"]
        self.epochs = state["epochs"]
        self.losses = state["losses"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.precision.scaler.load_state_dict(state["scaler"])
        if self.processes.is_first:  # the sums are over all processes
            self.totals.sums = state["sums"]
        self._say(f"{self.folder}: goes on behind step {self.step:,} of {self.steps:,}")

    def _settings(self) -> dict[str, Any]:
        data = self.data
        images = {"train": len(data.train), "test": len(data.test)}
        about = {"name": data.name, "images": images, "mean": data.mean, "std": data.std}
        return {"data": about, "classes": data.names, **self.options.of_weights()}

    def _rate(self, step: int) -> float:
        options = self.options
        warmup = round(options.warmup * len(self.batches))
        kind, milestones = options.schedule, tuple(options.milestones)
        return options.rate * schedule.factor(
            kind, step, self.steps, warmup=warmup, milestones=milestones
        )

    def _loader(self, views: Views, batches: Any) -> DataLoader[tuple[torch.Tensor, torch.Tensor]]:
        return DataLoader(
            views,
            batch_sampler=batches,
            num_workers=self.options.workers,
            pin_memory=self.processes.device.type == "cuda",
            worker_init_fn=ignored,
        )

    def _say(self, text: str) -> None:
        if self.processes.is_first:
            print(text, flush=True)


def _differing(before: str, now: str) -> str:
    """` (rate: 0.1 there, 0.05 here)`, of settings."""
    try:
        one, two = json.loads(before), json.loads(now)
        names = [name for name in two if one.get(name) != two[name]] if "seed" in two else []
        told = [f"{name}: {one.get(name)} there, {two[name]} here" for name in names]
    except (ValueError, AttributeError):
        return ""
    return f" ({'; '.join(told)})" if told else ""
