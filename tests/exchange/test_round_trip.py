"""A design in JSON is the design."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import resdsl
from resdsl.api import zoo
from tests.zoo.families import some_families

# What a design can hold: forks, groups, replicated branches, numbers in joins, `main`, sizes,
# lists, operators as arguments, labels that are no names, free extents with conditions.
RICH = """
shortcut gated(rate: float = 0.5) {
    fork { gate: { conv(1, out.channels) sigmoid }  plain: projection }
        join gate * plain * rate + main
}
block unit(width: int, ops: list[int] = [1, 2], act_layer: op = relu, k: size = 3x1) {
    let inner = width * 2 // 4
    keep before
    "0": conv(k, inner) norm act_layer
    for i in ops { more[i]: conv(1, inner) }
    residual { conv(3, inner) scale(0.1 * ops[0]) } via gated
    fork { many: { conv(3, inner) norm } x 4  one: { keep inside relu } }
    join concat(sum(many), one, inside, max(one, 0))
    again: { conv(1, width) } x 2
    join concat(here, before)
}
## A network of everything.
##
## With a second paragraph: "quotes", back\\\\slashes and ünïcode.
network rich(classes: int = 7, p: float = 0.1) {
    input 3 x H x W
    expect H % 4 == 0 and W % 4 == 0
    stage one /2: conv(3, 8)
    unit(8) unit(8, act_layer=leaky_relu(slope=0.3))
    keep wide
    down: { maxpool(2) upsample(2) }
    join here + wide
    drop_path(p * progress)
    global_avgpool flatten linear(classes)
}
"""


@pytest.mark.parametrize("name", some_families(zoo.entries()))
def test_the_zoo(name: str) -> None:
    design = resdsl.design(name)
    again = resdsl.design(design.to_json())
    assert again.source() == design.source()
    assert again.to_json() == design.to_json()
    assert str(again.table()) == str(design.table())


def test_a_network_of_everything() -> None:
    design = resdsl.design(RICH)
    again = resdsl.design(design.to_json())
    assert again.source() == design.source()
    assert again.to_json() == design.to_json()
    assert again.sizes().text() == design.sizes().text()
    assert again.doc == design.doc


def test_a_file_is_a_spec(tmp_path: Path) -> None:
    path = resdsl.compile("resnet18", tmp_path / "net.json", classes=10)
    assert json.loads(path.read_text())["schema"] == "resdsl.design/2"
    assert resdsl.check(path).ok
    assert resdsl.design(path).output == (10,)
    assert resdsl.design(path, input="3x64x96").stages[0].shape == (64, 32, 48)
    module = resdsl.load(path, seed=0)
    assert sum(p.numel() for p in module.parameters()) == resdsl.design(path).params
    first = resdsl.compile(path, tmp_path / "a.py").read_text()
    # The head of the module names the file of the text; in a design a setting is just a number.
    source = resdsl.design("resnet18", classes=10).source()
    assert first.split('"""\n', 1)[1] == source.split('"""\n', 1)[1]
    assert "from resnet18.res" in first
    assert "Made with classes=10." in source
    assert "Made with" not in first


def test_what_a_bound_design_refuses(tmp_path: Path) -> None:
    path = resdsl.compile("resnet18", tmp_path / "net.json")
    for change in ({"classes": 10}, {"net": "resnet50"}, {"input": "3x64"}, {"input": "1x64x64"}):
        with pytest.raises(resdsl.SpecError):
            resdsl.design(path, **change)  # type: ignore[arg-type]


def test_no_other_file_is_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "net.json"
    mine.write_text('{"mine": 1}')
    with pytest.raises(Exception, match="not written by resdsl"):
        resdsl.compile("resnet18", mine)
    assert mine.read_text() == '{"mine": 1}'
    resdsl.compile("resnet18", mine, force=True)
    resdsl.compile("resnet34", mine)
    assert resdsl.design(mine).name == "resnet34"


def test_a_shortcut_that_computes_nothing_is_no_module() -> None:
    """As in a text, wherever the design comes from."""
    text = "network n {{ input 8 x 8 x 8  residual {{ conv(3, 8) }} via {}  conv(1, 4) }}"
    form = json.loads(resdsl.design(text.format("conv(1, 8)")).to_json())
    residual = form["definitions"][-1]["bodies"][-1]["steps"][0]
    residual["shortcut"]["runs"][0]["unit"] = {"op": "identity", "arguments": {}}
    again = resdsl.design(json.dumps(form))
    plain = resdsl.design(text.format("identity"))
    assert again.source() == plain.source() and again.to_json() == plain.to_json()
    after = form["definitions"][-1]["bodies"][-1]["steps"][1]["module"]
    after["input"] = after["runs"][0]["input"] = residual["skip"]
    with pytest.raises(resdsl.SpecError, match="not known here"):
        resdsl.design(json.dumps(form))
