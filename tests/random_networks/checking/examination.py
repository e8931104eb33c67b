"""Everything that must hold of a text: one `Failure` for each thing that does not."""

from __future__ import annotations

import resdsl
from tests.random_networks.checking.arguments import argument_failures
from tests.random_networks.checking.designs import failures
from tests.random_networks.checking.failures import Failure, Outcome, first, raised
from tests.random_networks.checking.features import FEATURES, feature_failures
from tests.random_networks.checking.output_strides import STRIDED, strided_failures
from tests.random_networks.said_outputs import said_outputs


def examine(text: str, seed: int = 0, kind: str = "", *, whole: bool = True) -> Outcome:
    """Checks a text and all networks in it; with a `kind` of failure, only as far as that needs.

    Not `whole`: that the text of each module is right, loads, and gives the interpreter's outputs.
    """
    try:
        report = resdsl.check(f"{text}\n")
        str(report)
    except Exception as error:
        return Outcome([raised("check", error)])
    codes = tuple(d.code.id for d in report.diagnostics if d.severity == "error")
    if not report.ok and not codes:
        return Outcome([Failure("check: not ok", "without an error")])
    outcome = Outcome([], codes=codes)
    for design in report.designs:
        said = said_outputs(f"{text}\n", design.name)
        own = design.network.outputs if len(design.network.outputs) > 1 or said else ()
        if said is not None and own != said:
            outcome.failures.append(Failure("outputs", f"{own}, and the text says {said}"))
        found = list(first(failures(design, seed, kind, whole=whole)))
        if not found and (whole or kind.startswith(FEATURES)):
            found = list(first(feature_failures(design, seed, kind)))
        if whole and not found and (design.network.free_parameters or design.network.flags):
            found = list(first(argument_failures(design, text, seed)))
        if not found and (kind.startswith(STRIDED) or (not kind and seed % 3 == 0)):
            found = list(first(strided_failures(design, text, seed, kind, whole=whole)))
        outcome.failures += found
        outcome.networks += 1
        if not found:
            outcome.sources.append(design.source())
    return outcome
