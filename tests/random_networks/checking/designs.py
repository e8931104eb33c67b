"""A design, as a whole or as far as a kind of failure needs."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl import Design
from resdsl.targets import load, verify
from tests.random_networks.checking.exchange import read_again
from tests.random_networks.checking.failures import Failure, raised
from tests.random_networks.checking.limits import MOST_MACS, MOST_PARAMS
from tests.random_networks.checking.modules import module_failures
from tests.random_networks.checking.sources import looks, well_formed
from tests.random_networks.checking.state import said_state


def failures(design: Design, seed: int, kind: str = "", *, whole: bool = True) -> Iterator[Failure]:
    """What does not hold of a design, in the order in which it is looked at."""
    if whole:
        yield from looks(design)
    try:
        source = design.source()
    except Exception as error:
        yield raised("source", error)
        return
    yield from well_formed(source)
    if whole:
        yield from _told(design, source, seed, kind)
    if kind.startswith(("source: ", "design: state", "design: params")):
        return
    if design.params > MOST_PARAMS or (design.macs or 0) > MOST_MACS:
        return
    try:
        module = load(design.network, source, seed=0)
    except Exception as error:
        yield raised("load", error)
        return
    if not kind.startswith("load: "):
        yield from module_failures(design, module, source, seed, kind or ("" if whole else "eval"))


def _told(design: Design, source: str, seed: int, kind: str) -> Iterator[Failure]:
    """What else is told of a design, and its text written again."""
    if seed % 4 == 0 and design.source() != source:
        yield Failure("source: changes", "the second text differs from the first")
    yield from read_again(design, source)
    if (seed % 4 == 1 and not kind) or kind.startswith("verify"):
        try:
            verify(design.network, source)
        except Exception as error:
            yield raised("verify", error)
    yield from said_state(design)
