"""A spec: a file with the networks that it defines. The door to this package."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resdsl.design.model import Parameter
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.language.checks import static
from resdsl.language.checks.soundness import unsound
from resdsl.language.elaborate.definitions import parameter
from resdsl.language.elaborate.elaborator import Elaborator
from resdsl.language.elaborate.families import family
from resdsl.language.elaborate.network import Elaborated, elaborate
from resdsl.language.evaluate.arguments import Given
from resdsl.language.evaluate.session import Halt
from resdsl.language.names import kept
from resdsl.language.names.files import Files
from resdsl.language.names.symbols import Module, Symbol
from resdsl.language.values.features import Wanted
from resdsl.language.values.input_sizes import InputSize, input_size
from resdsl.language.values.outside_values import Text
from resdsl.source import Source

__all__ = ["Elaborated", "NetworkInfo", "Spec", "Text", "open_spec"]


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
    """One file, its imports resolved and all its definitions checked by themselves.

    `path` is None for a text that is no file.
    """

    source: Source
    path: Path | None
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
                help=[f'name one: `--net {complete[0]}`, in Python `net="{complete[0]}"`'],
            )
        else:
            sink.error(
                codes.NO_NETWORK,
                f"every network of {self.source.name} has parameters without a value: {names}",
                help=[_completed(self.networks[0])],
            )
        return None

    def elaborate(
        self,
        name: str,
        sink: Sink,
        *,
        settings: Mapping[str, Any] | None = None,
        input: InputSize | Text | None = None,
        features: Wanted = (),
        output_stride: int | None = None,
    ) -> Elaborated | None:
        """The design of a network; None after an error.

        `settings` give parameters values of Python, or texts of expressions (`Text`); `input` is a
        size that replaces the declared one (resdsl.language.values.input_sizes), `features` are the
        outputs that it is to have instead of its own, and beyond an `output_stride` its strides are
        not taken.
        """
        symbol = self._symbol(name, sink)
        if symbol is None:
            return None
        given = self._settings(symbol, settings or {}, sink)
        override = input_size(input, sink) if input is not None else None
        if given is None or (input is not None and override is None):
            return None
        return elaborate(self.files, symbol, given, override, sink, features, output_stride)

    def _symbol(self, name: str, sink: Sink) -> Symbol | None:
        found = self.module.names.get(name)
        if isinstance(found, Symbol) and found.kind == "network":
            return found
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
        from resdsl.language.settings import Settings

        elaborator = Elaborator(self.files, sink)
        found = family(elaborator, symbol)
        if found is None:
            return None
        try:
            return Settings(elaborator, self.module, symbol, found).given(settings)
        except Halt:
            return None


def open_spec(source: Source, path: Path | None, sink: Sink) -> Spec | None:
    """A spec whose definitions are checked by themselves; None if it cannot be read as one.

    Names, types and recursion of all definitions are checked; errors go to the sink and do not keep
    the networks that are right from being elaborated.
    """
    files = Files(sink)
    module = files.first(source, path)
    if module is None:
        return None
    for one in (module, *files.imported()):
        if kept.is_silent(one, files.prelude()):
            continue
        reports = sink.reports
        static.check(files, one, sink)
        if sink.reports == reports:
            kept.be_silent(one, files.prelude())
    infos = tuple(_info(files, symbol) for symbol in module.networks())
    return Spec(source, path, module, files, infos, unsound(files, module, sink.diagnostics))


def _info(files: Files, symbol: Symbol) -> NetworkInfo:
    found = family(Elaborator(files, Sink()), symbol)
    if found is None:
        return NetworkInfo(symbol.name, (), symbol.node.doc)
    unbound = [p for p in found.symbol.node.parameters if p.name.id not in found.bound]
    return NetworkInfo(
        symbol.name,
        tuple(parameter(item) for item in unbound),
        symbol.node.doc or found.symbol.node.doc,
        missing=tuple(item.name.id for item in unbound if item.default is None),
    )


def _completed(info: NetworkInfo) -> str:
    """How the parameters of a network get values."""
    settings = " ".join(f"--set {name}=…" for name in info.missing)
    arguments = ", ".join(f"{name}=…" for name in info.missing)
    return (
        f"give them values: `--net {info.name} {settings}`, "
        f'in Python `net="{info.name}", {arguments}`'
    )
