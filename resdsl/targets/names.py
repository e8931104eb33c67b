"""Names in the emitted text: spelled as the field spells them, and safe whatever a spec chooses."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Container
from itertools import chain, count
from unicodedata import normalize

from resdsl.ops import REGISTRY
from resdsl.targets.nodes import literal

_HELPERS = frozenset(
    one.name for op in REGISTRY.values() for helper in op.helpers for one in helper.with_used
)

# Where backward runs stages again.
_RECOMPUTING = frozenset({"KeptBuffers", "checkpoint", "contextlib", "functools", "recomputed"})

# What the emitted text uses itself, and Python's own names.
RESERVED = (
    frozenset({"torch", "nn", "F", "Tensor", "OrderedDict", "self", "module", "branch", "x", "l"})
    | frozenset(dir(builtins))
    | _RECOMPUTING
    | frozenset(name for name in _HELPERS if name.islower())
)

# Classes of the emitted text that have no definition, Python's, and names that look like digits.
RESERVED_CLASSES = (
    frozenset({"Any", "Final", "Tensor", "OrderedDict", "I", "O"})
    | frozenset(dir(builtins))
    | _HELPERS
    | _RECOMPUTING
)


def variable(name: str, taken: Container[str] = ()) -> str:
    """A lower-case identifier that hides nothing, as near to `name` as can be."""
    made = re.sub(r"\W", "_", name.lower(), flags=re.ASCII)
    if not made.strip("_") or made[0].isdigit():
        made = f"value_{made}".rstrip("_")
    # Two leading underscores would be mangled inside a class.
    made = re.sub("^__+", "_", made)
    if _is_free(made, taken):
        return made
    # One more of a name is `name_`, as a keyword is; then they are counted.
    others = (f"{made.rstrip('_')}_{number}" for number in count(2))
    return next(one for one in chain([f"{made}_"], others) if _is_free(one, taken))


def _is_free(name: str, taken: Container[str]) -> bool:
    return not (name in RESERVED or keyword.iskeyword(name) or name in taken)


def is_attribute(key: str) -> bool:
    """Whether `self.key` can be written: an identifier that Python leaves as it is."""
    # Python reads other letters as the plain ones that they are forms of (PEP 3131).
    is_plain = normalize("NFKC", key) == key
    is_name = key.isidentifier() and not keyword.iskeyword(key)
    return is_name and is_plain and not key.startswith("__")


def attribute(key: str) -> str:
    """The expression for a submodule."""
    return f"self.{key}" if is_attribute(key) else f"getattr(self, {literal(key)})"
