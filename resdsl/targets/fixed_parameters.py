"""Why a parameter of a network is no argument of its module: said in the docstring of the class."""

from __future__ import annotations

from resdsl.design.model import Network


def fixed(network: Network) -> str:
    """A sentence about the parameters that the module was compiled for; none where all survive.

    One survives where another number would only change numbers (`language/values/comparisons.py`).
    """
    names = [
        f"`{parameter.name}`"
        for parameter in network.root.parameters
        if parameter.name not in network.free_parameters
    ]
    if not names:
        return ""
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return f"Compiled for its {listed}: others may make other modules."
