"""Definitions that contain themselves and end, and shortcuts that a condition chooses."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import resdsl
from resdsl import limits
from resdsl.language.elaborate.definitions import Definitions

TREE = """
block tree(levels: int, width: int) {
    let is_leaf = levels == 1
    if is_leaf { conv(3, width) norm act } else {
        left: tree(levels - 1, width)
        keep b
        right: tree(levels - 1, width)
        join here + b
    }
}
block even(n: int) { conv(1, 8) if n > 0 { odd(n - 1) } }
block odd(n: int) { conv(3, 8) if n > 0 { even(n - 1) } }
network net(levels: int = 3) { input 3 x 16 x 16 conv(3, 8) stage s: tree(levels, 8) }
network turns { input 8 x 16 x 16 even(3) }
"""


def test_a_tree_of_blocks() -> None:
    model = resdsl.load(TREE, net="net", seed=0).eval()
    keys = [key for key in model.state_dict() if key.endswith(".0.weight")]
    assert keys == [f"s.{a}.{b}.0.weight" for a in ("left", "right") for b in ("left", "right")]
    leaves = [model.get_submodule(key.removesuffix(".0.weight")) for key in keys]

    def pair(x: torch.Tensor, one: torch.nn.Module, other: torch.nn.Module) -> torch.Tensor:
        b = one(x)
        return other(b) + b  # type: ignore[no-any-return]

    x = torch.randn(1, 3, 16, 16)
    with torch.no_grad():
        start = model.conv(x)  # type: ignore[operator]
        left = pair(start, *leaves[:2])
        assert torch.equal(model(x), pair(left, *leaves[2:]) + left)


@pytest.mark.parametrize(
    "body",
    [
        "let own = conv(1) own(channels=8)",
        "let own = where(in.rank == 2, conv(3, 8), norm) own",
        "for own in [conv(3, 8), norm] { own }",
        "for own, k in [[conv, 3], [conv, 1]] { own(k, 8) }",
    ],
)
def test_a_value_with_the_name_of_its_definition(body: str) -> None:
    """What is called is the value, and nothing contains itself."""
    text = f"block own {{ {body} }} network net {{ input 8 x 16 x 16 own }}"
    assert resdsl.check(text).ok, str(resdsl.check(text))


def test_a_value_of_the_name_that_has_ended() -> None:
    """Then it is the definition, which contains itself."""
    text = "block own { { let own = conv(3, 8) own } own } network net { input 8 x 16 x 16 own }"
    assert [one.code.id for one in resdsl.check(text).diagnostics if "W" not in one.code.id] == [
        "E0204"
    ]


@pytest.mark.parametrize("levels", [1, 2, 6])
def test_it_ends(levels: int) -> None:
    design = resdsl.design(TREE, net="net", levels=levels)
    assert design.depth == 1 + 2 ** (levels - 1)
    assert resdsl.design(design.to_json()).params == design.params


def test_blocks_in_turn() -> None:
    assert list(resdsl.load(TREE, net="turns", device="meta").state_dict()) == [
        "even.0.weight",
        "even.1.0.weight",
        "even.1.1.0.weight",
        "even.1.1.1.0.weight",
    ]


GROWING = """
block f(n: int, k: int = 0) {
    conv(3, 8 + k)
    if n > 0 { first: f(n - 1, 2 * k) second: f(n - 2, 2 * k + 1) }
}
network net(n: int) { input 3 x 16 x 16 f(n) }
"""


def test_growth_that_nothing_shares_is_told_early(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    elaborate = Definitions._elaborate

    def counted(*given: Any) -> Any:
        begun.append(given)
        return elaborate(*given)

    monkeypatch.setattr(Definitions, "_elaborate", counted)
    resdsl.design(GROWING, n=8)
    assert len(begun) == 109, "what it takes where it is no mistake"
    begun.clear()
    [told] = resdsl.check(GROWING, net="net", n=18).diagnostics
    assert told.code.id == "E0701"
    assert told.message == (
        "`f` contains itself with other arguments each time: more than 2,000 different definitions"
    )
    assert told.span is not None and told.span.text == "f(n - 2, 2 * k + 1)"
    assert len(begun) <= limits.RECURSIVE_DEFINITIONS + limits.INSTANCE_DEPTH


@pytest.mark.parametrize("skips", [True, False])
def test_a_condition_chooses_the_shortcut(skips: bool) -> None:
    text = """
        network n(skips: bool) {
            input 8 x 16 x 16
            residual { conv(3, 8) } via down: where(skips, identity, projection_always)
            residual { conv(3, 16) } via where(not skips, projection, where(true, projection, 3))
        }
    """
    plain = text.replace("where(skips, identity, projection_always)", "WAY").replace(
        "where(not skips, projection, where(true, projection, 3))", "projection"
    )
    way = "identity" if skips else "projection_always"
    one = resdsl.load(text, skips=skips, device="meta").state_dict()
    other = resdsl.load(plain.replace("down: WAY", f"down: {way}"), skips=skips, device="meta")
    assert list(one) == list(other.state_dict())
    assert any(key.startswith("down") for key in one) != skips
