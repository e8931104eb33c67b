"""The names of a JSON design's modules, which are keys of the state dict and attributes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resdsl.design import walk
from resdsl.design.keys import containers
from resdsl.design.model import Apply, Body, Join, Keep, Run
from resdsl.design.state import is_stateless
from resdsl.exchange.refusal import RefusedError, refuse_unless
from resdsl.language.elaborate.module_names import label_problem
from resdsl.ops import Op


def verify(body: Body, *, is_network: bool) -> None:
    """Refuses keys that the language would not have given (RefusedError)."""
    modules = list(body.modules())
    keys = [apply.key for apply in modules]
    if body.numbered:
        plain = all(isinstance(step, Apply | Join | Keep) for step in body.steps)
        labelled = any(apply.label is not None or apply.stage for apply in modules)
        refuse_unless(plain and not labelled and not is_network, "its modules have names")
        refuse_unless(keys == [str(i) for i in range(len(keys))], "its modules are 0, 1, 2…")
        return
    refuse_unless(len(set(keys)) == len(keys), "two modules have one key")
    around = {container for key in keys for container in containers(key)}
    refuse_unless(not around.intersection(keys), "a module has the key of a container")
    branches = {id(branch.apply) for branch in walk.branches(body)}
    for apply in modules:
        problem = label_problem(apply.key)
        if problem is not None:
            raise RefusedError(f"{apply.key!r} cannot be the key of a module: {problem}")
        expected = apply.key == apply.label
        refuse_unless(expected or not apply.held, "a tensor of the body itself has a label")
        if apply.label is None:
            expected = _is_numbered(apply.key, apply.word)
        elif id(apply) in branches and not expected:
            # A label that two forks share.
            expected = _is_numbered(apply.key, apply.label) and is_stateless(apply)
        refuse_unless(expected, f"the key {apply.key!r} is neither the label nor the word")


def verify_held(key: str, is_more: bool, runs: Sequence[Run]) -> None:
    """Refuses what cannot be a tensor of the body itself (RefusedError)."""
    refuse_unless(not is_more, "a tensor of the body itself is neither repeated nor a stage")
    refuse_unless("." not in key, "a tensor of the body itself lies in no container")
    is_one = all(isinstance(run.unit, Op) and run.unit.held(run.shape) is not None for run in runs)
    refuse_unless(is_one, "only an operator that is one learned tensor is held by the body")


def _is_numbered(key: str, word: str) -> bool:
    return re.fullmatch(re.escape(word) + r"(_\d+)?", key) is not None
