"""SPEC: what a person gives for a spec, and the text that it stands for."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from resdsl import limits, paths
from resdsl.api import zoo
from resdsl.api.stored_files import DESIGN, WEIGHTS, stored
from resdsl.diagnostics.codes import LIMIT, UNREADABLE
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.exception import SpecError
from resdsl.diagnostics.suggest import did_you_mean, sentence, suggest
from resdsl.language.values.outside_values import told
from resdsl.source import Source
from resdsl.syntax.file_text import read

if TYPE_CHECKING:
    from resdsl.api.inventory import ZooNetwork

SUFFIX = ".res"
# Files that hold a design.
_DESIGNS = (".json", WEIGHTS)

# No name of a file, though it be one: a design in JSON on one line.
_BEGINS_JSON = re.compile(r'\s*\{\s*"')

_LISTED = "`resdsl list` shows the networks of the zoo"


@dataclass(frozen=True, slots=True)
class Located:
    """A spec's text. `path` is None for a text that is no file.

    `network` is the one that was asked for by a name of the zoo, where its file has others too.
    """

    source: Source
    path: Path | None
    network: str | None = None

    @property
    def is_json(self) -> bool:
        """Whether it is a design in JSON: no text of the language begins with a brace."""
        if self.path is not None and self.path.suffix in (SUFFIX, *_DESIGNS):
            return self.path.suffix != SUFFIX
        return self.source.text.lstrip()[:1] == "{"


def locate(spec: str | os.PathLike[str] | ZooNetwork, sink: Sink) -> Located | None:
    """Finds a spec, in this order: a text (it has a newline, or is JSON), a file that is there, a
    text on one line (it has a brace), a network of the zoo, and for `NAME.res` that is not there
    the zoo's NAME. A note on stderr says which was taken where another might be meant.

    A `Path` is always a file, and a network that `resdsl.networks` lists is the zoo's.
    """
    if not isinstance(spec, str | os.PathLike):
        return _listed(spec, sink)
    if isinstance(spec, str) and ("\n" in spec or _BEGINS_JSON.match(spec)):
        return Located(Source("<text>", spec), None)
    if not os.fspath(spec):
        sink.error(UNREADABLE, "an empty name is no spec", help=[_LISTED])
        return None
    try:
        weights = stored(spec)
    except SpecError as error:
        _tell(error, sink)
        return None
    if weights is not None and _is_there(os.fspath(weights)):
        return _stored(weights, sink)
    path, name = Path(spec), os.fspath(spec)
    if _is_there(name):
        return _file(spec, sink)

    if isinstance(spec, str) and "{" in name and path.suffix not in (SUFFIX, *_DESIGNS):
        return Located(Source("<text>", spec), None)
    entry = zoo.find(name) if isinstance(spec, str) else None
    if entry is None and path.suffix == SUFFIX:
        entry = zoo.find(path.stem)
        if entry is not None:
            _note(f"there is no {name}; taking {entry.name} of the zoo")
    elif entry is not None:
        _say_what_lies_beside(Path(name + SUFFIX), entry)
    if entry is None:
        _missing(name, sink)
        return None
    source = read(entry.path, sink)
    if source is None:
        return None
    return Located(Source(paths.from_here(entry.path), source.text), entry.path, entry.name)


def _listed(spec: object, sink: Sink) -> Located | None:
    from resdsl.api.inventory import ZooNetwork

    if not isinstance(spec, ZooNetwork):
        raise TypeError(f"a spec is a name, a text or a path, not {told(spec)}")
    source = read(spec.file, sink)
    if source is None:
        return None
    return Located(Source(paths.from_here(spec.file), source.text), spec.file, spec.name)


def _is_there(name: str) -> bool:
    """Whether something has this name, be it none that can be read: then that is to be told."""
    try:
        os.stat(name)  # noqa: PTH116 - a Path would drop the slash behind a file
    except FileNotFoundError:
        return os.path.islink(name)  # noqa: PTH114
    except paths.FAULTS:
        return "{" not in name  # a text, long as it is, on one line
    return True


def _say_what_lies_beside(path: Path, taken: zoo.Entry) -> None:
    """A copy in this folder, as `resdsl new` makes it, is taken by the name of the file."""
    if path.is_file() and not path.samefile(taken.path):
        _note(
            f"taking {taken.name} of the zoo, and not {path} of this folder, which `{path}` takes"
        )


@cache
def _note(text: str) -> None:
    """A remark on stderr, once a process: a name is often looked up again and again."""
    print(f"note: {text}", file=sys.stderr)


def _file(spec: str | os.PathLike[str], sink: Sink) -> Located | None:
    path = Path(spec)
    is_stream = paths.is_stream(path)
    is_spec = path.suffix != ".json" and not is_stream
    source = read(spec, sink, limits.FILE_BYTES if is_spec else limits.DESIGN_BYTES)
    return None if source is None else Located(source, None if is_stream else path)


def _stored(path: Path, sink: Sink) -> Located | None:
    """The design that stands beside the weights in one file."""
    from resdsl.weights import header

    try:
        text = header.read(path).metadata.get(DESIGN)
    except SpecError as error:
        _tell(error, sink)
        return None
    if text is None:
        message = f"{paths.shown(path)}: holds weights alone, and no design of resdsl"
        help = f"load them into a network: `resdsl.load(SPEC, weights={path.name!r})`"
        sink.error(UNREADABLE, message, help=[help])
        return None
    if len(text.encode()) > limits.DESIGN_BYTES:
        sink.error(LIMIT, f"{paths.shown(path)}: the design in it is larger than one may be")
        return None
    return Located(Source(paths.from_here(path), text), path)


def _tell(error: SpecError, sink: Sink) -> None:
    for one in error.diagnostics:
        sink.error(one.code, one.message, help=one.help)


def _missing(name: str, sink: Sink) -> None:
    if paths.here() is None and not Path(name).is_absolute():
        message = f"{paths.shown(name)}: cannot be read: the current folder is gone"
        sink.error(UNREADABLE, message)
        return
    stem = name.removesuffix(SUFFIX)
    beside, is_same = _beside(Path(name))
    of_zoo = did_you_mean(stem, zoo.entries()) if "/" not in name and not is_same else None
    if of_zoo is not None and name == stem:
        beside = None  # a name without an ending is one of the zoo
    help = [of_zoo, beside]
    if not any(help):
        start = f"`resdsl new {stem}` writes a spec to start from"
        help = [start if name != stem and stem.isidentifier() else None, _LISTED]
    if name != stem or "/" in name or not stem.isidentifier():
        message = f"{name}: no such file"
    else:
        message = f"{name}: no such file, and no network of the zoo has this name"
    sink.error(UNREADABLE, message, help=[text for text in help if text])


def _beside(path: Path) -> tuple[str | None, bool]:
    """A spec in the folder that was meant whose name comes near, as it is to be written; and
    whether it is the name that was given, but for the ending."""
    try:
        files = sorted(one for one in path.parent.iterdir() if one.suffix in (SUFFIX, *_DESIGNS))
    except (OSError, ValueError):
        return None, False
    same = [one for one in files if one.stem == path.stem]
    near = suggest(path.stem, [one.stem for one in files])
    found = same or [one for stem in near for one in files if one.stem == stem]
    return sentence([f"`{one}`" for one in found[:3]]), bool(same)
