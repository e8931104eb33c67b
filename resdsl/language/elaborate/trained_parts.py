"""A network that is made already, and how it is to be trained: what is not, what is run again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from resdsl.design.checkpointing import checkpointed
from resdsl.design.freezing import frozen
from resdsl.design.network import Network
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.elaborate.outputs import tap_of

FOR_EVAL = "a fused network is not trained: nothing of it is frozen or checkpointed"


def with_frozen(network: Network, name: str, sink: Sink) -> Network | None:
    """A network of which nothing is trained that a stage, label or kept tensor is made of; None
    after an error."""
    if _is_for_eval(network, sink) or tap_of(network, name, sink) is None:
        return None
    if not frozen(network.root, name):
        sink.error(codes.OVERRIDE, f"`{name}` is made of nothing that is trained or counts")
        return None
    # With other truth values it might be made of other modules.
    return replace(network, frozen=name, varied=None)


def with_checkpointed(network: Network, names: Iterable[str], sink: Sink) -> Network | None:
    """A network whose modules that make these are run again in backward; None after an error."""
    if _is_for_eval(network, sink):
        return None
    names = tuple(dict.fromkeys(names))
    for name, path in checkpointed(network.root, names).items():
        if path is None and tap_of(network, name, sink) is not None:
            sink.error(
                codes.OVERRIDE,
                f"`{name}` is not what one module of several steps makes, which could be run again",
                help=["a stage is, or the label of a block or group"],
            )
    if sink.errors:
        return None
    # With other truth values other modules might make them.
    return replace(network, checkpointed=names, varied=None)


def _is_for_eval(network: Network, sink: Sink) -> bool:
    """Which is told."""
    if network.fused:
        sink.error(codes.OVERRIDE, FOR_EVAL)
    return network.fused
