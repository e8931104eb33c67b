"""What became of weights: which tensors matched, how, and what starts anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WeightsReport:
    """Says that tensors matched, by keys and shapes, and not that the network is the same.

    `matched` of the `total` tensors of the network are filled. `wrapped` are the names of the
    dicts that lay around the weights, `prefix` what stood before each key, `dialect` whose names
    they have, with `note` for what that comes to, in `renamed` keys. `adapted` are tensors with
    their channels there and here, `new` those that start as without weights, with the reason.
    `dropped` are keys that were left out, `too` the networks of the zoo that they fit as well.
    `names` are their keys by the network's own, the way back to their names.
    """

    network: str
    matched: int
    total: int
    wrapped: tuple[str, ...] = ()
    prefix: str = ""
    dialect: str = ""
    note: str = ""
    renamed: int = 0
    adapted: tuple[tuple[str, int, int], ...] = ()
    new: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    too: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        parts = [f"{self.matched:,} of {self.total:,} tensors matched"]
        if self.wrapped:
            parts.append(f"under {', '.join(f'`{name}`' for name in self.wrapped)}")
        if self.prefix:
            parts.append(f"prefix `{self.prefix}`")
        if self.dialect:
            parts.append(f"dialect {self.dialect} ({self.note}: {self.renamed:,})")
        elif self.renamed:
            parts.append(f"renamed {self.renamed:,}")
        parts += [f"{key} {there} -> {here} channels" for key, there, here in self.adapted]
        lines = ["; ".join(parts)]
        reasons = dict.fromkeys(reason for _, reason in self.new)
        for reason in reasons:
            keys = [key for key, why in self.new if why == reason]
            lines.append(f"{_few(keys)}: new ({reason})")
        if self.dropped:
            lines.append(f"{_few(self.dropped)}: dropped")
        if self.too:
            lines.append(f"fits {_few(self.too)} too: their tensors have the same names and shapes")
        return lines


def _few(names: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(names[:6])
    return shown if len(names) <= 6 else f"{shown} and {len(names) - 6} more"
