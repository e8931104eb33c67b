"""The weights of a ResNeXt in one of its three equal forms as those of another.

Xie et al. 2016, "Aggregated Residual Transformations for Deep Neural Networks", 1611.05431, Fig. 3:
(a) paths that are summed, (b) paths that are concatenated before a common 1x1 convolution, (c)
grouped convolutions, as torchvision and timm have it. The blocks are `std.resnext.aggregated` and,
in form (c), `bottleneck` too, and torchvision's:

    model = resdsl.load("resnext50_32x4d_a")
    model.load_state_dict(resdsl.to_form(torchvision.models.resnext50_32x4d().state_dict(), "a"))

Path i has the i-th of C equal slices of every channel between the first and the last convolution.
Values are copied, never computed: there and back again is the same to the bit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from resdsl.records import dataclass

if TYPE_CHECKING:
    from torch import Tensor

Form = Literal["a", "b", "c"]
# The tensors of a module by their names, in order: those of `bn1` by weight, bias, running_mean…
Part: TypeAlias = "dict[str, Tensor]"

_INNER = ("conv1", "bn1", "conv2", "bn2")
_MODULES = (*_INNER, "conv3", "bn3")


class FormError(ValueError):
    """A state dict that has no block of ResNeXt, or one that does not fit together."""


def to_form(state: Mapping[str, Tensor], form: Form) -> dict[str, Tensor]:
    """A state dict with each block in this form, in the order of the module that takes it.

    Of a network or of a block alone. The form that it has is seen, block by block. A ResNet's
    bottleneck is a block of one path. What stands outside the blocks is passed on. As keys do not
    tell what a module does with them, norms that are no batch norms, and biases of `conv3`, which
    (a) would add once for each path, are refused; a pre-activated bottleneck is, where its channels
    show it.
    """
    if not isinstance(state, Mapping):
        raise FormError(f"not a state dict, but a {type(state).__name__}: its `.state_dict()`")
    if form not in get_args(Form):
        raise FormError(f"no form {form!r}: there are a, b and c")
    for key, tensor in state.items():
        if not hasattr(key, "split") or not hasattr(tensor, "shape"):
            raise FormError(f"no state dict: {key!r} is a {type(tensor).__name__}")
    found = _found(state)
    blocks = {name: block for name, block in found.items() if block.is_aggregated}
    if not blocks:
        raise FormError("no block of ResNeXt: none has conv1, bn1, conv2, bn2, conv3 and bn3")
    result: dict[str, Tensor] = {}
    done = set()
    for key, tensor in state.items():
        name, _, module, _ = _split(key)
        if name not in blocks or module not in _MODULES:
            result[key] = tensor
        elif name not in done:
            done.add(name)
            for rest, value in _written(blocks[name].grouped(), form):
                result[f"{name}{rest}"] = value
    return result


@dataclass(slots=True)
class _Block:
    """What one prefix holds of the modules that a block has."""

    name: str
    modules: dict[str, Part] = field(default_factory=dict)
    paths: dict[int, dict[str, Part]] = field(default_factory=dict)

    @property
    def is_aggregated(self) -> bool:
        """Whether this is a block at all: basic ones and deep stems have such names, too."""
        if self.paths and self.modules.keys() >= {*_INNER}:
            raise FormError(f"{self.name}path is there beside the modules of form (c)")
        if self.paths:
            return any(part.keys() >= {*_INNER} for part in self.paths.values())
        return self.modules.keys() >= {*_MODULES} and all(
            _is_pointwise(self.modules[module].get("weight")) for module in ("conv1", "conv3")
        )

    def grouped(self) -> dict[str, Part]:
        """The modules in form (c), with everything checked that their shapes tell."""
        modules = self._merged() if self.paths else self.modules
        where = self.name.removesuffix(".") or "the block"
        if modules.keys() != {*_MODULES}:
            missing = [module for module in _MODULES if module not in modules]
            raise FormError(f"{where}: no {', '.join(missing)}")
        shapes = []
        for module, part in modules.items():
            needed = "weight" if module.startswith("conv") else "running_mean"
            if needed not in part:
                raise FormError(f"{where}: {module} has no {needed}")
            shapes.append(f"{module} {'x'.join(map(str, part[needed].shape))}")
        if "bias" in modules["conv3"]:
            raise FormError(f"{where}: conv3 has a bias, which form (a) would add for each path")
        paths = _cardinality(modules)
        if paths is None or (self.paths and paths != len(self.paths)):
            raise FormError(f"{where}: shapes do not fit together: {', '.join(shapes)}")
        return modules

    def _merged(self) -> dict[str, Part]:
        """Paths as the groups of one."""
        where = f"{self.name}path"
        if sorted(self.paths) != [*range(len(self.paths))]:
            raise FormError(f"{where}: not all of 0 to {max(self.paths)} are there")
        paths = [self.paths[index] for index in range(len(self.paths))]
        shapes = [[(name, key, t.shape) for name, key, t in _tensors(path)] for path in paths]
        for index, one in enumerate(shapes):
            if one != shapes[0]:
                raise FormError(f"{where}: {index} has other tensors or shapes than 0")
        if both := paths[0].keys() & self.modules.keys():
            raise FormError(f"{self.name}{min(both)} is there beside that of each path")
        merged = {
            module: {
                key: _joined([path[module][key] for path in paths], module, f"{where}.*.{module}")
                for key in part
            }
            for module, part in paths[0].items()
        }
        found = merged | self.modules
        return {module: found[module] for module in _MODULES if module in found}


def _found(state: Mapping[str, Tensor]) -> dict[str, _Block]:
    """What there is of each prefix, a block or not."""
    blocks: dict[str, _Block] = {}
    for key, tensor in state.items():
        name, path, module, rest = _split(key)
        if module in _MODULES:
            block = blocks.setdefault(name, _Block(name))
            modules = block.modules if path is None else block.paths.setdefault(path, {})
            modules.setdefault(module, {})[rest] = tensor
    return blocks


def _split(key: str) -> tuple[str, int | None, str, str]:
    """`layer1.0.path.3.conv1.weight` is tensor weight of module conv1 of path 3 of `layer1.0.`."""
    parts = ["", "", "", *key.split(".")]
    names, module, tensor = parts[:-2], parts[-2], parts[-1]
    path = None
    # As torch numbers them: `01` is another name.
    if names[-2] == "path" and re.fullmatch(r"0|[1-9]\d*", names[-1], re.ASCII):
        path = int(names[-1])
        del names[-2:]
    return "".join(f"{name}." for name in names if name), path, module, tensor


def _tensors(modules: Mapping[str, Part]) -> Iterator[tuple[str, str, Tensor]]:
    for module, part in modules.items():
        for key, tensor in part.items():
            yield module, key, tensor


def _is_pointwise(weight: Tensor | None) -> bool:
    """Whether this is the weight of a 1x1 convolution, of any number of dimensions."""
    return weight is not None and weight.dim() > 2 and all(n == 1 for n in weight.shape[2:])


def _cardinality(modules: Mapping[str, Part]) -> int | None:
    """The number of groups, or None where the shapes do not fit together."""
    weights = {name: modules[name]["weight"] for name in ("conv1", "conv2", "conv3")}
    if any(weight.dim() < 3 for weight in weights.values()):
        return None
    inner, outer, of_group = len(weights["conv2"]), len(weights["conv3"]), weights["conv2"].shape[1]
    if not of_group or inner % of_group:
        return None
    if (len(weights["conv1"]), weights["conv3"].shape[1]) != (inner, inner):
        return None
    for module, key, tensor in _tensors(modules):
        channels = outer if module in ("conv3", "bn3") else inner
        if tensor.dim() and len(tensor) != channels:
            return None
        if not tensor.dim() and key != "num_batches_tracked":
            return None
    return inner // of_group


def _written(modules: Mapping[str, Part], form: Form) -> Iterator[tuple[str, Tensor]]:
    """The tensors of a block in a form, from those in form (c)."""
    common: Sequence[str] = _MODULES
    if form != "c":
        count = _cardinality(modules)
        assert count is not None
        common = ["bn3"] if form == "a" else ["conv3", "bn3"]
        for index in range(count):
            for module, key, tensor in _tensors(modules):
                if module not in common:
                    yield f"path.{index}.{module}.{key}", _slice(tensor, module, index, count)
    for module in common:
        for key, tensor in modules[module].items():
            yield f"{module}.{key}", tensor


def _slice(tensor: Tensor, module: str, index: int, count: int) -> Tensor:
    """What path `index` of `count` has of a tensor, as a tensor of its own."""
    if not tensor.dim():
        return tensor.clone()
    return tensor.chunk(count, int(module == "conv3"))[index].clone()


def _joined(tensors: Sequence[Tensor], module: str, where: str) -> Tensor:
    """The tensors of all paths as one. Of counters there is one in the end: they must agree."""
    from resdsl.targets.torch_import import torch

    if tensors[0].dim():
        return torch.cat(list(tensors), int(module == "conv3"))
    if not all(torch.equal(tensor, tensors[0]) for tensor in tensors):
        raise FormError(f"{where}: the paths have counted different numbers of batches")
    return tensors[0].clone()
