"""The text of a design's torch module, with what its head says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resdsl import __version__
from resdsl.analysis.facts import Facts, facts
from resdsl.analysis.shapes import view
from resdsl.design.network import Network
from resdsl.targets.torch_source import Header, emit


def source(network: Network, settings: Sequence[str] = ()) -> str:
    """The module that `compile` writes and `load` executes; numbers are at the declared input."""
    return emit(network, header(facts(network), settings), version=__version__)


def header(known: Facts, settings: Sequence[str] = ()) -> Header:
    """What the module's docstring says of the network, in ASCII."""
    extents = [
        name if extent is None else str(extent)
        for name, extent in zip(known.view.names, known.view.extents, strict=True)
    ]
    # Not the numbers at the declared input: the module takes others too.
    free = view(known.network, (None,) * len(extents))
    shapes = {
        name: f"(N, {_ascii(free.text(shape).replace('×', ', '))})"
        for name, shape in known.outputs.items()
    }
    alone = len(shapes) == 1
    return Header(
        input=", ".join([str(int(known.network.input.channels)), *known.view.names]),
        output="".join(shapes.values()) if alone else _dictionary(shapes),
        sizes=_ascii(known.sizes.text()).removeprefix("valid").strip(),
        parameters=known.cost.params,
        macs=known.cost.macs,
        size=" x ".join(extents),
        settings=", ".join(map(_ascii, settings)),
    )


def _dictionary(shapes: Mapping[str, str]) -> str:
    """Several outputs, by their names."""
    return f"{{{', '.join(f'{_ascii(name)}: {shape}' for name, shape in shapes.items())}}}"


_PLAIN = str.maketrans(
    {
        "≥": ">=",
        "×": "x",
        "·": "*",
        "⌈": "ceil(",
        "⌊": "floor(",
        "⌉": ")",
        "⌋": ")",
        "…": "...",
        "≈": "~",
        "≤": "<=",
    }
)


def _ascii(text: str) -> str:
    return text.translate(_PLAIN)
