"""The emitted text as a text, and what else is told of a design without an exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from resdsl import Design
from tests.hidden_names import hidden
from tests.random_networks.checking.failures import Failure, raised
from tests.whole_floats import ints_for_floats


def well_formed(source: str) -> Iterator[Failure]:
    try:
        compile(source, "emitted.py", "exec")
    except SyntaxError as error:
        yield Failure("source: SyntaxError", f"{error.msg}: {(error.text or '').strip()}")
        return
    for line in hidden(source):
        yield Failure("source: hidden", line)
    for line in ints_for_floats(source):
        yield Failure("source: an int for a float", line)


def looks(design: Design) -> Iterator[Failure]:
    """What looks at a design and ends in an exception."""
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("table", lambda: (str(design.table()), design.stages)),
        ("sizes", lambda: design.sizes().text()),
        ("numbers", lambda: (design.params, design.macs, design.activations, design.depth)),
        ("shortcut path", lambda: str(design.shortcut_path())),
        ("size table", lambda: str(design.size_table(_declared(design)))),
        ("repr", lambda: (repr(design), design.output)),
    ]
    for name, look in steps:
        try:
            look()
        except Exception as error:
            yield raised(name, error)


def _declared(design: Design) -> tuple[int, ...]:
    """The size that a network declares, or one that it takes where it is free or a vector."""
    return tuple(n if isinstance(n, int) else design.sizes().min_input for n in design.input[1:])
