"""Slices as `ruff format` spells them: `x[:, :8]`, `x[:, self.width : 2 * self.width]`."""

from __future__ import annotations

import re
from collections.abc import Mapping

# The bounds and the step of one slice, each perhaps with a number's name in braces.
_SLICE = re.compile(r"[^\[\],]*:[^\[\],]*")


def sliced(template: str, texts: Mapping[str, str]) -> str:
    """`[:, {start}:{stop}]` with its numbers. A bound of 0 that begins a slice is not said."""
    return _SLICE.sub(lambda found: _slice(found[0].strip(), texts, found[0]), template)


def _slice(template: str, texts: Mapping[str, str], written: str) -> str:
    bounds = [part.format(**texts) for part in template.split(":")]
    if bounds[0] == "0":
        bounds[0] = ""
    margin = written[: len(written) - len(written.lstrip())]
    if all(_is_simple(bound) for bound in bounds):
        return margin + ":".join(bounds)
    made = bounds[0]
    for number, bound in enumerate(bounds[1:], 1):
        # Two colons with nothing between them stand close.
        made += " :" if bounds[number - 1] else ":"
        made += f" {bound}" if bound else ""
    return margin + made


def _is_simple(bound: str) -> bool:
    """Nothing, a name or a number: the colons beside it stand close."""
    return not bound or bound.isidentifier() or bound.removeprefix("-").isdigit()
