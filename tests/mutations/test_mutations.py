"""A thousand changed specs; `.ci/full` looks at a hundred thousand others."""

from __future__ import annotations

import pytest

import resdsl
from tests.mutations.checking import look
from tests.mutations.mutate import TESTS, mutated

SEEDS = range(1000)
PORTION = 100


@pytest.mark.parametrize("first", SEEDS[::PORTION])
def test_any_text_is_checked(first: int) -> None:
    """Never a traceback, every span in its text, an error for what is no spec."""
    found = {seed: look(mutated(seed)).problems for seed in range(first, first + PORTION)}
    assert {seed: problems for seed, problems in found.items() if problems} == {}


def test_some_are_still_right() -> None:
    """The changes are small enough to be interesting."""
    errors = [look(mutated(seed)).errors for seed in range(100, 200)]
    assert errors.count(0) > 2
    assert max(errors) > 3


@pytest.mark.parametrize(("name", "networks"), [("second_edition", 2), ("tensors", 3)])
def test_the_texts_of_what_is_new_are_right(name: str, networks: int) -> None:
    """Changes of what is refused already would be refused for that."""
    report = resdsl.check(TESTS / "mutations" / f"{name}.res")
    assert report.ok, str(report)
    assert len(report.designs) == networks
