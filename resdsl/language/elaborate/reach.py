"""What a definition has decided by its arguments, and what a call of it thereby decides.

A definition is shared by all calls with the same numbers, which may come from different parameters
of the network. So what it decided is told in its own terms, once, and put in the caller's at each
call: at last in those of the network, whose parameters survive if nothing hangs on their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resdsl.language.values.comparisons import Comparison, lifted
from resdsl.language.values.context import Frame
from resdsl.provenance import DEPTH, leaves, origin
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """By the names of its arguments: those that are held to their numbers, those that operators
    mention, how deep the formulas are that have them; what it compared, with the names in that."""

    pinned: frozenset[str]
    placed: frozenset[str]
    depths: Mapping[str, int]
    comparisons: tuple[tuple[Comparison, frozenset[str]], ...]


def reach(frame: Frame) -> Reach:
    """Of the definition that was elaborated in a frame. Where maps are sampled is decided by their
    numbers in so many places that strides and windows do not survive a call."""
    return Reach(
        frozenset(frame.pinned | frame.shaping),
        frozenset(frame.placed),
        dict(frame.depths),
        tuple((one, frozenset(one.leaves)) for one in dict.fromkeys(frame.comparisons)),
    )


def told(found: Reach, arguments: Mapping[str, Any], frame: Frame) -> None:
    """What a call with these arguments decides in the frame of the caller."""
    sources = {name: source for name, value in arguments.items() if (source := origin(value))}
    if not sources:
        return
    for name in found.pinned & sources.keys():
        frame.pin(arguments[name])
    for name in found.placed & sources.keys():
        frame.placed.update(leaves(sources[name]))
    for name, source in sources.items():
        inner = found.depths.get(name)
        if inner is None:
            continue
        if frame.deepen(source, inner) > DEPTH:
            # The emitter would not find it again.
            frame.pin(arguments[name])
    for comparison, names in found.comparisons:
        if not names & sources.keys():
            continue
        made = lifted(comparison, arguments)
        if made is not None:
            frame.compare(made)
            continue
        for name in names:
            frame.pin_all(arguments.get(name))
