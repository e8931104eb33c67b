"""Hundreds of changed specs; `.ci/full` looks at a hundred thousand others."""

from __future__ import annotations

import pytest

import resdsl
from tests.mutations.checking import look
from tests.mutations.mutate import TESTS, mutated
from tests.zoo.families import every

SEEDS = range(600)
PORTION = 100


@pytest.mark.parametrize("first", every(2, SEEDS[::PORTION]))
def test_any_text_is_checked(first: int) -> None:
    """Never a traceback, every span in its text, an error for what is no spec."""
    looked = {seed: look(mutated(seed)) for seed in range(first, first + PORTION)}
    assert {seed: one.problems for seed, one in looked.items() if one.problems} == {}
    # The changes are small enough to be interesting.
    errors = [one.errors for one in looked.values()]
    assert errors.count(0) > 2
    assert max(errors) > 3


@pytest.mark.parametrize(("name", "networks"), [("second_edition", 2), ("tensors", 3)])
def test_the_texts_of_what_is_new_are_right(name: str, networks: int) -> None:
    """Changes of what is refused already would be refused for that."""
    report = resdsl.check(TESTS / "mutations" / f"{name}.res")
    assert report.ok, str(report)
    assert len(report.designs) == networks
