"""A network of the zoo beside the same of a library: numbers, keys and outputs."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import resdsl
from tests.weights.counterparts import COUNTERPARTS
from tests.zoo.oracles import counted, sizes_of, take, theirs
from tests.zoo.truth import WEIGHTS

if TYPE_CHECKING:
    from torch import nn

# What rounding may leave between outputs in double precision.
EXACT = 1e-12

# Options of the libraries' models that change no more than how a network starts.
STARTS = ("init_weights", "ls_init_value")

Model = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Beside:
    """What was found. `wrong`: why nothing was."""

    name: str
    library: str
    theirs: str
    params: int = 0
    macs: int = 0
    numbers: str = ""
    keys: str = ""
    eval: str = ""
    training: str = ""
    wrong: str = ""

    @property
    def is_wrong(self) -> bool:
        return bool(self.wrong or self.numbers) or "wrong" in self.eval + self.training

    @property
    def line(self) -> str:
        said = (self.numbers, self.keys, self.eval, self.training, self.wrong)
        return f"{self.name} {self.theirs}: {', '.join(filter(None, said))}"


def models(name: str) -> dict[str, Model]:
    """By library, what makes a network there, and what it is given."""
    found: dict[str, Model] = {}
    if name in WEIGHTS:
        one = WEIGHTS[name]
        found[_library(one["theirs"])] = one["theirs"], one.get("options", {})
    for function, options in COUNTERPARTS.get(name, []):
        found.setdefault(_library(function), (function, options))
    return found


def called(name: str, library: str) -> str:
    """What makes a network of the zoo there: `mobilenet_v2(width_mult=0.5)`."""
    function, options = models(name)[library]
    given = ", ".join(f"{key}={value!r}" for key, value in options.items() if key not in STARTS)
    return function.rpartition(":")[2].rpartition(".")[2] + (f"({given})" if given else "")


def _library(function: str) -> str:
    return function.partition(".")[0]


def keys(name: str, model: nn.Module) -> str:
    """How a library's weights become those of a network of the zoo; "" where they do not."""
    from resdsl.weights.matching import plan
    from resdsl.weights.refusal import WeightsError
    from resdsl.weights.tensors import wanted
    from resdsl.weights.unwrapping import found
    from resdsl.weights.wishes import Wishes

    ours = wanted(resdsl.design(name).network)
    state = {key: found(tensor) for key, tensor in model.state_dict().items()}
    if list(state) == list(ours.shapes):
        return "same"
    try:
        taken = plan(ours, state, Wishes(), name=name).takes
    except WeightsError:
        return ""
    if len(taken) != len(ours.shapes):
        return ""
    return "order" if all(key == other for key, other in taken.items()) else "loads"


def beside(name: str, library: str, function: str, options: dict[str, Any]) -> Beside:
    oracle = WEIGHTS.get(name, {})
    is_like = oracle.get("theirs") == function
    if not is_like:
        oracle = {"theirs": function, "options": options, "train": True}
    model, design = theirs(oracle), resdsl.design(name)
    channels, *extents = map(int, design.input)
    sizes = sizes_of(name, oracle)
    numbers = []
    for size in [extents, *sizes]:
        own, other = (design.params, design.at(*size).macs), counted(model, channels, size)
        if own != other:
            numbers.append(f"{own} and not {other} at {'x'.join(map(str, size))}")
    kind = keys(name, model)
    ours = resdsl.load(name, seed=0)
    if kind and "rename" not in oracle:
        ours = resdsl.load(name, weights=model.state_dict())
    else:
        take(ours, model, oracle)
    if not is_like:
        # Others may have the same network with other rates.
        for one in (ours, model):
            without_chance(one)
    said = []
    for training in (False, True):
        if training and not oracle.get("train"):
            said.append("")
            continue
        for one in (ours, model):
            one.train(training)
        shapes = [(2, channels, *size) for size in sizes]
        far = max(_difference(ours, model, shape) for shape in shapes)
        said.append("equal" if far == 0 else f"{far:.0e}{reason(ours, model, shapes)}")
    return Beside(
        name, library, function, design.params, design.macs or 0, "; ".join(numbers), kind, *said
    )


def _difference(ours: nn.Module, model: nn.Module, shape: tuple[int, ...]) -> float:
    """The largest of two outputs for equal inputs and draws, over the library's largest element."""
    import torch

    (dtype,) = {parameter.dtype for parameter in model.parameters()}
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1)).to(dtype)
    made = []
    with torch.no_grad():
        for one in (ours, model):
            torch.manual_seed(2)
            made.append(one(x))
    return float((made[0] - made[1]).abs().max() / made[1].abs().max())


def reason(ours: nn.Module, model: nn.Module, shapes: Iterable[tuple[int, ...]]) -> str:
    """Why outputs are not equal to the bit: the operation that differs, if it alone does.

    Then it is rounding, of which in double precision next to nothing is left.
    """
    doubled = copy.deepcopy(ours).double(), copy.deepcopy(model).double()
    left = max(_difference(*doubled, shape) for shape in shapes)
    if left > EXACT:
        return " wrong"
    other = "its linear layers are convolutions; " if hasattr(model, "pre_logits") else ""
    return f" ({other}{left:.0e} in float64)"


def without_chance(model: nn.Module) -> None:
    """Nothing is left out in training: by modules, or by functions that read a model's rate."""
    for module in model.modules():
        is_chance = "Drop" in type(module).__name__ or type(module).__name__ == "StochasticDepth"
        for rate in ("p", "drop_prob", "drop_rate") if is_chance else ("drop_rate",):
            if hasattr(module, rate):
                setattr(module, rate, 0.0)


def table(rows: Iterable[Beside]) -> str:
    """In Markdown."""
    lines = [
        "| network | beside | parameters | MACs | keys | eval | training |",
        "|---|---|--:|--:|---|---|---|",
    ]
    for row in rows:
        model = row.theirs.rpartition(":")[2].rpartition(".")[2]
        lines.append(
            f"| `{row.name}` | {row.library} {model} | {row.params:,} | {row.macs:,} | {row.keys} "
            f"| {row.eval} | {row.training or '–'} |"
        )
    return "\n".join(lines)
