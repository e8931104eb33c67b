"""Names with numbers: what `s[i]` and `s[i][j]` are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_DIGITS = frozenset("0123456789")


def numbered(name: str, numbers: Sequence[int]) -> str:
    """`s2` of `s[2]`, `s1_2` of `s[1][2]`; `"convs.1.2"` of `"convs."[1][2]`, which ends with a
    dot."""
    sign = "." if name.endswith(".") else "_"
    return name + sign.join(map(str, map(int, numbers)))


def stems(name: str) -> Iterator[str]:
    """What may stand before the indices of a name: of `s1_12` `s1_1`, `s1_` and `s`."""
    end = len(name)
    while True:
        start = end
        while start > 1 and name[start - 1] in _DIGITS:
            start -= 1
            yield name[:start]
        if start == end or start < 3 or name[start - 1] not in "_.":
            return
        # Another index, if it has digits too.
        end = start - 1
