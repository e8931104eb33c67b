"""The emitted text against its design: built on torch's meta device, without memory or time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from resdsl.analysis.shapes import ShapeTable, root_shapes
from resdsl.analysis.valid_sizes import valid_sizes
from resdsl.design.expansion import Expansion
from resdsl.design.network import Network
from resdsl.design.state import state
from resdsl.targets.module import build
from resdsl.targets.torch_source import Header, emit
from resdsl.targets.truncation import truncated

if TYPE_CHECKING:
    import torch

# Operators of the expanded network above which a truncated one is built.
OPERATORS = 10_000
# Operators of a truncated network above which nothing is built: definitions that call each other
# twice, thirty deep, are a billion.
MOST = 100_000


def verify(network: Network, source: str) -> str:
    """Builds the module of `source` and compares it with `network`; what was done, for people.

    Compared are the keys and shapes of the state dict, in order, and the shape of the result; with
    each combination of truth values, where those are arguments of the module.
    Raises AssertionError where they differ, which is a bug of ours.
    """
    operators = _operators(network)
    note = "built on the meta device: keys, shapes and output agree with the design"
    if operators > OPERATORS:
        network = truncated(network)
        if _operators(network) > MOST:
            return f"{operators:,} operators: too many to build here, so the text was not verified"
        header = Header("", "", "", 0, None, "")
        source = emit(network, header, version="")
        note = (
            f"{operators:,} operators: built with the first two and the last of each repetition "
            "on the meta device; keys, shapes and output agree with the design"
        )
    _compare(network, build(source, network.name, "meta"))
    for variant in network.variants:
        flags = variant.flags.values()
        made = build(source, network.name, "meta", flags=flags)
        _compare(replace(network, root=variant.root, varied=None), made)
    if network.variants:
        note += f", and so with all {len(network.roots)} combinations of truth values"
    return note


def _operators(network: Network) -> int:
    """Of the largest of its variants."""
    expansion = Expansion(copies=True, again=True)
    return max(map(expansion.definition, network.roots))


def _compare(network: Network, module: torch.nn.Module) -> None:
    _compare_state(network, module)
    _compare_output(network, module)


def _compare_state(network: Network, module: torch.nn.Module) -> None:
    wanted = [(entry.key, tuple(map(int, entry.tensor.shape))) for entry in state(network)]
    made = [(key, tuple(tensor.shape)) for key, tensor in module.state_dict().items()]
    for one, other in zip(wanted, made, strict=False):
        if one != other:
            raise AssertionError(f"the design has the tensor {one}, the module {other}")
    if len(wanted) != len(made):
        raise AssertionError(f"the design has {len(wanted)} tensors, the module {len(made)}")


def _compare_output(network: Network, module: torch.nn.Module) -> None:
    from resdsl.targets.torch_import import torch

    extents = _extents(network)
    if extents is None:
        return
    shapes = ShapeTable().shapes(network.root, root_shapes(network))
    wanted = [(2, *shapes[ref].at(extents)) for ref in network.root.outputs]
    with torch.no_grad():
        x = torch.empty(2, network.input.channels, *extents, device="meta")
        result = module.eval()(x)
    results = result if isinstance(result, dict) else {"": result}
    if len(wanted) > 1 and tuple(results) != network.outputs:
        names = ", ".join(network.outputs)
        raise AssertionError(f"the design's outputs are {names}, the module's {', '.join(results)}")
    made = [tuple(tensor.shape) for tensor in results.values()]
    if made != wanted:
        raise AssertionError(f"the design's output is {wanted}, the module's {made}")


def _extents(network: Network) -> tuple[int, ...] | None:
    """An input size: the declared one, a free extent the first power of two that runs."""
    declared = network.input.extents
    sizes = valid_sizes(network)
    for exponent in range(13):
        chosen = tuple(2**exponent if extent is None else extent for extent in declared)
        if sizes.allows(chosen):
            return chosen
    return None
