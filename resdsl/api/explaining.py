"""What `resdsl explain` says of codes, operators, words, the library and networks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from resdsl.api import inventory, reference, words, zoo
from resdsl.api.designing import design
from resdsl.api.reference import WIDTH, Entry
from resdsl.data import std
from resdsl.diagnostics import explanations
from resdsl.diagnostics.codes import Code
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.suggest import did_you_mean, sentence
from resdsl.drawing.tables import numbers
from resdsl.language.spec import open_spec
from resdsl.language.values.outside_values import told
from resdsl.paths import FAULTS, shown
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.file_text import read
from resdsl.syntax.parser import parse


class UnknownNameError(LookupError):
    """A name that nothing is said of; the text is the message, with what may have been meant."""


def explain(name: str | Code) -> str:
    """What a name means, as a text for people.

    `name` is a diagnostic's code (`E0501`, or the `code` of one), an operator or a slot (`conv`,
    `norm`), a block or shortcut of the library (`bottleneck`), a module of it (`std.dense`), a
    word, type or function of the language (`stage`, `list`, `range`), or a network of the zoo
    (`resnet50`). Raises UnknownNameError, a LookupError, and TypeError for what is no name.
    """
    if not isinstance(name, str | Code):
        raise TypeError(f"what is explained is a name, not {told(name)}")
    name = name.id if isinstance(name, Code) else name
    titles = explanations.titles()
    if (code := name.upper()) in titles:
        return f"{code}: {titles[code]}\n\n{explanations.text(code).rstrip()}"
    if (entry := reference.find(name)) is not None:
        return str(entry)
    if (topic := words.topics().get(name)) is not None:
        return str(topic)
    if name == "std" or name.startswith("std.") or name in _modules():
        module = name.removeprefix("std").removeprefix(".")
        if not module:
            return "\n".join(_library())
        if module in _modules():
            return "\n".join(_module(module))
    if zoo.find(name) is not None:
        return "\n".join(_network(name))
    if (file := _file(name)) is not None:
        raise UnknownNameError(file)
    numbered = [f"{letter}{name.zfill(4)}" for letter in "EWX"] if name.isdecimal() else []
    near = sentence([f"`{one}`" for one in numbered if one in titles])
    near = near or did_you_mean(code, titles) or did_you_mean(name, [*titles, *names()])
    help = near or "`resdsl explain` lists them all"
    raise UnknownNameError(f"there is no code and no name `{name}`; {help}")


def _file(name: str) -> str | None:
    """What there is to say of the path of a spec or design, which is no name."""
    path = Path(name)
    try:
        is_file = path.is_file()
    except FAULTS:
        is_file = False
    if not is_file and path.suffix not in (".res", ".json"):
        return None
    own = shown(name)
    told = f"`{own}` is a file: `resdsl show {own}` prints its table, `resdsl check {own}` "
    told += "its mistakes"
    if not is_file:
        told = f"`{own}` would be a file, and is none that can be read"
    if zoo.find(path.stem) is not None:
        told += f"; `resdsl explain {path.stem}` is the zoo's network"
    return told


def overview() -> Iterator[str]:
    """All that can be explained, a line each; the networks are those of `resdsl list`."""
    for code, title in explanations.titles().items():
        yield f"{code}  {title}"
    yield ""
    for entry in reference.entries().values():
        yield f"{entry.kind} {entry.signature}"
    yield ""
    yield from (topic.title for topic in dict.fromkeys(words.topics().values()))
    yield ""
    yield from _library()
    yield "the networks of `resdsl list`"


def names() -> list[str]:
    """All but codes that `explain` takes."""
    modules = [f"std.{module}" for module in _modules()]
    return [*reference.entries(), *words.topics(), *modules, *zoo.entries()]


def _modules() -> list[str]:
    return sorted(path.stem for path in std().glob("*.res"))


def _library() -> Iterator[str]:
    for module in _modules():
        yield f"library std.{module}: {', '.join(entry.name for entry in _entries(module))}"


def _entries(module: str) -> list[Entry]:
    return [entry for entry in reference.entries().values() if entry.module == module]


def _module(name: str) -> Iterator[str]:
    entries = _entries(name)
    if name == reference.PRELUDE:
        yield "library std.prelude, known everywhere without an import"
    else:
        names = ", ".join(entry.name for entry in entries)
        yield from wrap(f"from std.{name} import {names}", WIDTH, subsequent_indent="    ")
    path = std() / f"{name}.res"
    file = parse(Source(path.name, path.read_text(encoding="utf-8")), Sink())
    if file is not None and file.doc:
        yield f"\n{file.doc}"
    for entry in entries:
        yield ""
        yield from wrap(f"{entry.kind} {entry.signature}", WIDTH, subsequent_indent="    ")
        yield from wrap(
            inventory.first_sentence(entry.doc), WIDTH, initial_indent="  ", subsequent_indent="  "
        )


def _network(name: str) -> Iterator[str]:
    path = zoo.entries()[name].path
    sink = Sink()
    source = read(path, sink)
    spec = None if source is None else open_spec(source, path, sink)
    assert spec is not None, path  # the zoo's own file
    (node,) = (symbol.node for symbol in spec.module.networks() if symbol.name == name)
    (info,) = (info for info in spec.networks if info.name == name)
    made = f"network {reference.signature(name, reference.written(node.parameters))}"
    if isinstance(node, tree.Network) and node.family is not None:
        made += f" = {' '.join(node.family.span.text.split())}"
    yield from wrap(made, WIDTH, subsequent_indent="    ")
    if doc := node.doc or spec.module.file.doc:
        yield f"\n{doc}"
    yield ""
    if info.complete:
        found = design(name)
        size = " x ".join(map(str, found.input))
        yield (
            f"{numbers.parameters(found.params)} parameters, {numbers.macs(found.macs)} MACs "
            f"at {size}, {found.depth} layers deep."
        )
    else:
        yield f"A family, to be given {', '.join(info.missing)}."
    yield (
        f"It stands in {path.name}: `resdsl show {name}` prints its table, "
        f"`resdsl new {name}` copies it."
    )
