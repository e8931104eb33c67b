"""What a fused network has of the one that it was made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TypeAlias

from resdsl.design.model import Body, Definition, Instance
from resdsl.fusing.formulas import Formula, below
from resdsl.ops import Op
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Made:
    """The fused layer `path`, whose numbers are those of a formula over keys of the old network."""

    path: str
    formula: Formula


@dataclass(frozen=True, slots=True)
class Kept:
    """The tensor `key`, which was called `before`."""

    key: str
    before: str


Source: TypeAlias = Made | Kept


@dataclass(slots=True, eq=False)
class Plan:
    """Of all definitions of a network: which operators were made, and which keys are others.

    Both by identity, with the objects themselves, which live as long as the plan. `folded` and
    `merged` count, by definition, what became of norms and branches; `left` norms that stay, by
    the reason.
    """

    made: dict[int, tuple[Op, Formula]] = field(default_factory=dict)
    keys: dict[int, tuple[Body, Mapping[str, str]]] = field(default_factory=dict)
    folded: Counter[int] = field(default_factory=Counter)
    merged: Counter[int] = field(default_factory=Counter)
    left: dict[int, Counter[str]] = field(default_factory=dict)

    def formula(self, op: Op) -> Formula | None:
        """Of an operator that was made."""
        found = self.made.get(id(op))
        return None if found is None else found[1]

    def before(self, body: Body, key: str) -> str:
        """What the module of a body was called."""
        found = self.keys.get(id(body))
        return key if found is None else found[1].get(key, key)

    def sources(self, root: Definition) -> Iterator[Source]:
        """Of every tensor and fused layer of a fused network, in the order of its state dict."""
        return self._sources(root.body, "", "", "")

    def _sources(self, body: Body, new: str, old: str, around: str) -> Iterator[Source]:
        """`around` is where the paths of formulas begin."""
        for apply in body.modules():
            here, there = new + apply.key, old + self.before(body, apply.key)
            position = 0
            for run in apply.runs:
                for _ in range(run.count):
                    copy = f".{position}" if apply.repeated else ""
                    position += 1
                    one, two = f"{here}{copy}", f"{there}{copy}"
                    match run.unit:
                        case Op() as op:
                            made = self.formula(op)
                            if made is not None:
                                yield Made(one, below(made, around))
                                continue
                            tensors = (*op.tensors(run.shape), *op.buffers(run.shape))
                            for tensor in tensors:
                                name = "" if apply.held else f".{tensor.name}"
                                yield Kept(one + name, two + name)
                        case Instance(definition):
                            yield from self._sources(
                                definition.body, f"{one}.", f"{two}.", f"{two}."
                            )
                        case group:
                            start = f"{two}." if apply.repeated else around
                            yield from self._sources(group.body, f"{one}.", f"{two}.", start)
