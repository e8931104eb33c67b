"""The features of a pyramid: the last stage of each stride."""

from __future__ import annotations

from resdsl.analysis.facts import facts
from resdsl.design.model import Apply
from resdsl.design.network import Network
from resdsl.diagnostics.codes import UNKNOWN_NAME
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.values.features import Wanted


def pyramid(network: Network, sink: Sink) -> Wanted | None:
    """Their names, from the finest on; None, and an error, for a network without stages."""
    reach = facts(network).reach
    last: dict[object, str] = {}
    for step in network.root.body.steps:
        if isinstance(step, Apply) and step.stage:
            strides = tuple(one.stride for one in reach.get(step.output, ()))
            last.pop(strides, None)
            last[strides] = step.key
    if not last:
        message = f"{network.name} has no stages to make a pyramid of"
        sink.error(UNKNOWN_NAME, message, help=["name the tensors: `features=[…]`, `--features`"])
        return None
    return tuple((name, name) for name in last.values())
