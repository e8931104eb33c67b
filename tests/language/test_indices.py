"""Labels, kept tensors and outputs with an index or two: `conv[i][j]` is `conv1_2`."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.language.names.stems import numbered, stems

GRID = """
network net {{
    input 3 x 16 x 16
    for i in range(2) {{
        for j in range(2) {{ conv[i][j + 1]: conv(3, 8) keep X[i][j + 1] }}
    }}
    {}
}}
"""


def keys(text: str) -> list[str]:
    return [key.removesuffix(".weight") for key in resdsl.load(text, device="meta").state_dict()]


@pytest.mark.parametrize(
    ("name", "numbers", "found"),
    [("s", [2], "s2"), ("s", [1, 12], "s1_12"), ("c.", [0], "c.0"), ("c.", [0, 3, 1], "c.0.3.1")],
)
def test_names(name: str, numbers: list[int], found: str) -> None:
    assert numbered(name, numbers) == found
    assert name.rstrip(".") in {one.rstrip(".") for one in stems(found)}


def test_stems() -> None:
    assert list(stems("s1_12")) == ["s1_1", "s1_", "s"]
    assert list(stems("conv")) == list(stems("s_")) == list(stems("_")) == list(stems("3")) == []


def test_modules_and_tensors() -> None:
    text = GRID.format('"fuse."[0][1]: conv(1, 8) join concat(X[0][1], X1_2, here) conv(1, 8)')
    names = [f"conv{i}_{j}" for i in range(2) for j in (1, 2)]
    assert keys(text) == [*names, "fuse.0.1", "conv"]
    outputs = resdsl.design(GRID.format("output X[1][1], conv[0][2], both: X[0][1] + X[1][2]"))
    assert list(outputs.outputs) == ["X1_1", "conv0_2", "both"]
    assert list(resdsl.design(text, features=["conv1_1"]).outputs) == ["conv1_1"]


def test_copies_read_them_apart() -> None:
    """A tensor that a repetition reads by name is not what its first copy is fed."""
    by_index, by_name = (
        GRID.format(f"{{ keep fed join {name} + here conv(3, 8) join here + fed }} x 3")
        for name in ("X[1][2]", "X1_2")
    )
    assert resdsl.design(by_index).macs == resdsl.design(by_name).macs
    first, second = (resdsl.load(text, seed=0).eval() for text in (by_index, by_name))
    import torch

    x = torch.randn(1, 3, 16, 16)
    assert torch.equal(first(x), second(x))
    stack = x
    layers = dict(first.named_children())
    for key in ("conv0_1", "conv0_2", "conv1_1", "conv1_2"):
        stack = layers[key](stack)
    kept = stack
    for copy in layers["group"]:
        stack = copy[0](kept + stack) + stack
    torch.testing.assert_close(first(x), stack)


@pytest.mark.parametrize(
    ("step", "code", "message"),
    [
        ("join X[1][3]", "E0201", "`X1_3` is no tensor: the kept tensors are `X1_1`, `X1_2`"),
        ("join X[1]", "E0201", "are `X0_1`, `X0_2`, `X1_1`, `X1_2`"),
        ("join X[0][0.5]", "E0301", "an index is an int, not the float 0.5"),
        ("keep s[0][true]", "E0301", "an index is an int of at least 0, not the bool true"),
        ("conv[0][1]: conv(3, 8)", "E0202", "`conv0_1`"),
    ],
)
def test_misuse(step: str, code: str, message: str) -> None:
    found = resdsl.check(GRID.format(step)).diagnostics
    assert [one.code.id for one in found if one.severity == "error"] == [code]
    assert message in found[0].message
