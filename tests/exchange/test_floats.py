"""Floats of a design in JSON stay floats; designs of before they were told from ints are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import resdsl

# Written by resdsl before a `float` parameter made floats of ints: `16 * width_mult` is an int.
EARLIER = Path(__file__).parent.parent / "data" / "designs" / "whole_floats.json"

TEXT = """
block unit(width: float, rate: float = 0, steps: list[float] = [1, 2]) {
    conv(3, round(16 * width), bias=true, bias_init=1)
    batchnorm(momentum=1, scale_init=0)
    dropout(rate * steps[0])
    leaky_relu(rate)
}
block outer(n: int) { unit(1, n) conv(1, 8) }
network net(width: float = 1, rate: float = 1, n: int = 0) {
    input 3 x 8 x 8
    unit(width, 0) unit(2, rate) unit(1.5, 0.5)
    outer(n) outer(1)
    join 2 * here
    drop_path(progress * n)
    dropout(n)
}
"""


def numbers(form: Any) -> list[int | float]:
    if isinstance(form, dict | list):
        parts = form.values() if isinstance(form, dict) else form
        return [number for part in parts for number in numbers(part)]
    return [form] if isinstance(form, int | float) and not isinstance(form, bool) else []


def test_a_float_is_written_with_a_point() -> None:
    form = json.loads(resdsl.design(TEXT).to_json())
    by_name = {d["name"]: d["arguments"] for d in form["definitions"]}
    assert by_name["net"] == {"in_channels": 3, "width": 1.0, "rate": 1.0, "n": 0}
    assert isinstance(by_name["net"]["width"], float)
    assert isinstance(by_name["net"]["rate"], float)
    assert isinstance(by_name["net"]["n"], int)
    parameters = {p["name"]: p["default"] for p in form["definitions"][-1]["parameters"]}
    assert isinstance(parameters["width"], float)
    assert isinstance(parameters["n"], int)
    assert all(isinstance(x, float) for x in numbers(by_name["unit"]["steps"]))


def test_round_trip() -> None:
    design = resdsl.design(TEXT)
    again = resdsl.design(design.to_json())
    assert again.to_json() == design.to_json()
    assert again.source() == design.source()


def test_other_writers_may_drop_the_point() -> None:
    """As JavaScript does: 1.0 is 1."""

    def dropped(form: Any) -> Any:
        if isinstance(form, dict):
            return {name: dropped(part) for name, part in form.items()}
        if isinstance(form, list):
            return [dropped(part) for part in form]
        return int(form) if isinstance(form, float) and form.is_integer() else form

    design = resdsl.design(TEXT)
    text = json.dumps(dropped(json.loads(design.to_json())))
    again = resdsl.design(text + "\n")
    assert again.params == design.params
    import torch

    given, wanted = resdsl.load(text + "\n").eval(), resdsl.load(TEXT).eval()
    x = torch.randn(2, 3, 8, 8)
    assert torch.equal(given(x), wanted(x))


@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_an_earlier_design_is_read() -> None:
    import torch

    design = resdsl.design(EARLIER)
    assert (design.params, design.macs, design.output) == (10_074, 617_632, (10,))
    assert "momentum=1.0" in design.source()
    module = resdsl.load(EARLIER).eval()
    x = torch.randn(2, 3, 8, 8)
    torch.testing.assert_close(torch.jit.script(module)(x), module(x))
    assert resdsl.design(design.to_json()).source() == design.source()


def test_a_number_is_what_its_origin_says() -> None:
    """A float where the operator needs an int is one, however it is written."""
    form = json.loads(EARLIER.read_text(encoding="utf-8"))
    for definition in form["definitions"]:
        if "width_mult" in definition["arguments"]:
            given = definition["arguments"]["width_mult"]
            definition["arguments"]["width_mult"] = float(given)
    with pytest.raises(resdsl.SpecError, match="must be an int, not the float"):
        resdsl.design(json.dumps(form) + "\n")
