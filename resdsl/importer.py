"""Importing specs: after `import resdsl.importer`, `import resnet50` finds `resnet50.res`.

It is looked for where Python looks for modules, packages' folders included, and only after Python
found nothing: a `.py` of the name wins. The module is what `resdsl compile` would write, held in
memory: nothing is written to disk, `inspect.getsource` shows its text, and `importlib.reload`
compiles the spec anew. A spec with errors raises SpecImportError, an ImportError that shows them;
what is doubtful about one is a SpecWarning.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

from resdsl.api.designing import design
from resdsl.api.specs import SUFFIX
from resdsl.diagnostics.codes import NO_NETWORK, WHICH_NETWORK
from resdsl.diagnostics.diagnostic import Diagnostic
from resdsl.diagnostics.exception import SpecError, warn

__all__ = ["SpecImportError", "install", "uninstall"]


class SpecImportError(SpecError, ImportError):
    """A spec with errors was imported. `diagnostics` holds them; so does the text."""

    def __init__(self, diagnostics: Iterable[Diagnostic], name: str, path: str) -> None:
        super().__init__(diagnostics)
        self.name = name
        self.path = path


class SpecLoader(InspectLoader):
    """Makes a module of the spec at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text: str | None = None
        # What the check of the text has told.
        self._told: tuple[Diagnostic, ...] = ()

    @property
    def filename(self) -> str:
        """The name of the compiled text in tracebacks. No file has it: the text is the loader's."""
        return f"{self.path} (compiled)"

    def get_source(self, fullname: str) -> str:
        """The Python text, of the spec as it was when the module was made."""
        if self._text is None:
            self._text = self._compile(fullname)
        return self._text

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.get_source(fullname), self.filename, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        # What the text imports first, as resdsl does it: without a word if NumPy is not there.
        import resdsl.targets.torch_import  # noqa: F401

        self._text = None
        code = self.get_code(module.__name__)
        text = self.get_source(module.__name__)
        warn(self._told, stacklevel=2)
        # What inspect and tracebacks know of an earlier version is out of date.
        lines = text.splitlines(keepends=True)
        linecache.cache[self.filename] = (len(text), None, lines, self.filename)
        module.__file__ = self.filename
        # Not the spec is executed, but what the emitter made of it: names that were checked, and
        # literals that went through `repr`.
        exec(code, module.__dict__)

    def _compile(self, fullname: str) -> str:
        try:
            made = design(self.path)
            self._told = made.diagnostics
            return made.source()
        except SpecError as error:
            found = [_for_import(one, self.path) for one in error.diagnostics]
            raise SpecImportError(found, fullname, str(self.path)) from None


def _for_import(found: Diagnostic, path: Path) -> Diagnostic:
    """An import cannot name a network, nor give it parameters."""
    if found.code not in (WHICH_NETWORK, NO_NETWORK) or found.span is not None:
        return found
    help = (
        f"an import takes the network with the file's name, `{path.stem}`, or the only one whose "
        "parameters all have values",
        "`resdsl.load` takes any: `net=…` and the parameters are its arguments",
    )
    return replace(found, help=help)


class SpecFinder(MetaPathFinder):
    """Finds `NAME.res` in the folders where a module NAME would be looked for."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        name = fullname.rpartition(".")[2] + SUFFIX
        for folder in sys.path if path is None else path:
            found = Path(folder or ".", name)
            if os.path.isfile(str(found)):  # noqa: PTH113 - a name may be too long to ask
                found = found.resolve()
                return ModuleSpec(fullname, SpecLoader(found), origin=str(found))
        return None


def install() -> None:
    """Lets `import` find specs; a second time changes nothing."""
    if not any(_is_ours(finder) for finder in sys.meta_path):
        sys.meta_path.append(SpecFinder())


def uninstall() -> None:
    """Undoes `install`; modules that were imported stay."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not _is_ours(finder)]


def _is_ours(finder: object) -> bool:
    """By name: after a reload of this module the class is another."""
    made = type(finder)
    return (made.__module__, made.__qualname__) == (__name__, SpecFinder.__qualname__)


install()
