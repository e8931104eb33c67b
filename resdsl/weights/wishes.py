"""What the caller says of weights: other names, what to leave, which of several dicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import translate
from re import compile as compiled

from resdsl.records import dataclass
from resdsl.weights.refusal import unfit
from resdsl.weights.tensors import Found, Tensors

_GLOB = frozenset("*?[")
# Before a run of components: where keys begin alone.
TOP = "^"


@dataclass(frozen=True, slots=True)
class Wishes:
    """`rename` runs of whole components of keys, with `^` before them only at their beginning;
    `drop` patterns of keys, or modules; `key` the dict, or the prefix, that the weights lie under;
    `in_order` matches by order."""

    rename: tuple[tuple[str, str], ...] = ()
    drop: tuple[str, ...] = ()
    key: str | None = None
    in_order: bool = False

    @classmethod
    def of(
        cls,
        rename: Mapping[str, str] | None = None,
        drop: str | Iterable[str] | None = None,
        key: str | None = None,
        match: str | None = None,
    ) -> Wishes:
        """Raises TypeError and ValueError as a call would."""
        renamed = _pairs(rename)
        dropped = _patterns(drop)
        if not (key is None or (_is_text(key) and key)):
            raise TypeError("key names the dict, or the prefix, that the weights are under")
        if match not in (None, "names", "order"):
            raise ValueError(f'match is "names" or "order", not {match!r}')
        return cls(renamed, dropped, key, match == "order")

    def drops(self, key: str) -> bool:
        return any(_pattern_fits(pattern, key) for pattern in self.drop)

    def renamed(self, key: str) -> str:
        """Each run of components that is to be renamed, the longest first, once."""
        parts = key.split(".")
        found: list[str] = []
        runs = sorted((_run(old, new) for old, new in self.rename), key=_longest)
        count = len(parts)
        while parts:
            for old, new, is_first in runs:
                if parts[: len(old)] == old and not (is_first and len(parts) < count):
                    found += new.split(".") if new else []
                    del parts[: len(old)]
                    break
            else:
                found.append(parts.pop(0))
        return ".".join(found)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _pairs(rename: object) -> tuple[tuple[str, str], ...]:
    if rename is None:
        return ()
    pairs = tuple(rename.items()) if isinstance(rename, Mapping) else ()
    is_text = all(_is_text(old) and _is_text(new) and old.removeprefix(TOP) for old, new in pairs)
    if not (isinstance(rename, Mapping) and is_text):
        raise TypeError('rename is a dict of texts to texts, such as {"se": "tail"}')
    return pairs


def _patterns(drop: object) -> tuple[str, ...]:
    if drop is None:
        return ()
    patterns = (drop,) if isinstance(drop, str) or not isinstance(drop, Iterable) else tuple(drop)
    if not all(_is_text(one) and one for one in patterns):
        raise TypeError('drop is a list of patterns of keys, such as ["aux*"]')
    return patterns


def _run(old: str, new: str) -> tuple[list[str], str, bool]:
    """Its components, what they become, and whether only where a key begins."""
    return old.removeprefix(TOP).split("."), new, old.startswith(TOP)


def _longest(run: tuple[list[str], str, bool]) -> tuple[int, bool]:
    return -len(run[0]), not run[2]


def _pattern_fits(pattern: str, key: str) -> bool:
    """Without a sign of a pattern it is a tensor, or a module with all that is in it."""
    if _GLOB.isdisjoint(pattern):
        return key == pattern or key.startswith(f"{pattern}.")
    return compiled(translate(pattern)).match(key) is not None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of the tensors: by their new keys, with the old ones."""

    tensors: dict[str, Found]
    origins: dict[str, str]
    dropped: tuple[str, ...]
    renamed: int


def kept(tensors: Tensors, wishes: Wishes, known: Iterable[str]) -> Kept:
    """`known` are the design's keys, of which some may be dropped as well. Raises WeightsError
    for a wish that changes nothing."""
    found: dict[str, Found] = {}
    origins: dict[str, str] = {}
    dropped: list[str] = []
    renamed = 0
    for key, tensor in tensors.items():
        if wishes.drops(key):
            dropped.append(key)
            continue
        other = wishes.renamed(key) if wishes.rename else key
        renamed += other != key
        if other in found:
            raise unfit(f"rename makes `{other}` of both `{origins[other]}` and `{key}`")
        found[other] = tensor
        origins[other] = key
    everything = [*tensors, *known]
    for pattern in wishes.drop:
        if not any(_pattern_fits(pattern, key) for key in everything):
            raise unfit(f'drop=["{pattern}"] fits no tensor, neither there nor of the design')
    for old, _ in wishes.rename:
        only = Wishes(((old, "\0"),))
        if not any(only.renamed(key) != key for key in tensors):
            raise unfit(
                f'rename={{"{old}": …}} fits no key: a name is made of whole components, as '
                f"`{_example(tensors)}` has"
            )
    return Kept(found, origins, tuple(dropped), renamed)


def _example(tensors: Tensors) -> str:
    return next((key for key in tensors if "." in key), "layer1.0")
