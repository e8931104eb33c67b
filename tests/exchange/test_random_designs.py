"""Random networks: written and read again they are the same, and so is what they build."""

from __future__ import annotations

import torch
from hypothesis import given, settings

import resdsl
from resdsl.targets.module import executed
from resdsl.targets.names import variable
from tests.random_networks.strategy import texts
from tests.zoo.families import full


@settings(max_examples=20)
@given(texts())
def test_round_trip(text: str) -> None:
    same_again(text)


@full
@settings(max_examples=100)
@given(texts())
def test_more_round_trips(text: str) -> None:
    same_again(text)


def same_again(text: str) -> None:
    for design in resdsl.check(f"{text}\n").designs:
        again = resdsl.design(design.to_json())
        assert again.to_json() == design.to_json()
        assert again.source() == design.source()
        assert (again.params, again.macs, again.depth) == (design.params, design.macs, design.depth)
        with torch.device("meta"):
            module = getattr(executed(again.source(), again.name), variable(again.name))()
        assert sum(p.numel() for p in module.parameters()) == design.params
