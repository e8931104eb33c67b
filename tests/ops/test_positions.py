"""What the results of every operator see of its input's positions, against torch's.

An operator inherits this from what it is. One that mixes positions or changes extents, and inherits
from `ElementWise` all the same, fails here.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

import resdsl
from resdsl.extents import Shape, variable
from resdsl.ops import REGISTRY, Op
from resdsl.ops.base import Problem
from resdsl.ops.base import operator as operator_called
from resdsl.ops.positions import ElementWise, SeesAll
from tests.ops.calls import calls

if TYPE_CHECKING:
    from torch import Tensor, nn

# Their statistics are those of whole maps. A field counts windows, and so leaves norms out.
MIX_BY_STATISTICS = {
    "evonorm",
    "filter_response_norm",
    "global_response_norm",
    "groupnorm",
    "instancenorm",
}

CHANNELS = 8
EXTENTS = (7, 6, 5)


def mixes(call: str) -> bool:
    """Whether a call's results depend on whole maps, which no window tells."""
    return call.partition("(")[0] in MIX_BY_STATISTICS or 'over="positions"' in call


def calls_of(kind: type[Op], *, besides: set[str] = frozenset()) -> list[Any]:
    """The calls on maps of the operators of a kind."""
    found = []
    for call in calls():
        name = call.values[1].partition("(")[0]
        if call.values[0] and issubclass(REGISTRY[name], kind) and name not in besides:
            found.append(call)
    return found


every_call = pytest.mark.parametrize(("rank", "call"), list(calls()))
each_alone = pytest.mark.parametrize(("rank", "call"), calls_of(ElementWise))
around = pytest.mark.parametrize(
    ("rank", "call"),
    [
        call
        for call in calls_of(
            Op,
            besides=MIX_BY_STATISTICS | {n for n, o in REGISTRY.items() if issubclass(o, SeesAll)},
        )
        if "upsample(size" not in call.values[1] and 'over="positions"' not in call.values[1]
    ],
)
all_of_it = pytest.mark.parametrize(("rank", "call"), calls_of(SeesAll))


def spec(rank: int, call: str) -> str:
    size = " x ".join(map(str, (CHANNELS, *EXTENTS[:rank])))
    return f"network one {{ input {size} op: {call} }}\n"


def operator(rank: int, call: str) -> Op:
    (step,) = resdsl.design(spec(rank, call)).facts.network.root.body.modules()
    assert isinstance(step.unit, Op)
    return step.unit


@cache
def seen_by(rank: int, call: str) -> Tensor:
    return seen(resdsl.load(spec(rank, call)), EXTENTS[:rank])


def seen(module: nn.Module, extents: tuple[int, ...]) -> Tensor:
    """Which results see which elements: `(*extents of the result, *extents)`, in all channels."""
    import torch

    module.double().eval()
    torch.manual_seed(0)
    positions = torch.Size(extents).numel()
    sample = torch.rand(CHANNELS, positions, dtype=torch.float64)
    # A sample for each position: other numbers there, above all others and below them in turn.
    by = torch.tensor([(-1) ** c * (3 + c) for c in range(CHANNELS)], dtype=torch.float64)
    changed = torch.eye(positions, dtype=torch.float64)[:, None, :] * by[:, None]
    with torch.no_grad():
        for parameter in module.parameters():
            # No weight is 0, and none take away what others add.
            parameter.uniform_(0.5, 1.5)
        before = module(sample.reshape(1, CHANNELS, *extents))
        after = module((sample + changed).reshape(positions, CHANNELS, *extents))
    differs = (after - before).abs().amax(1) > 1e-12
    return differs.movedim(0, -1).unflatten(-1, extents)


def is_element_wise(found: Tensor, extents: tuple[int, ...]) -> bool:
    import torch

    if tuple(found.shape) != (*extents, *extents):
        return False
    positions = torch.Size(extents).numel()
    itself = torch.eye(positions, dtype=torch.bool).reshape(found.shape)
    return not (found & ~itself).any()


def told(op: Op, rank: int) -> tuple[Any, ...]:
    return op.sampling(rank), op.field(rank), op.windows(rank)


def test_an_operator_that_says_nothing_is_none() -> None:
    class Nothing(Op):
        __slots__ = ()

    with pytest.raises(TypeError, match="does not say: field, infer, module, sampling, windows"):
        operator_called("nothing")(Nothing)
    assert "nothing" not in REGISTRY


@each_alone
def test_element_wise(rank: int, call: str) -> None:
    """A change at one position changes the result there alone, and extents stay."""
    op, extents = operator(rank, call), tuple(map(variable, range(rank)))
    shape = op.infer(Shape(CHANNELS, extents), [])
    assert not isinstance(shape, Problem)
    assert shape.extents == extents
    assert told(op, rank) == (((1, 1),) * rank, (1,) * rank, (range(1),) * rank)
    assert is_element_wise(seen_by(rank, call), EXTENTS[:rank]) != mixes(call)


@around
def test_what_results_see(rank: int, call: str) -> None:
    """Where an operator steps over its input, a result sees what `windows` says, all of it and no
    more."""
    op = operator(rank, call)
    steps, windows = op.sampling(rank), op.windows(rank)
    assert steps is not None
    assert windows is not None
    for axis, (step, window) in enumerate(zip(steps, windows, strict=True)):
        if step[1] > 1:
            # Results lie between the elements.
            continue
        window = padded_at(op, window, step[0], EXTENTS[axis])
        for at, elements in enumerate(along(seen_by(rank, call), axis, rank)):
            expected = {at * step[0] + element for element in window}
            assert elements == expected & set(range(EXTENTS[axis])), (axis, at)


def padded_at(op: Op, window: range, stride: int, extent: int) -> range:
    """A window at an extent. Of one that is padded by what that needs `windows` says where it is at
    extents that the stride divides."""
    if op.window is None or not op.window.is_same:
        return window
    total = max(window[-1] - window[0] - (extent - 1) % stride, 0)
    assert extent % stride or window.start == -(total // 2)
    return range(-(total // 2), -(total // 2) + len(window) * window.step, window.step)


@around
def test_how_much_results_see(rank: int, call: str) -> None:
    """From the first element that a result sees to the last there are as many as `field` says."""
    op = operator(rank, call)
    fields = op.field(rank)
    assert fields is not None
    for axis, field in enumerate(fields):
        rows = along(seen_by(rank, call), axis, rank)
        widest = max(max(elements) - min(elements) + 1 for elements in rows if elements)
        assert widest == min(field, EXTENTS[axis])


@all_of_it
def test_what_sees_all(rank: int, call: str) -> None:
    assert told(operator(rank, call), rank) == (None, None, None)
    assert seen_by(rank, call).reshape(-1, *EXTENTS[:rank]).any(0).all()


@pytest.mark.parametrize("call", ["upsample(size=13)", 'upsample(size=4, mode="linear")'])
def test_no_step_to_a_size(call: str) -> None:
    """The step between results is another at each size of the input."""
    assert told(operator(2, call), 2) == (None, None, None)


def along(found: Tensor, axis: int, rank: int) -> list[set[int]]:
    """By position of the result along one dimension, the positions of the input that it sees."""
    others = [i for i in range(2 * rank) if i not in (axis, rank + axis)]
    for other in reversed(others):
        found = found.any(other)
    return [set(row.nonzero().flatten().tolist()) for row in found]


# --- what the test of element-wise operators would tell -------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("AvgPool2d", (3, 1, 1)),
        ("MaxPool2d", (2,)),
        ("Upsample", (None, 2)),
        ("ZeroPad2d", (1,)),
        ("PixelShuffle", (2,)),
        ("Conv2d", (8, 8, 3, 1, 1)),
        ("AdaptiveAvgPool2d", (1,)),
    ],
)
def test_what_mixes_positions_is_found(name: str, arguments: tuple[Any, ...]) -> None:
    from torch import nn

    found = seen(getattr(nn, name)(*arguments), EXTENTS[:2])
    assert not is_element_wise(found, EXTENTS[:2])


# --- what operators say besides -------------------------------------------------------------------


@every_call
def test_the_class_of_a_module_is_among_the_operators_helpers(rank: int, call: str) -> None:
    """Names of the emitted text make way for those of all helpers."""
    op = operator(rank, call)
    extents = tuple(map(variable, range(rank)))
    helper = op.module(Shape(CHANNELS, extents, flat=not rank)).helper
    assert helper is None or helper.name in {one.name for one in op.helpers}


# They divide, and take no mean away.
WITHOUT_MEAN = {"evonorm", "filter_response_norm"}


@pytest.mark.parametrize(
    "name",
    [name for name, op in REGISTRY.items() if op.role == "norm" and name not in WITHOUT_MEAN],
)
def test_statistics_of_a_norm(name: str) -> None:
    """Whether they are of all positions and of the batch, by what changes in training."""
    import torch

    call = {"groupnorm": "groupnorm(4)"}.get(name, name)
    statistics = operator(2, call).statistics(Shape(CHANNELS, (variable(0), variable(1))))
    assert statistics is not None
    module = resdsl.load(spec(2, call)).double().train()
    x = torch.rand(2, CHANNELS, 3, 3, dtype=torch.float64)
    changed = x.clone()
    changed[0, 0, 0, 0] += 5
    moved = (module(x) - module(changed)).abs() > 1e-9
    assert bool(moved[0, 0, 2, 2]) == statistics.over_positions
    assert bool(moved[1, 0].any()) == statistics.over_batch
    assert int(moved[0].any(2).any(1).sum()) == CHANNELS // statistics.groups
