"""Another number of input channels, in the place of the one that a network declares."""

from __future__ import annotations

from resdsl.design.network import InputSpec
from resdsl.language.values.outside_values import told, understood


def input_with(channels: object, declared: InputSpec) -> tuple[int | str, ...]:
    """The declared input as `design` takes one, with other channels. Raises TypeError and
    ValueError for what is no number of channels."""
    number = understood(channels)
    if type(number) is not int:
        raise TypeError(f"in_channels is an int, not {told(channels)}")
    if number < 1:
        raise ValueError(f"in_channels is at least 1, not {number}")
    sizes = zip(declared.extents, declared.names, strict=True)
    return (number, *(name if extent is None else int(extent) for extent, name in sizes))
