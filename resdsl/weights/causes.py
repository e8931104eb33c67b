"""The likely cause why weights do not fit, in a line: one question after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from resdsl import limits
from resdsl.weights.body_causes import of_body
from resdsl.weights.computed_weights import of_computed
from resdsl.weights.difference import DEEP, Cause, Difference, as_list, listed
from resdsl.weights.head_causes import of_head
from resdsl.weights.tensors import size

_GATES = re.compile(r"\.(se|se_module|se_layer|tail|attn|attention|squeeze_excite)\.")


def cause(found: Difference) -> Cause:
    """The first that holds."""
    for question in _QUESTIONS:
        answer = question(found)
        if answer is not None:
            return answer
    wrong = len(found.wrong)
    parts = [
        f"{len(found.missing)} of its tensors are not there" if found.missing else "",
        f"{wrong} have another shape" if wrong else "",
        f"{len(found.fit.unknown)} there are nothing here" if found.fit.unknown else "",
    ]
    return Cause(f"it is another network: {', '.join(filter(None, parts))}")


def _nothing_alike(found: Difference) -> Cause | None:
    if found.fit.taken or found.wrong or found.renames.found or found.renames.doubt:
        return None
    count = len(found.theirs) + len(found.fit.unknown)
    if not count:
        return Cause("there are no tensors in it")
    return Cause(
        "other names: none of its tensors is called as one of the design's",
        ('rename={"theirs": "ours"} renames whole components of keys',),
    )


def _renamed(found: Difference) -> Cause | None:
    """A few other names, and nothing else."""
    pairs = [(old.removeprefix("^"), new) for old, new in found.renames.found.items()]
    if found.renames.doubt:
        return Cause(
            f"other names: {found.renames.doubt}",
            ('rename={"theirs": "ours"} says which is which',),
        )
    if not pairs:
        return None
    told = [
        f"`{old}` there, `{new}` here" if new else f"`{old}.` before some" for old, new in pairs
    ]
    wish = ", ".join(f'"{old}": "{new}"' for old, new in found.renames.found.items())
    return Cause(f"other names: {'; '.join(told)}", (f"rename={{{wish}}} takes it",))


def _no_statistics(found: Difference) -> Cause | None:
    """Norms without what they have seen in training."""
    if found.unknown or found.wrong or not found.missing:
        return None
    ends = {key.rpartition(".")[2] for key in found.missing}
    kept = [key for key in found.theirs if key.endswith(".running_var")]
    if not ends <= {"running_mean", "running_var"} or kept:
        return None
    return Cause(
        "its norms keep no running statistics: they are group norms, or batch norms with "
        "track_running_stats=False"
    )


def _only_extras(found: Difference) -> Cause | None:
    if found.missing or found.wrong:
        return None
    parts = _beginnings(found.fit.unknown, found.wanted.shapes, found.fit.prefix)
    if any("aux" in part.lower() for part in parts):
        text = "auxiliary heads: it has " + listed(parts) + ", which the design has not"
    elif found.unknown and all(key.endswith(".bias") for key in found.unknown):
        text = "biases: it has some where the design has none"
    elif all("." not in part.removeprefix(found.fit.prefix) for part in parts):
        # Whole modules beside the design's: a projector, counters of a profiler.
        text = "it has more than the design: " + listed(parts)
    elif (answer := of_body(found)) is not None:
        return answer
    else:
        text = "it has more than the design: " + listed(parts)
    return Cause(text, (f"drop={as_list(parts)} leaves them out",))


def _beginnings(keys: Sequence[str], ours: Iterable[str], prefix: str) -> list[str]:
    """The shortest modules that hold these keys and none of ours."""
    known = {beginning for key in ours for beginning in _modules(key)}
    around = set(_modules(f"{prefix}."))
    found: dict[str, None] = {}
    for key in keys[: limits.CANDIDATES]:
        own = (m for m in _modules(key) if m not in around and m.removeprefix(prefix) not in known)
        found.setdefault(next(own, key))
    return list(found)


def _modules(key: str) -> Iterator[str]:
    """`a`, `a.b` and `a.b.c` of `a.b.c`."""
    parts = key.split(".")
    for depth in range(1, min(len(parts), DEEP) + 1):
        yield ".".join(parts[:depth])


def _channels(found: Difference) -> Cause | None:
    entry = [key for key in found.wrong if key in found.wanted.entry]
    others = set(found.missing + found.wrong) - set(entry) - set(found.wanted.head)
    if not entry or others:
        return None
    there, here = found.theirs[entry[0]], found.ours[entry[0]]
    if there[:1] != here[:1] or there[2:] != here[2:]:
        return None
    return Cause(
        f"other input channels: it takes {there[1]}, the design {here[1]}, and only weights for "
        "3 or 1 are adapted",
        (f"in_channels={there[1]} takes it",),
    )


def _incomplete(found: Difference) -> Cause | None:
    if found.unknown or found.wrong:
        return None
    parts = _beginnings(found.missing, found.theirs, "")
    return Cause(
        f"it is incomplete: {listed(parts)} {'is' if len(parts) == 1 else 'are'} not there"
    )


def _widths(found: Difference) -> Cause | None:
    if found.missing or found.unknown or not found.wrong:
        return None
    first = next(key for key in found.ours if key in found.wrong)
    there, here = found.theirs[first], found.ours[first]
    if len(there) != len(here):
        return None
    if there[:1] == here[:1] and there[2:] == here[2:] and len(there) > 2:
        what = f"other groups: {there[1]} channels for each result there, {here[1]} in the design"
    elif there[2:] != here[2:]:
        what = f"other windows: {size(there[2:])} there, {size(here[2:])} in the design"
    elif _GATES.search(f".{first}."):
        what = "other gates: their channels are reduced to others"
    else:
        what = f"other widths: {there[0]} channels there, {here[0]} in the design"
    return Cause(what)


_QUESTIONS: tuple[Callable[[Difference], Cause | None], ...] = (
    _nothing_alike,
    of_computed,
    _no_statistics,
    of_head,
    _renamed,
    _only_extras,
    _channels,
    of_body,
    _incomplete,
    _widths,
)
