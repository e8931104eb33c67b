"""Numbers and sizes: exact decimals, an int where the value is integral.

By whole numbers alone: a check that imports no `decimal` starts sooner.
"""

from __future__ import annotations

import re

from resdsl import limits
from resdsl.diagnostics.codes import NUMBER
from resdsl.diagnostics.diagnostic import Sink
from resdsl.source import Span

LARGEST = 2**63

_SUFFIXES = {"K": 3, "M": 6, "G": 9}


def number(text: str, span: Span, sink: Sink) -> int | float:
    """`25_557_032`, `1e-5`, `4.1G`; 0 after an error."""
    if len(text) > limits.NUMBER_LENGTH:
        sink.error(NUMBER, f"a number has more than {limits.NUMBER_LENGTH} characters", span)
        return 0
    power = _SUFFIXES.get(text[-1], 0)
    digits = text[:-1] if power else text
    mantissa, _, exponent = digits.replace("_", "").lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    value = int(whole + fraction)
    if not value:
        return 0
    # The exponent is compared before anything of its size is made: 1e999999999 costs nothing.
    shift = int(exponent or 0) + power - len(fraction)
    magnitude = len(str(value)) - 1 + shift
    if magnitude > 19:
        return _out_of_range(text, span, sink)
    if magnitude < -300:
        sink.error(
            NUMBER, f"`{text}` is too small to tell from 0", span, "less than 1e-300 in magnitude"
        )
        return 0
    over, under = (10**shift, 1) if shift >= 0 else (1, 10**-shift)
    value *= over
    if value > LARGEST * under:
        return _out_of_range(text, span, sink)
    # The quotient of two ints is the float that lies nearest to it.
    return value / under if value % under else value // under


def size(text: str, span: Span, sink: Sink) -> tuple[int, ...]:
    """The extents of `3x3` or `3 × 224 × 224`."""
    dims: list[int] = []
    for dim in re.split(r"[ \t]*[x×][ \t]*", text):
        dims.append(int(number(dim, span, sink)))
    return tuple(dims)


def _out_of_range(text: str, span: Span, sink: Sink) -> int:
    sink.error(NUMBER, f"`{text}` is out of range", span, "numbers lie within ±2**63")
    return 0
