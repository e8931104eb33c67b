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
from training.folder import check_free, check_same, check_tables
from training.freezing import frozen, to_train
from training.interruption import Interruption, kept_from_children
from training.optimisers import kept, optimiser, set_rate
from training.options import Options
from training.processes import Processes
from training.seeds import seed_for
from training.state import Row, State, Training
from training.views import Views


class Loader(DataLoader[tuple[torch.Tensor, torch.Tensor]]):
    """Its processes end when it does, not by Ctrl-C: the step that is running needs them."""

    def __iter__(self) -> Any:
        with kept_from_children():
            return super().__iter__()


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
        self.still = frozen(self.model, options.freeze)
        to_train(self.model, self.still)
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
        self.epochs: list[Row] = []
        self.losses: list[Row] = []

    def begin(self) -> None:
        """Takes up the last checkpoint, or writes down what this run is."""
        checkpoint = checkpoints.latest(self.folder)
        if checkpoint is not None and not self.options.resume:
            raise TrainingError(
                f"{self.folder}: holds a run: --resume goes on with it, --out names another folder"
            )
        about = {
            "settings.json": json.dumps(self._settings(), indent=1) + "\n",
            "design.json": self.design.to_json(),
        }
        if checkpoint is None:
            check_free(self.folder, about)
        else:
            check_same(self.folder, about)
            self._take_up(checkpoint)
            tables = {name: curves.table(rows) for name, rows in self._tables().items()}
            check_tables(self.folder, tables)
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
            with interruption.writing():
                checkpoints.save_weights(self.model, self.folder / checkpoints.WEIGHTS, names)
                if curves.can_draw():
                    title = f"{self.design.name} on {self.data.name}"
                    curves.draw(self.folder / "curves.png", title, self.epochs, self.losses)
        self.processes.wait()  # none closes its connections before all is done
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
                    self._save(interruption)
                    return True
        self._end_epoch(epoch + 1)
        stops = self.processes.any(interruption.came)
        if stops or (epoch + 1) % self.options.checkpoint_every == 0 or self.step == self.steps:
            self._save(interruption)
        return stops

    def _learn(self, images: torch.Tensor, labels: torch.Tensor) -> None:
        options, device = self.options, self.processes.device
        images, labels = steps.to_device(images, labels, device)
        set_rate(self.optimiser, self._rate(self.step))
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
        to_train(self.model, self.still)
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

    def _save(self, interruption: Interruption) -> None:
        sums = self.processes.total(self.totals.sums)
        if self.processes.is_first:
            state = State(
                self.step,
                sums,
                self.epochs,
                self.losses,
                self.optimiser.state_dict()["state"],
                self.precision.scaler.state_dict(),
            )
            with interruption.writing():
                checkpoints.save(self.folder, self.model, state)
                for name, rows in self._tables().items():
                    curves.write_table(self.folder / name, rows)
        # torchrun ends all processes behind the first that leaves.
        self.processes.wait()

    def _tables(self) -> dict[str, list[Row]]:
        return {"curves.csv": self.epochs, "losses.csv": self.losses}

    def _take_up(self, checkpoint: Path) -> None:
        groups = self.optimiser.param_groups
        scaler = self.precision.scaler
        training = Training(
            checkpoints.step_of(checkpoint),
            self.steps,
            len(self.batches),
            [parameter for group in groups for parameter in group["params"]],
            kept(self.options),
            scaler.state_dict(),
        )
        state = checkpoints.load(checkpoint, self.model, training)
        self.step, self.epochs, self.losses = state.step, state.epochs, state.losses
        # Its groups say what the options do.
        own = self.optimiser.state_dict()
        self.optimiser.load_state_dict({**own, "state": state.optimiser})
        scaler.load_state_dict(state.scaler)
        if self.processes.is_first:  # the sums are over all processes
            self.totals.sums = state.sums.to(self.processes.device)
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

    def _loader(self, views: Views, batches: Any) -> Loader:
        return Loader(
            views,
            batch_sampler=batches,
            num_workers=self.options.workers,
            pin_memory=self.processes.device.type == "cuda",
        )

    def _say(self, text: str) -> None:
        if self.processes.is_first:
            print(text, flush=True)
