"""A spec: a file with the networks that it defines. The door to this package."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resdsl.design.model import InputSpec, Parameter
from resdsl.diagnostics import codes
from resdsl.diagnostics.model import Sink
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.extents import Size
from resdsl.language import static
from resdsl.language.arguments import Given, type_problem
from resdsl.language.context import Context, Frame
from resdsl.language.definitions import parameter
from resdsl.language.elaborate import Elaborator
from resdsl.language.files import Files, Module
from resdsl.language.network import Elaborated, elaborate, family
from resdsl.language.scope import Environment, Scope
from resdsl.language.soundness import unsound
from resdsl.language.values import Symbol, Unknown, show
from resdsl.source import Source, Span
from resdsl.syntax import tree
from resdsl.syntax.parser import parse

__all__ = ["Elaborated", "NetworkInfo", "Spec", "Text", "input_size", "open_spec"]


@dataclass(frozen=True, slots=True)
class Text:
    """The text of an expression, as `--set classes=10` gives it."""

    text: str


@dataclass(frozen=True, slots=True)
class NetworkInfo:
    """A network of a spec. `missing` are its parameters that have no value."""

    name: str
    parameters: tuple[Parameter, ...]
    doc: str
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """All parameters have values."""
        return not self.missing


@dataclass(slots=True, eq=False)
class Spec:
    """One file, its imports resolved and all its definitions checked by themselves."""

    source: Source
    module: Module
    files: Files
    networks: tuple[NetworkInfo, ...]
    # Those with a mistake in their text, or in that of something they mention.
    unsound: frozenset[str] = frozenset()

    def is_sound(self, name: str) -> bool:
        """Whether no mistake was found in a network, nor in what it mentions, by the text alone."""
        return self.files.is_whole and name not in self.unsound

    def default(self, sink: Sink, settings: Collection[str] = ()) -> str | None:
        """The network of the file's name, else the only one whose parameters all have values.

        `settings` are the parameters that will be given one.
        """
        complete = [info.name for info in self.networks if set(info.missing) <= set(settings)]
        stem = Path(self.source.name).stem
        if stem in [info.name for info in self.networks]:
            return stem
        if len(complete) == 1:
            return complete[0]
        names = ", ".join(f"`{info.name}`" for info in self.networks)
        if not self.files.is_whole and not complete:
            # It may be in what is broken, and that was told.
            return None
        if not self.networks:
            sink.error(
                codes.NO_NETWORK,
                f"{self.source.name} defines no network",
                help=["`network name { input 3 x 224 x 224 … }` defines one"],
            )
        elif complete:
            sink.error(
                codes.WHICH_NETWORK,
                f"{self.source.name} defines several networks: {names}",
                help=[f"name one: --net {complete[0]}"],
            )
        else:
            sink.error(
                codes.NO_NETWORK,
                f"every network of {self.source.name} has parameters without a value: {names}",
                help=["give them values with --set name=value, and name the network with --net"],
            )
        return None

    def elaborate(
        self,
        name: str,
        sink: Sink,
        *,
        settings: Mapping[str, Any] | None = None,
        input: str | None = None,
    ) -> Elaborated | None:
        """The design of a network; None after an error.

        `settings` give parameters values, or texts of expressions (`Text`); `input` is the text of
        an input size, `3x256x256`, that replaces the declared one.
        """
        symbol = self._symbol(name, sink)
        if symbol is None:
            return None
        given = self._settings(symbol, settings or {}, sink)
        override = input_size(input, sink) if input is not None else None
        if given is None or (input is not None and override is None):
            return None
        return elaborate(self.files, symbol, given, override, sink)

    def _symbol(self, name: str, sink: Sink) -> Symbol | None:
        for symbol in self.module.networks():
            if symbol.name == name:
                return symbol
        if name in self.module.lost:
            return None
        names = [info.name for info in self.networks]
        help = did_you_mean(name, names)
        listed = ", ".join(f"`{known}`" for known in names)
        sink.error(
            codes.NO_NETWORK,
            f"{self.source.name} defines no network `{name}`",
            help=[help] if help else [f"it defines {listed}" if names else "it defines none"],
        )
        return None

    def _settings(
        self, symbol: Symbol, settings: Mapping[str, Any], sink: Sink
    ) -> dict[str, Given] | None:
        if not settings:
            return {}
        elaborator = Elaborator(self.files, sink, InputSpec(0, (), ()))
        found = family(elaborator, symbol)
        if found is None:
            return None
        declared = {
            p.name.id: p for p in found.symbol.node.parameters if p.name.id not in found.bound
        }
        given: dict[str, Given] = {}
        for name, raw in settings.items():
            if name not in declared:
                self._no_parameter(symbol, name, list(declared), sink)
                continue
            value, span = raw, symbol.node.name.span
            if isinstance(raw, Text):
                value, span = self._evaluated(elaborator, name, raw, sink)
            elif isinstance(raw, list):
                value = _listed(raw)
            if isinstance(value, Unknown):
                continue
            problem = type_problem(value, declared[name])
            if problem is None:
                given[name] = Given(value, span)
            else:
                text = raw.text if isinstance(raw, Text) else show(value)
                sink.error(
                    codes.OVERRIDE,
                    f"`{name}` of `{symbol.name}` {problem}",
                    help=[f"--set {name}={text} does not fit"],
                )
        return given if len(given) == len(settings) else None

    def _no_parameter(self, symbol: Symbol, name: str, names: list[str], sink: Sink) -> None:
        help = did_you_mean(name, names)
        listed = ", ".join(f"`{known}`" for known in names)
        sink.error(
            codes.OVERRIDE,
            f"`{symbol.name}` has no parameter `{name}` to set",
            help=[help] if help else [f"it has {listed}" if names else "it has none"],
        )

    def _evaluated(
        self, elaborator: Elaborator, name: str, raw: Text, sink: Sink
    ) -> tuple[Any, Span]:
        """The value of the text of an expression, in the scope of the file."""
        source = Source(f"--set {name}", f"let value = {raw.text}\n")
        file = parse(source, sink)
        if file is None or len(file.items) != 1 or not isinstance(file.items[0], tree.Let):
            if file is not None and file.is_whole:
                sink.error(codes.OVERRIDE, f"--set {name}={raw.text}: not one expression")
            return Unknown(), Span(source, 0, 0)
        item = file.items[0]
        frame = Frame(Symbol(self.module, item), self.module)  # type: ignore[arg-type]
        context = Context(frame, self.module, Scope(), Environment())
        return elaborator.expressions.value(item.value, context), item.value.span


def open_spec(source: Source, path: Path | None, sink: Sink) -> Spec | None:
    """A spec whose definitions are checked by themselves; None if it cannot be read as one.

    Names, types and recursion of all definitions are checked; errors go to the sink and do not keep
    the networks that are right from being elaborated.
    """
    files = Files(sink)
    module = files.first(source, path)
    if module is None:
        return None
    static.check(files, module, sink)
    for other in files.imported():
        static.check(files, other, sink)
    infos = tuple(_info(files, symbol) for symbol in module.networks())
    return Spec(source, module, files, infos, unsound(files, module, sink.diagnostics))


def _info(files: Files, symbol: Symbol) -> NetworkInfo:
    found = family(Elaborator(files, Sink(), InputSpec(0, (), ())), symbol)
    if found is None:
        return NetworkInfo(symbol.name, (), symbol.node.doc)
    unbound = [p for p in found.symbol.node.parameters if p.name.id not in found.bound]
    return NetworkInfo(
        symbol.name,
        tuple(parameter(item) for item in unbound),
        symbol.node.doc or found.symbol.node.doc,
        missing=tuple(item.name.id for item in unbound if item.default is None),
    )


def input_size(text: str, sink: Sink) -> InputSpec | None:
    """`3x256x256` or `3xHxW`, as `--input` takes it."""
    parts = [part.strip() for part in re.split(r"[x×]", text.strip())]
    numbers: list[int | str] = []
    for position, part in enumerate(parts):
        if re.fullmatch(r"[1-9][0-9_]{0,9}", part):
            numbers.append(int(part))
        elif position > 0 and re.fullmatch(r"[A-Z]", part) and part not in numbers:
            numbers.append(part)
        else:
            sink.error(
                codes.OVERRIDE,
                f"--input {text}: is not an input size",
                help=["channels first, for example --input 3x256x256"],
            )
            return None
    assert isinstance(numbers[0], int)
    names = tuple(n if isinstance(n, str) else "" for n in numbers[1:])
    extents = tuple(None if isinstance(n, str) else n for n in numbers[1:])
    return InputSpec(numbers[0], names, extents)


def _listed(value: Any) -> Any:
    if isinstance(value, Size):
        return value
    return tuple(_listed(item) for item in value) if isinstance(value, list | tuple) else value
