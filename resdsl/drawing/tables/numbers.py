"""Large numbers for people."""

from __future__ import annotations

from resdsl.analysis.facts import Facts


def parameters(n: int) -> str:
    """`138.36 M`, `0.22 M`, `9.5 k`, `640`: a million serves from a tenth of it on."""
    if n >= 10**9:
        return f"{n / 10**9:.2f} G"
    if n >= 10**5:
        return f"{n / 10**6:.2f} M"
    return f"{n / 1000:.1f} k" if n >= 1000 else str(n)


def macs(n: int | None) -> str:
    """`0.12 G`, `2.05 M`; `–` where it depends on a free extent."""
    if n is None:
        return "–"
    return f"{n / 10**9:.2f} G" if n >= 10**8 else parameters(n)


def costs(known: Facts) -> tuple[str, str]:
    """Of a network, below its title: its parameters; its MACs, and at which input they are."""
    at = known.view.text(known.input)
    found = known.cost.macs
    at = f"input {at}" if found is None else f"{macs(found)} MACs at {at}"
    return f"{parameters(known.cost.params)} parameters", at


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"
