"""Pickles of loaded modules: how they are written, and read in another process.

A class that `load` made is in no file, so its objects cannot be pickled by its name. They carry the
design instead: reading validates that, emits the text anew and takes the class from it. No text of
a pickle is executed.
"""

from __future__ import annotations

import copyreg
from types import ModuleType
from typing import TYPE_CHECKING, Any

from resdsl import __version__
from resdsl.api.carried import Carried, RestoreError, digest_of

if TYPE_CHECKING:
    import torch

    from resdsl.design.network import Network


# By digest, what is known in this process: of several with one text, the first.
_KNOWN: dict[str, Carried] = {}


def register(module: ModuleType, network: Network, text: str) -> None:
    """Lets the objects of an emitted text's classes be pickled."""
    if all(cls in copyreg.dispatch_table for cls in _classes(module).values()):
        return
    known = Carried(__version__, digest_of(text))
    known.network, known.module = network, module
    _remember(known)


def _remember(known: Carried) -> None:
    assert known.module is not None
    _KNOWN.setdefault(known.digest, known)
    for cls in _classes(known.module).values():
        if cls not in copyreg.dispatch_table:
            copyreg.pickle(cls, _Reducer(known))


def network_of(module: torch.nn.Module) -> Network | None:
    """That of which `load` made a module, or the class that one inherits from; None of a part, or
    of a module from elsewhere."""
    for cls in type(module).__mro__:
        reducer = copyreg.dispatch_table.get(cls)
        if isinstance(reducer, _Reducer):
            return reducer.known.network if reducer.is_whole(cls.__name__) else None
    return None


def _classes(module: ModuleType) -> dict[str, type[torch.nn.Module]]:
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    }


class _Reducer:
    """How an object of one emitted text is taken apart."""

    def __init__(self, known: Carried) -> None:
        self.known = known

    def __call__(self, module: torch.nn.Module) -> tuple[Any, ...]:
        name = type(module).__name__
        return restored, (self.known, name, self.is_whole(name)), vars(module)

    def is_whole(self, name: str) -> bool:
        assert self.known.module is not None
        return bool(name == self.known.module.__all__[0])


# --- reading --------------------------------------------------------------------------------------


def restored(known: Carried, name: str, is_whole: bool) -> torch.nn.Module:
    """An object of the class `name`, without its state. It stands in pickles by its name.

    Raises RestoreError.
    """
    if known.module is None:  # it comes out of a pickle, and is no copy in this process
        first = _KNOWN.get(known.digest)
        if first is not None and first.design == known.design:
            known = first
        else:
            known.read()
    if known.module is None:
        return _of_another_text(known, is_whole)
    _remember(known)
    found = _classes(known.module).get(name)
    if found is None:
        raise RestoreError(f"no class {name!r} is in the text of this design")
    return found.__new__(found)


def _of_another_text(known: Carried, is_whole: bool) -> torch.nn.Module:
    from resdsl.api.rebuilt_modules import Part, Whole

    if is_whole:
        known.holds_whole = True
        return Whole.of(known)
    if not known.holds_whole:
        raise RestoreError(
            f"a part of a network was pickled by resdsl {known.version}, whose classes were others "
            f"than those of {__version__}: pickle the whole network, or its state_dict"
        )
    return Part.__new__(Part)
