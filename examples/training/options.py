"""The command line, and the presets that fill it in."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from training import schedule

N = TypeVar("N", int, float)

PRESETS: dict[str, dict[str, Any]] = {
    # Of a much-read tutorial. It tests on images of 28x28, at which its network fails; here they
    # are padded to 32x32 as those that it trains on.
    "mnist-tutorial": {
        "spec": "mnist_resnet",
        "pad": 4,
        "flip": True,
        "batch_size": 32,
        "optimiser": "adam",
        "rate": 0.001,
        "schedule": "constant",
        "weight_decay": 0.0,
        "epochs": 5,
        "log_every": 100,
    },
    # A digit that is mirrored is another one, or none: no flips.
    "digits": {
        "spec": str(Path(__file__).parent.parent / "digits.res"),
        "data": "digits",
        "folds": "all",
        "pad": 1,
        "batch_size": 32,
        "rate": 0.1,
        "schedule": "cosine",
        "weight_decay": 5e-4,
        "smoothing": 0.1,
        "warmup": 2,
        "epochs": 25,
        "log_every": 10,
    },
    # He et al. 2015, section 4.2: 64,000 steps of 128 images, of 50,000 or 45,000.
    "cifar-paper": {
        "spec": "cifar_resnet20",
        "pad": 4,
        "flip": True,
        "batch_size": 128,
        "rate": 0.1,
        "schedule": "steps",
        "weight_decay": 1e-4,
        "epochs": 164,
    },
}


@dataclass(frozen=True)
class Options:
    spec: str
    weights: str | None
    freeze: list[str]
    body_rate: float
    net: str | None
    settings: dict[str, Any]
    input: str | None
    data: str
    folds: str
    out: Path
    resume: bool
    seed: int
    epochs: int
    batch_size: int
    optimiser: str
    rate: float
    momentum: float
    weight_decay: float
    schedule: str
    milestones: list[float]
    warmup: float
    smoothing: float
    pad: int
    flip: bool
    device: str
    amp: str
    deterministic: bool
    workers: int
    log_every: int
    checkpoint_every: int

    def of_weights(self) -> dict[str, Any]:
        """What the weights depend on beside network and data: a run that goes on must not change
        it."""
        names = (
            "weights seed epochs batch_size optimiser rate momentum weight_decay schedule "
            "milestones warmup smoothing pad flip amp freeze body_rate"
        )
        return {name: getattr(self, name) for name in names.split()}


def parsed(arguments: Sequence[str] | None = None) -> Options:
    """The options of a command line (the program's own if None). A mistake ends the program."""
    parser = _parser()
    preset, _ = parser.parse_known_args(arguments)
    parser.set_defaults(**PRESETS.get(preset.preset, {}))
    found = vars(parser.parse_args(arguments))
    del found["preset"]
    for name in ("spec", "data"):
        if found[name] is None:
            parser.error(f"{'SPEC' if name == 'spec' else '--data'} is missing")
    pairs = found.pop("set")
    if len(dict(pairs)) < len(pairs):
        parser.error("--set: a parameter is set twice")
    if found["warmup"] > found["epochs"]:
        parser.error(
            f"argument --warmup: {found['warmup']:g} epochs are more than the {found['epochs']} of "
            "--epochs; 0 is none"
        )
    return Options(settings=dict(pairs), **found)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Trains a network of resdsl, alone or under torchrun.", allow_abbrev=False
    )
    add = parser.add_argument
    help = (
        "a .res file, a network of the zoo, or a file of resdsl.save, whose weights it starts from"
    )
    add("spec", nargs="?", metavar="SPEC", help=help)
    help = "start from these: .safetensors or .pt, timm's and torchvision's too (docs/weights.md)"
    add("--weights", metavar="FILE", help=help)
    add("--preset", choices=PRESETS, help="settings to start from; other options change them")

    group = parser.add_argument_group("network, as in resdsl's commands")
    add = group.add_argument
    add("--net", metavar="NAME", help="which network, where the spec has several")
    add("--set", metavar="NAME=VALUE", type=_setting, action="append", default=[],
        help="a parameter of the network, as classes=10; may be repeated")  # fmt: skip
    add("--input", metavar="SIZE", help="another input, as 1x8x8")

    group = parser.add_argument_group("data")
    add = group.add_argument
    add("--data", metavar="DATA", help="`digits`, or a folder: MNIST's, FashionMNIST's or "
        "CIFAR's files, or train/CLASS/IMAGE beside val/ or test/")  # fmt: skip
    add("--folds", default="1", metavar="N|all", help="of the digits: a fold of 1 to 5, or all")
    add("--pad", type=whole(0, 1024), default=0, help="black around each image, before its crop")
    add("--flip", action=argparse.BooleanOptionalAction, default=False, help="mirror half of them")
    add("--workers", type=whole(0, 1024), default=0, help="processes that read images")

    group = parser.add_argument_group("training")
    add = group.add_argument
    add("--seed", type=whole(0, 2**63 - 1), default=0)
    add("--epochs", type=whole(1, 10**6), default=10)
    add("--batch-size", type=whole(1, 10**6), default=128, help="over all processes")
    add("--optimiser", choices=("sgd", "adam", "adamw"), default="sgd")
    add("--rate", type=_number(0, 1000), default=0.1, help="the highest learning rate")
    add("--body-rate", type=_number(0, 1000), default=1.0, metavar="FACTOR",
        help="what the rate is multiplied by for all layers but the last")  # fmt: skip
    add("--freeze", type=_names, default=[], metavar="MODULES",
        help="modules that stay as they are: conv1,bn1,layer1")  # fmt: skip
    add("--momentum", type=_number(0, 1), default=0.9, help="of sgd")
    add("--weight-decay", type=_number(0, 1000), default=1e-4)
    add("--schedule", choices=schedule.KINDS, default="cosine")
    add("--milestones", type=_number(0, 1), nargs="+", default=[0.5, 0.75], metavar="PART",
        help="of `steps`: the parts of the training behind which the rate is a tenth")  # fmt: skip
    add(
        "--warmup",
        type=_number(0, 10**6),
        default=0,
        metavar="EPOCHS",
        help="in which the rate rises",
    )
    add("--smoothing", type=_number(0, 1), default=0, help="of the labels")

    group = parser.add_argument_group("run")
    add = group.add_argument
    add("--out", type=Path, default=Path("run"), help="a folder for all that is written")
    add("--resume", action="store_true", help="go on where the run in --out was left")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto")
    add("--amp", choices=("auto", "off", "bf16", "fp16"), default="auto",
        help="mixed precision; auto uses it on CUDA alone")  # fmt: skip
    add("--deterministic", action="store_true",
        help="equal to the bit on CUDA too, by slower operators")  # fmt: skip
    add(
        "--log-every",
        type=whole(1, 10**9),
        default=100,
        metavar="STEPS",
        help="the loss of a batch",
    )
    add("--checkpoint-every", type=whole(1, 10**6), default=1, metavar="EPOCHS")
    return parser


def _setting(text: str) -> tuple[str, Any]:
    """`depths=3,4,6,3` as a name and a value of Python's; words stay words, as `unit=basic`."""
    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"`{text}` is not of the form NAME=VALUE, as classes=10")
    truths = {"true": True, "false": False}
    if value in truths:
        return name, truths[value]
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return name, value
    return name, list(found) if isinstance(found, tuple) else found


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError(f"{text!r} names no module")
    return names


def whole(least: int, most: int) -> Callable[[str], int]:
    """What reads an option that is a whole number of this range."""
    return _in_range(int, least, most, "whole number")


def _number(least: float, most: float) -> Callable[[str], float]:
    return _in_range(float, least, most, "number")


def _in_range(read: Callable[[str], N], least: N, most: N, what: str) -> Callable[[str], N]:
    def value(text: str) -> N:
        try:
            found = read(text)
        except ValueError:
            found = None
        if found is None or not least <= found <= most:  # not a number (nan) is in no range
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is no {what} from {least} to {most}")
        return found

    return value
