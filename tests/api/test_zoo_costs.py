"""The costs of the zoo that `resdsl list` shows are those of the zoo as it stands."""

from __future__ import annotations

import json

import pytest

import resdsl
from resdsl.api import costs
from tests.zoo.families import full, smallest


def added_up() -> dict[str, costs.Cost]:
    return {one.name: one.added_up() for one in resdsl.networks()}


def test_costs(request: pytest.FixtureRequest) -> None:
    """Names, and a network of every third family; `--update-golden` writes them anew."""
    if request.config.getoption("--update-golden"):
        lines = (f"{json.dumps(name)}: {json.dumps(cost)}" for name, cost in added_up().items())
        text = "{\n" + ",\n".join(lines) + "\n}\n"
        costs.path().write_text(text, encoding="utf-8", newline="")
        costs.of_zoo.cache_clear()
    networks = resdsl.networks()
    assert list(costs.of_zoo()) == [one.name for one in networks]
    chosen = smallest(one.name for one in networks)[::3]
    for one in networks:
        if one.name in chosen:
            assert (one.params, one.macs) == one.added_up(), one.name


@full
def test_all_costs() -> None:
    assert costs.of_zoo() == added_up()


def test_a_network_that_has_none_there_is_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "of_zoo", dict)
    (lenet,) = resdsl.networks("lenet5")
    assert (lenet.params, lenet.macs) == (61_706, resdsl.design("lenet5").macs)
