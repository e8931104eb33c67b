"""Pickles of loaded modules: what they carry, and how they are read in another process.

A class that `load` made is in no file, so its objects cannot be pickled by its name. They carry the
design instead: reading validates that, emits the text anew and takes the class from it. No text of
a pickle is executed.
"""

from __future__ import annotations

import copyreg
import hashlib
import pickle
from types import ModuleType
from typing import TYPE_CHECKING, Any

from resdsl import __version__, limits
from resdsl.diagnostics.exception import SpecError

if TYPE_CHECKING:
    import torch

    from resdsl.design.model import Network


class RestoreError(pickle.UnpicklingError):
    """A pickled module cannot be made again; the message says why and what would help."""


class Carried:
    """What the modules of one emitted text carry: one object for all that are in a pickle.

    `digest` is that of the text behind its head, which names versions and files.
    """

    def __init__(self, version: str, digest: str, design: str | None = None) -> None:
        self.version = version
        self.digest = digest
        self.network: Network | None = None
        self.module: ModuleType | None = None
        # Set once a whole network of another text is read: its parts are taken from it.
        self.holds_whole = False
        self._design = design
        self._is_read = design is None

    @property
    def design(self) -> str:
        """The design in JSON."""
        if self._design is None:
            from resdsl.exchange.writing import written

            assert self.network is not None
            self._design = written(self.network).model_dump_json(by_alias=True)
        return self._design

    def read(self) -> None:
        """Validates the design and emits its text. Raises RestoreError.

        `module` stays None where that text is another than the one that was pickled.
        """
        if self._is_read:
            return
        from resdsl.api.designs import design
        from resdsl.targets.module import executed

        try:
            made = design(self.design)
            made.refuse_beyond(limits.MODULES, "one module")
            text = made.source()
        except SpecError as error:
            raise RestoreError(f"the design in this pickle is none: {error}") from None
        self.network = made.network
        if digest_of(text) == self.digest:
            self.module = executed(text, made.name)
            _remember(self)
        self._is_read = True

    def fresh(self) -> torch.nn.Module:
        """The network as this version of resdsl makes it, without memory."""
        from resdsl.api.designs import Design
        from resdsl.targets.module import build

        assert self.network is not None
        return build(Design(self.network).source(), self.network.name, "meta")

    def __reduce__(self) -> tuple[Any, ...]:
        return carried, (self.version, self.digest, self.design)

    def __deepcopy__(self, memo: dict[int, Any]) -> Carried:
        return self


# By digest, what is known in this process.
_KNOWN: dict[str, Carried] = {}


def register(module: ModuleType, network: Network, text: str) -> None:
    """Lets the objects of an emitted text's classes be pickled."""
    digest = digest_of(text)
    if digest not in _KNOWN:
        known = Carried(__version__, digest)
        known.network, known.module = network, module
        _remember(known)


def _remember(known: Carried) -> None:
    assert known.module is not None
    # Another thread may have been faster: one is that of all.
    first = _KNOWN.setdefault(known.digest, known)
    for cls in _classes(known.module).values():
        copyreg.pickle(cls, _Reducer(first))


def digest_of(text: str) -> str:
    """Of what a text says behind its docstring."""
    return hashlib.sha256(text.partition('"""\n\n')[2].encode()).hexdigest()


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
        name, known = type(module).__name__, self.known
        assert known.module is not None
        is_whole = name == known.module.__all__[0]
        return restored, (known, name, is_whole), vars(module)


# --- reading: these two names stand in pickles ----------------------------------------------------


def carried(version: str, digest: str, design: str) -> Carried:
    """What a pickle carries, or what this process knows of the same."""
    known = _KNOWN.get(digest)
    if known is not None and known.design == design:
        return known
    return Carried(version, digest, design)


def restored(known: Carried, name: str, is_whole: bool) -> torch.nn.Module:
    """An object of the class `name`, without its state. Raises RestoreError."""
    known.read()
    if known.module is None:
        return _of_another_text(known, is_whole)
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
