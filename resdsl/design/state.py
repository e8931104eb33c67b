"""The state dict of a design: every tensor by its key, in torch's order."""

from __future__ import annotations

from resdsl.design.model import Apply, Body, Definition, Group, Instance, Run
from resdsl.design.network import Network
from resdsl.ops import Op
from resdsl.ops.base import Tensor
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of the expanded network."""

    key: str
    tensor: Tensor
    is_buffer: bool


def state(network: Network) -> list[Entry]:
    """All parameters and buffers, repetitions expanded, in the order of `Module.state_dict`."""
    return entries_of(network.root)


def entries_of(root: Definition) -> list[Entry]:
    """Those of a definition as if it were a network's own."""
    entries: list[Entry] = []
    # Bodies may lie as deep as `limits` allow; each definition's own part is made once.
    known: dict[int, list[Entry]] = {}
    _add(root.body, "", entries, known)
    return entries


def is_stateless(apply: Apply) -> bool:
    """Whether a module has neither parameters nor buffers: then no key begins with its own."""
    known: dict[int, list[Entry]] = {}
    return not any(_entries(run, known) for run in apply.runs)


def _add(body: Body, prefix: str, entries: list[Entry], known: dict[int, list[Entry]]) -> None:
    for apply in body.modules():
        if apply.held:
            (only,) = _entries(apply.runs[0], known)
            entries.append(Entry(prefix + apply.key, only.tensor, only.is_buffer))
            continue
        name = f"{prefix}{apply.key}."
        position = 0
        for run in apply.runs:
            own = _entries(run, known)
            for _ in range(run.count):
                before = f"{name}{position}." if apply.repeated else name
                entries += [Entry(before + e.key, e.tensor, e.is_buffer) for e in own]
                position += 1


def _entries(run: Run, known: dict[int, list[Entry]]) -> list[Entry]:
    """The tensors of one copy, their keys without what stands around."""
    match run.unit:
        case Op() as op:
            found = [Entry(t.name, t, False) for t in op.tensors(run.shape)]
            return found + [Entry(t.name, t, True) for t in op.buffers(run.shape)]
        case Instance(definition):
            body = definition.body
        case Group(body):
            pass
    if id(body) not in known:
        found = []
        _add(body, "", found, known)
        known[id(body)] = found
    return known[id(body)]
