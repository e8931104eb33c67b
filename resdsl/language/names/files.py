"""Files: what each defines, what it imports, and where names lead from it."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path

from resdsl import limits
from resdsl.data import std
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.language.names.kept import parsed
from resdsl.language.names.symbols import Module, Symbol
from resdsl.ops import REGISTRY, SLOTS
from resdsl.paths import FAULTS, from_here, here, is_file, shown, why
from resdsl.records import dataclass
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.file_text import read

PRELUDE = "prelude"


# Files of std without mistakes, which every spec reads: once a process, while they stay the same.
_library: dict[Path, Module] = {}


@dataclass(slots=True, eq=False)
class Files:
    """Reads files and follows their imports, under the first file's folder and std only."""

    sink: Sink
    root: Path = field(default_factory=lambda: here() or Path())
    _known: dict[Path, Module | None] = field(default_factory=dict)
    _open: list[Path] = field(default_factory=list)
    _prelude: Module | None = None
    # Nothing of any file is broken.
    is_whole: bool = True
    # Definitions that contain themselves, as the text tells.
    circular: set[Symbol] = field(default_factory=set)

    def first(self, source: Source, path: Path | None) -> Module | None:
        """The file that a run starts from. `path` is None for a text that is no file."""
        if path is not None:
            self.root = path.resolve().parent
            self._open.append(path.resolve())
        library = path is not None and std() in path.resolve().parents
        place = source.name if path is None else self._place(path.resolve().parent / path.name)
        return self._module(source, self.root, library, place)

    def imported(self) -> list[Module]:
        """The author's own files that were read, but the first."""
        return [module for module in self._known.values() if module and not module.library]

    def resolve(self, module: Module, name: str) -> tuple[Module, Symbol | tree.Let] | None:
        """What a name means at the top of a file: its own, imported, then the prelude's."""
        if name in module.names:
            return module, module.names[name]
        if name in module.imports:
            home, original = module.imports[name]
            return home, home.names[original]
        prelude = self.prelude()
        if prelude is not None and prelude is not module and name in prelude.names:
            return prelude, prelude.names[name]
        return None

    def visible(self, module: Module) -> list[str]:
        """Every name that `resolve` finds from a file, nearest first."""
        prelude = self.prelude()
        outer = prelude.names if prelude is not None else {}
        return list(dict.fromkeys([*module.names, *module.imports, *outer]))

    def prelude(self) -> Module | None:
        if self._prelude is None:
            path = std() / f"{PRELUDE}.res"
            if path not in self._known:
                self._prelude = self._load(path, base=std(), library=True)
            else:
                self._prelude = self._known[path]
        return self._prelude

    def _module(self, source: Source, base: Path, library: bool, place: str) -> Module | None:
        file = parsed(source, self.sink)
        if file is None:
            return None
        module = Module(file.source, file, base, library, place, lost=set(file.lost))
        self.is_whole = self.is_whole and file.is_whole
        self._define(module)
        for item in file.items:
            if isinstance(item, tree.Import):
                self._import(module, item)
                names = {name.id for name in item.names}
                module.lost |= names - module.imports.keys() - module.names.keys()
        return module

    def _define(self, module: Module) -> None:
        places: dict[str, tree.Name] = {}
        for item in module.file.items:
            if isinstance(item, tree.Import):
                continue
            name = item.name
            if name.id in REGISTRY or name.id in SLOTS:
                kind = "slot" if name.id in SLOTS else "operator"
                self.sink.error(
                    codes.DUPLICATE_NAME,
                    f"`{name.id}` is the name of {'a' if kind == 'slot' else 'an'} {kind}",
                    name.span,
                    "choose another name",
                )
                module.twice.add(name.id)
            elif name.id in places:
                self._twice(name, places[name.id])
                module.twice.add(name.id)
            else:
                places[name.id] = name
                module.names[name.id] = item if isinstance(item, tree.Let) else Symbol(module, item)

    def _twice(self, again: tree.Name, first: tree.Name) -> None:
        self.sink.error(
            codes.DUPLICATE_NAME,
            f"`{again.id}` is defined twice in this file",
            again.span,
            "defined again here",
            others=[Label(first.span, "first defined here")],
        )

    def _import(self, module: Module, item: tree.Import) -> None:
        path = self._path(module, item)
        if path is None:
            return
        if path in self._open:
            self.sink.error(
                codes.IMPORT,
                f"`{path.name}` imports itself"
                if path == self._open[-1]
                else "files import each other in a circle: "
                + " → ".join(p.name for p in [*self._open[self._open.index(path) :], path]),
                item.origin,
                "this closes the circle",
            )
            return
        if len(self._open) >= limits.IMPORT_DEPTH:
            self.sink.error(
                codes.LIMIT,
                f"more than {limits.IMPORT_DEPTH} files import each other in a row",
                item.origin,
            )
            return
        base, library = path.parent, module.library or item.path is None
        found = self._load(path, base=base, library=library, item=item)
        if found is None:
            return
        for name in item.names:
            self._import_name(module, found, item, name)

    def _import_name(
        self, module: Module, found: Module, item: tree.Import, name: tree.Name
    ) -> None:
        where = found.source.name
        if name.id not in found.names and name.id in found.lost:
            return
        if name.id not in found.names:
            others = {other.id for other in item.names}
            help = did_you_mean(name.id, [one for one in found.names if one not in others])
            names = ", ".join(f"`{known}`" for known in sorted(found.names)[:12]) or "nothing"
            self.sink.error(
                codes.IMPORT,
                f"`{where}` does not define `{name.id}`",
                name.span,
                "not found there",
                help=[help] if help else [f"it defines {names}"],
            )
            return
        if name.id in module.names or name.id in module.imports or name.id in (*REGISTRY, *SLOTS):
            what = "defined in this file" if name.id in module.names else "imported"
            if name.id in REGISTRY or name.id in SLOTS:
                what = "an operator"
            self.sink.error(
                codes.DUPLICATE_NAME,
                f"`{name.id}` is imported, but already {what}",
                name.span,
                "two things would have this name",
            )
            module.twice.add(name.id)
            return
        module.imports[name.id] = (found, name.id)

    def _path(self, module: Module, item: tree.Import) -> Path | None:
        if item.path is None:
            return self._library_path(module, item)
        wanted = Path(item.path)
        try:
            path = (module.base / wanted).resolve()
        except FAULTS as error:
            self.sink.error(
                codes.IMPORT, f"`{item.path}` leads nowhere: {why(error)}", item.origin, "not found"
            )
            return None
        root = std() if module.library else self.root
        if wanted.is_absolute() or not path.is_relative_to(root):
            self.sink.error(
                codes.IMPORT,
                f"`{item.path}` lies outside the folder of the first file",
                item.origin,
                "cannot be imported",
                help=[f"files are imported from `{root}` and below, by a relative path"],
            )
            return None
        return path

    def _library_path(self, module: Module, item: tree.Import) -> Path | None:
        dotted = ".".join(item.module)
        path = std().joinpath(*item.module[1:]).with_suffix(".res")
        if item.module[0] == "std" and len(item.module) == 2 and is_file(path):
            return path
        known = [f"std.{p.stem}" for p in sorted(std().glob("*.res"))]
        inside = [name.id for name in item.names if f"std.{name.id}" in known]
        beside = f"{item.module[-1]}.res"
        if item.module == ("std",) and inside:
            help = [f"write `from std.{inside[0]} import NAME`"]
        elif is_file(module.base / beside):
            help = [f'a file is imported by its path: from "{beside}" import …']
        else:
            meant = did_you_mean(dotted, known)
            help = [
                *([meant] if meant else []),
                "the modules are " + ", ".join(f"`{name}`" for name in known),
                "a file is imported by its path, in quotes",
            ]
        self.sink.error(
            codes.IMPORT,
            f"there is no library module `{dotted}`",
            item.origin,
            "not found",
            help=help,
        )
        return None

    def _load(
        self, path: Path, *, base: Path, library: bool, item: tree.Import | None = None
    ) -> Module | None:
        if path not in self._known:
            self._open.append(path)
            self._known[path] = self._of_library(path) if library else None
            if self._known[path] is None:
                self._known[path] = self._new(path, base, library, item)
            self._open.pop()
        return self._known[path]

    def _of_library(self, path: Path) -> Module | None:
        """A file of std as an earlier run read it, if neither it nor its imports have changed."""
        module = _library.get(path)
        if module is None or module.stamp != _stamp(path):
            return None
        for home, _ in module.imports.values():
            assert home.stamp is not None
            if self._load(home.stamp[0], base=home.base, library=True) is not home:
                return None
        return module

    def _new(
        self, path: Path, base: Path, library: bool, item: tree.Import | None
    ) -> Module | None:
        reports, stamp = self.sink.reports, _stamp(path)
        source = self._read(path, library, item)
        place = self._place(path)
        module = self._module(source, base, library, place) if source is not None else None
        if library and module is not None and self.sink.reports == reports:
            module.stamp = stamp
            _library[path] = module
        return module

    def _read(self, path: Path, library: bool, item: tree.Import | None) -> Source | None:
        found = Sink()
        source = read(path, found)
        if source is not None:
            return Source(self._shown(path, library), source.text, library)
        for problem in found.diagnostics:
            message = problem.message.replace(shown(path), shown(self._shown(path, library)))
            span = item.origin if item is not None else None
            whole = f"it is a part of resdsl, at {shown(path)}: install resdsl again"
            help = [*problem.help, whole] if library else problem.help
            self.sink.error(codes.IMPORT, message, span, "cannot be imported", help=help)
        return None

    def _place(self, path: Path) -> str:
        """`std/dense.res`, or the way from the first file's folder: to a folder `std`, `./std`."""
        if std() in path.parents:
            return f"std/{path.relative_to(std()).as_posix()}"
        way = path.relative_to(self.root).as_posix()
        return _printable(f"./{way}" if way.startswith("std/") else way)

    def _shown(self, path: Path, library: bool) -> str:
        """The name of a file in messages: short, and the same wherever it is installed."""
        if library:
            return f"std/{path.relative_to(std())}"
        return from_here(path)


def _printable(name: str) -> str:
    """As in a URL, what a design may not hold: it is printed."""
    return "".join(char if char.isprintable() else f"%{ord(char):02X}" for char in name)


def _stamp(path: Path) -> tuple[Path, int]:
    """Changes whenever a file is written."""
    try:
        return path, path.stat().st_mtime_ns
    except OSError:
        return path, 0
