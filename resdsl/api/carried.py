"""What the modules of one emitted text carry in a pickle: the design, and what text that was."""

from __future__ import annotations

import hashlib
import pickle
import re
from types import ModuleType
from typing import TYPE_CHECKING, Any

from resdsl import limits
from resdsl.diagnostics.exception import SpecError

if TYPE_CHECKING:
    import torch

    from resdsl.design.network import Network


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

    @property
    def design(self) -> str:
        """The design in JSON; nothing where a pickle brought none."""
        if self._design is None and self.network is not None:
            from resdsl.exchange.writing import written

            self._design = written(self.network).model_dump_json(by_alias=True)
        return self._design or ""

    def read(self) -> None:
        """Validates the design and emits its text. Raises RestoreError.

        `module` stays None where that text is another than the one that was pickled.
        """
        if self.network is not None:
            return
        from resdsl.api.designing import design
        from resdsl.targets.module import executed

        # Else it would be the name of a file, or another spec.
        text: object = self.design
        if not (isinstance(text, str) and re.match(r'\s*\{\s*"', text)):
            raise RestoreError("the design in this pickle is none: it is no JSON object")
        try:
            made = design(text)
            made.refuse_beyond(limits.MODULES, "one module")
            emitted = made.source()
        except SpecError as error:
            raise RestoreError(f"the design in this pickle is none: {error}") from None
        if digest_of(emitted) == self.digest:
            self.module = executed(emitted, made.name)
        self.network = made.network

    def fresh(self) -> torch.nn.Module:
        """The network as this version of resdsl makes it, without memory."""
        from resdsl.api.designs import Design
        from resdsl.targets.module import build

        assert self.network is not None
        return build(Design(self.network).source(), self.network.name, "meta")

    def __reduce__(self) -> tuple[Any, ...]:
        return Carried, (self.version, self.digest, self.design)

    def __deepcopy__(self, memo: dict[int, Any]) -> Carried:
        return self


def digest_of(text: str) -> str:
    """Of what a text says behind its docstring."""
    return hashlib.sha256(text.partition('"""\n\n')[2].encode()).hexdigest()
