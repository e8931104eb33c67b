"""Features that a caller asks a network for: the outputs that it is to have instead of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeGuard

from resdsl.language.values.outside_values import told

# Names of stages, labels and kept tensors; by other names; or the last stage of each stride.
Features: TypeAlias = str | Sequence[str] | Mapping[str, str]


# As they are asked for: the name of each output, and of the tensor that it is.
Wanted: TypeAlias = tuple[tuple[str, str], ...]

# What stands alone for all stages that activations can be computed again for.
STAGES = ("stages",)

# What `"pyramid"` alone comes to.
PYRAMID: Wanted = (("pyramid", "pyramid"),)


def wanted(features: Features | None) -> Wanted:
    """`"layer2,layer4"` and `"c4=layer2"` too, as on a command line. Raises TypeError for what
    could be no features."""
    if features is None:
        return ()
    pairs = list(_pairs(features))
    found = tuple((name, tap) for name, tap in pairs if _is_name(name) and _is_name(tap))
    if not found or len(found) < len(pairs):
        raise TypeError(
            'features are names of stages, labels or kept tensors, such as ["layer2", "layer4"], '
            '{"low": "layer2"} or "pyramid"'
        )
    return found


def tap(name: object) -> str | None:
    """The name of a stage, label or kept tensor. Raises TypeError for what is none."""
    if not (name is None or _is_name(name)):
        raise TypeError(f"a stage to freeze is called by its name, not by {told(name)}")
    return name


def checkpointing(names: object) -> tuple[str, ...]:
    """Those of stages, as `"layer3,layer4"` too. Raises TypeError for what is none."""
    if names is None:
        return ()
    found: object = names
    if isinstance(names, str):
        found = [part.strip() for part in names.split(",")]
    if isinstance(found, Sequence) and found and all(map(_is_name, found)):
        return tuple(found)
    raise TypeError(
        'what is checkpointed are names of stages or labels, such as ["layer3", "layer4"], or '
        f'"stages", not {told(names)}'
    )


def face(name: object) -> str:
    """Whose methods a module is to have besides. Raises TypeError for what is none."""
    if name not in (None, "timm"):
        raise TypeError(f'a module has the face of "timm", not {told(name)}')
    return "" if name is None else "timm"


def _pairs(features: object) -> Iterable[tuple[object, object]]:
    match features:
        case str():
            parts = [part.strip().partition("=") for part in features.split(",")]
            return [(name.strip(), (tap if sign else name).strip()) for name, sign, tap in parts]
        case Mapping():
            return features.items()
        case Sequence():
            return [(name, name) for name in features]
        case _:
            return ()


def _is_name(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value)
