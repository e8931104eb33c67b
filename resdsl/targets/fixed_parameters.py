"""Why a parameter of a network is no argument of its module: said in the docstring of the class."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.design.network import Network
from resdsl.provenance import are_numbers


def fixed(network: Network) -> str:
    """A sentence about the parameters that the module was compiled for; none where all survive.

    One survives where another number would only change numbers (`language/values/comparisons.py`),
    or how many equal copies follow each other (`language/elaborate/runs.py`), and a truth value
    where the network with the other can be built beside it (`language/elaborate/variants.py`).
    """
    numbers: list[str] = []
    flags: list[str] = []
    others: list[str] = []
    for parameter in network.root.parameters:
        if parameter.name in network.shared_parameters or parameter.name in network.flags:
            continue
        value = network.root.arguments[parameter.name]
        row = numbers if are_numbers(value) else flags if isinstance(value, bool) else others
        row.append(f"`{parameter.name}`")
    if not (numbers or flags or others):
        return ""
    why = [
        f"another {_listed(numbers, 'or')} may build other modules" if numbers else "",
        f"another {_listed(flags, 'or')} is another network" if flags else "",
        f"{_listed(others)} {'say' if others[1:] else 'says'} what is built" if others else "",
    ]
    reasons = "; ".join(filter(None, why))
    return f"Compiled for its {_listed([*numbers, *flags, *others])}: {reasons}."


def _listed(names: Sequence[str], word: str = "and") -> str:
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
