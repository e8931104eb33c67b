"""`design.partition(n)`: the most even cuts there are, between what one tensor joins."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

import resdsl
from resdsl.analysis.pipelining import _evenly
from tests.zoo.families import full

# A tensor that is kept over two stages, copies that read it, a group, a module called twice.
NETWORK = """
block pair(other: tensor, width: int) { conv(3, width) norm act join here + other }
network net {
    input 3 x 16 x 16
    stem: { conv: conv(3, 8) norm act }
    first: conv(3, 8) keep first
    second: { a: conv(3, 8) b: conv(3, 8) }
    join here + first
    rows: basic(8) x 3
    keep around
    pairs: pair(around, 8) x 2
    unit: conv(3, 8)
    reuse unit
    residual { conv(3, 8) norm }
    last: basic(16) x 2
    global_avgpool flatten fc: linear(10)
}
"""


def test_where_one_tensor_goes_on() -> None:
    design = resdsl.design(NETWORK)
    most = 12
    with pytest.raises(ValueError, match=f"there are {most} parts at most, not {most + 1}"):
        design.partition(most + 1)
    assert [part.begins for part in design.partition(most)] == [
        "stem.conv",
        "stem.norm",
        "first",
        "second.a",
        "rows.0",
        "rows.1",
        "rows.2",
        "pairs",
        "unit",
        "last.0",
        "last.1",
        "fc",
    ]


@pytest.mark.parametrize(
    "name",
    ["resnet18", "googlenet", *(pytest.param(n, marks=full) for n in ("densenet121", "dla34"))],
)
@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_it_is_all_of_the_network(name: str, number: int) -> None:
    design = resdsl.design(name)
    found = design.partition(number)
    assert len(found) == number
    assert sum(part.macs for part in found) == design.macs
    assert sum(part.params for part in found) == design.params
    keys = list(resdsl.load(name, device="meta").state_dict())
    starts = [
        next(i for i, key in enumerate(keys) if key.startswith(f"{part.begins}."))
        for part in found
        if any(key.startswith(f"{part.begins}.") for key in keys)
    ]
    assert starts == sorted(starts)


@pytest.mark.parametrize("seed", range(40))
def test_no_other_cuts_are_more_even(seed: int) -> None:
    from random import Random

    random = Random(seed)
    marks = [0]
    for _ in range(random.randint(1, 9)):
        marks.append(marks[-1] + random.choice([0, 1, 2, 3, 10, 50]))
    for number in range(1, len(marks)):
        places = _evenly(marks, number)
        assert places == sorted(set(places))
        assert (places[0], places[-1], len(places)) == (0, len(marks) - 1, number + 1)
        best = min(
            max(marks[end] - marks[start] for start, end in pairwise((0, *cuts, len(marks) - 1)))
            for cuts in combinations(range(1, len(marks) - 1), number - 1)
        )
        assert max(marks[end] - marks[start] for start, end in pairwise(places)) == best


def test_outputs_go_on_to_the_end() -> None:
    """All of them are the last part's, as a pipeline gives what that makes."""
    design = resdsl.design("resnet18", features="pyramid")
    names = ["conv1", "bn1", "layer1.0", "layer1.1"]
    assert [part.begins for part in design.partition(4)] == names
    with pytest.raises(ValueError, match="there are 4 parts at most"):
        design.partition(5)


def test_what_is_not_divided() -> None:
    with pytest.raises(ValueError, match=r"free extents: `design.at\(…\)` is of one size"):
        resdsl.design("unet").partition(2)
    assert len(resdsl.design("unet").at(64, 64).partition(1)) == 1
    for wrong in (0, -1, 1.5, "2"):
        with pytest.raises(ValueError, match="a number of parts is an int of at least 1"):
            resdsl.design("resnet18").partition(wrong)  # type: ignore[arg-type]
    vast = "network vast { input 3 x 8 x 8 conv(3, 8) rows: basic(8) x 1_000_000 }"
    with pytest.raises(resdsl.SpecError, match="too many for a pipeline"):
        resdsl.design(vast).partition(2)
