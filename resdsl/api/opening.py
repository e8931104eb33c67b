"""From a SPEC to the network that was asked for, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resdsl.analysis.advice import advise
from resdsl.analysis.contracts import verify
from resdsl.api.specs import Located
from resdsl.diagnostics.model import Sink
from resdsl.language.spec import Elaborated, Spec, open_spec


def network(
    located: Located,
    sink: Sink,
    net: str | None = None,
    input: str | Sequence[int] | None = None,
    settings: Mapping[str, Any] | None = None,
    broken: Sink | None = None,
) -> Elaborated | None:
    """The network `net` of a spec, or the one meant by its name, with its contracts verified.

    Broken contracts are told to `broken`, if it is given, and else to `sink`.
    """
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
) -> Elaborated | None:
    """One network of an open spec, with its contracts verified."""
    found = spec.elaborate(name, sink, settings=settings, input=_size(input))
    if found is not None:
        verify(found, broken or sink)
        advise(found.network, sink)
    return found


def _size(input: str | Sequence[int] | None) -> str | None:
    return input if input is None or isinstance(input, str) else "x".join(map(str, input))
