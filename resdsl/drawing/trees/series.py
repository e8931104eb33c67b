"""A flow as a tree: what stands in a row, what side by side (series-parallel, Valdes et al. 1982).

Through some nodes all that flows must pass; between two of these, what is not connected otherwise
is side by side, and each such piece is again a flow. A piece that is connected and has no node
through which all must pass is a `Mesh`: of a sum of products whose terms share a factor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

from resdsl.drawing.refusal import TangledError
from resdsl.drawing.trees.flow import ENTRY, Flow, Node
from resdsl.records import dataclass

# Columns inside of each other that are laid out: each is a few calls deep.
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Leaf:
    node: Node


@dataclass(frozen=True, slots=True)
class Chain:
    """What stands in a row; empty: the value goes on as it is."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Columns from one value into a sign, in the order of its operands."""

    columns: tuple[Chain, ...]
    sign: Node


@dataclass(frozen=True, slots=True)
class Mesh:
    """Columns from one value, and the signs and factors of one join in which they meet.

    By the number of its last node (ENTRY: the value itself), each column; `signs` by number, the
    last of all being where everything meets.
    """

    columns: dict[int, Chain]
    signs: dict[int, Node]


Item: TypeAlias = Leaf | Parallel | Mesh


def tree(flow: Flow) -> Chain:
    """The tree of a flow. Raises TangledError."""
    return _Series(flow).chain(list(range(len(flow.nodes))), flow.output)


class _Series:
    def __init__(self, flow: Flow) -> None:
        self.nodes = flow.nodes
        self.depth = 0

    def chain(self, numbers: Sequence[int], end: int) -> Chain:
        """From what enters `numbers`, which is one value, to the value of `end`."""
        if self.depth > _DEEPEST:
            raise TangledError
        self.depth += 1
        items: list[Item] = []
        begin = 0
        for number in self._passed(numbers, end):
            stop = numbers.index(number, begin)
            items.append(self._piece(numbers[begin:stop], number))
            begin = stop + 1
        self.depth -= 1
        return Chain(tuple(items))

    def _passed(self, numbers: Sequence[int], end: int) -> list[int]:
        """The nodes through which all must pass, in order: no line goes past them."""
        if end == ENTRY:
            return []
        inside = set(numbers)
        # By node, the last that reads it.
        last: dict[int, int] = {}
        for number in numbers:
            for source in self.nodes[number].inputs:
                last[source if source in inside else ENTRY] = number
        if ENTRY not in last:
            raise TangledError  # it reads nothing of what enters
        reach = last[ENTRY]
        found = []
        for number in numbers:
            # Copies side by side are several, and all of them are passed at once by nothing.
            if reach <= number and (number == end or self.nodes[number].kind != "copies"):
                found.append(number)
            reach = max(reach, last.get(number, number if number == end else reach))
        return found

    def _piece(self, between: Sequence[int], end: int) -> Item:
        node = self.nodes[end]
        if node.kind != "sign":
            if between:
                raise TangledError  # a block that is fed several tensors
            return Leaf(node)
        pieces = self._apart(between)
        columns: list[Chain] = []
        for source in node.inputs:
            piece = pieces.get(source, [])
            if sum(other in piece for other in node.inputs) > 1:
                return self._mesh(between, end)
            columns.append(self.chain(piece, source) if piece else Chain(()))
        return Parallel(tuple(columns), node)

    def _apart(self, numbers: Sequence[int]) -> dict[int, list[int]]:
        """By node, all that it is connected with inside, in order."""
        leader = {number: number for number in numbers}

        def lead(number: int) -> int:
            while leader[number] != number:
                leader[number] = leader[leader[number]]
                number = leader[number]
            return number

        for number in numbers:
            for source in self.nodes[number].inputs:
                if source in leader:
                    leader[lead(source)] = lead(number)
        groups: defaultdict[int, list[int]] = defaultdict(list)
        for number in numbers:
            groups[lead(number)].append(number)
        return {number: groups[lead(number)] for number in numbers}

    def _mesh(self, between: Sequence[int], end: int) -> Mesh:
        """The signs and factors of the join that ends it, and the columns before these."""
        owner = self.nodes[end].owner
        signs = {n: self.nodes[n] for n in (*between, end) if self.nodes[n].owner == owner}
        if not owner:
            raise TangledError
        before = [number for number in between if number not in signs]
        pieces = self._apart(before)
        columns: dict[int, Chain] = {}
        for node in signs.values():
            for source in node.inputs:
                if source in signs or source in columns:
                    continue
                if source not in pieces:
                    columns[source] = Chain(())
                    continue
                piece = pieces[source]
                if any(self._is_read_outside(piece, other, source) for other in piece):
                    raise TangledError
                columns[source] = self.chain(piece, source)
        return Mesh(columns, signs)

    def _is_read_outside(self, piece: list[int], number: int, end: int) -> bool:
        if number == end:
            return False
        return any(
            number in self.nodes[other].inputs
            for other in range(len(self.nodes))
            if other not in piece
        )
