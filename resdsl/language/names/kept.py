"""Texts that were read without a word, kept for the life of the process.

A design is asked for again and again, and its file with those that it imports is the same text most
times. The tree of one that has no mistake is taken as it is; that a check of its names had nothing
to say is known as long as all that they lead to is the same trees. Files themselves are read each
time. What is found out beyond the text (values of `let`s, what was told) is never kept.
"""

from __future__ import annotations

from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.names.symbols import Module
from resdsl.records import dataclass
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parser import parse

# Characters of all texts together: a tree takes some hundred times as many bytes.
_MOST = 200_000


@dataclass(slots=True, eq=False)
class _Kept:
    """`silent`: the trees beside which a check of this one's names told nothing."""

    file: tree.File
    silent: tuple[object, ...] | None = None


_texts: dict[tuple[str, str, bool], _Kept] = {}


def parsed(source: Source, sink: Sink) -> tree.File | None:
    """As `parse`; the tree's source may be an equal one."""
    key = _key(source)
    known = _texts.get(key)
    if known is not None:
        return known.file
    reports = sink.reports
    file = parse(source, sink)
    if file is not None and sink.reports == reports and len(source.text) <= _MOST:
        # A copy: another thread may add to them meanwhile.
        if sum(len(text) for _, text, _ in list(_texts)) + len(source.text) > _MOST:
            forget()
        _texts[key] = _Kept(file)
    return file


def is_silent(module: Module, prelude: Module | None) -> bool:
    """Whether the names of a file were checked before, with the same around it, without a word."""
    known = _texts.get(_key(module.source))
    if known is None or known.silent is None or known.file is not module.file:
        return False
    beside = _beside(module, prelude)
    return len(beside) == len(known.silent) and all(
        one is other if isinstance(one, tree.File) else one == other
        for one, other in zip(beside, known.silent, strict=True)
    )


def be_silent(module: Module, prelude: Module | None) -> None:
    known = _texts.get(_key(module.source))
    if known is not None and known.file is module.file:
        known.silent = _beside(module, prelude)


def forget() -> None:
    """Begins afresh, as a new process would."""
    _texts.clear()


def _key(source: Source) -> tuple[str, str, bool]:
    return source.name, source.text, source.library


def _beside(module: Module, prelude: Module | None) -> tuple[object, ...]:
    """All that the names of a file lead to: what it imports, and the prelude."""
    found: list[object] = [] if prelude is None else [prelude.file]
    for name, (home, original) in module.imports.items():
        found += (name, home.file, original)
    return tuple(found)
