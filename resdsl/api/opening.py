"""From a SPEC to the network that was asked for, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resdsl.analysis.advice import advise
from resdsl.analysis.contracts import verify
from resdsl.api.specs import Located
from resdsl.design.model import Network
from resdsl.diagnostics.codes import NO_NETWORK, OVERRIDE
from resdsl.diagnostics.model import Sink
from resdsl.language.spec import Spec, input_size, open_spec


@dataclass(frozen=True, slots=True)
class Opened:
    """A network without errors. With `--set` or `--input` its contracts are of another one."""

    network: Network
    skips_contracts: bool = False


def network(
    located: Located,
    sink: Sink,
    net: str | None = None,
    input: str | Sequence[int] | None = None,
    settings: Mapping[str, Any] | None = None,
    broken: Sink | None = None,
) -> Opened | None:
    """The network `net` of a spec, or the one meant by its name, with its contracts verified.

    Broken contracts are told to `broken`, if it is given, and else to `sink`.
    """
    if located.is_json:
        return from_json(located, sink, net, input, settings)
    spec = open_spec(located.source, located.path, sink)
    if spec is None:
        return None
    name = net or located.network or spec.default(sink, settings or ())
    if name is None:
        return None
    return elaborated(spec, name, sink, input, settings, broken)


def elaborated(
    spec: Spec,
    name: str,
    sink: Sink,
    input: str | Sequence[int] | None = None,
    settings: Mapping[str, Any] | None = None,
    broken: Sink | None = None,
) -> Opened | None:
    """One network of an open spec, with its contracts verified."""
    found = spec.elaborate(name, sink, settings=settings, input=_size(input))
    if found is None:
        return None
    verified = verify(found, broken or sink)
    advise(found.network, sink)
    return Opened(found.network, skips_contracts=verified is None)


def from_json(
    located: Located,
    sink: Sink,
    net: str | None = None,
    input: str | Sequence[int] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Opened | None:
    """The network that a design in JSON is. Its parameters have their values already."""
    from resdsl.exchange.reading import read

    name = located.source.name
    if settings:
        message = f"{name}: is a design, whose parameters are bound: --set needs its spec"
        sink.error(OVERRIDE, message)
        return None
    override = None if input is None else input_size(_size(input) or "", sink)
    if input is not None and override is None:
        return None
    made = read(located.source, sink, None if override is None else override.extents)
    if made is None:
        return None
    if override is not None and override.channels != made.input.channels:
        sink.error(OVERRIDE, f"{name}: the network's input has {made.input.channels} channels")
        return None
    if net not in (None, made.name):
        sink.error(NO_NETWORK, f"{name}: the network in it is `{made.name}`, not `{net}`")
        return None
    return Opened(made)


def _size(input: str | Sequence[int] | None) -> str | None:
    return input if input is None or isinstance(input, str) else "x".join(map(str, input))
