"""Large numbers for people."""

from __future__ import annotations

_UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"))


def quantity(value: int | None) -> str:
    """`0.12 G`, `25.56 M`, `9.5 k`, `640`; `–` where it depends on a free extent.

    A unit serves from a tenth of it on.
    """
    if value is None:
        return "–"
    for unit, name in _UNITS:
        if value * 10 >= unit:
            return f"{value / unit:.2f} {name}"
    return f"{value / 1000:.1f} k" if value >= 1000 else str(value)


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"
