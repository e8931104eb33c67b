"""Words of Python and other libraries that mean nothing here, and what to write instead."""

from __future__ import annotations

import re

from resdsl.diagnostics.aliases import fold
from resdsl.join_functions import JOIN_FUNCTIONS

_COUNTED = "`for i in range(len(a)) { … }` counts along: `a[i]`"
_GROUP = "steps in braces are a group: `{ conv(3, 64) norm act }`"
_TIMES = "a unit is repeated with `x`: `{ … } x 3`"
_EMPTY = "there is no empty value; a unit that does nothing is `identity`"
_CONCAT = "tensors are joined: `join concat(a, b)`"
_ROUNDED = "`floor`, `ceil` and `round` make an int, `//` divides ints"
_PRINTED = "nothing is printed: `resdsl show` prints the table of a network"
_TYPED = "the types of parameters are declared: `block NAME(width: int)`"
_CONTEXT = "`in.channels`, `here.channels` and, in a shortcut, `out.channels` are known"
_TRUE, _FALSE = "write `true`", "write `false`"
_NO_RECURRENCE = "networks here are feed-forward: there is no recurrence"
_NO_ATTENTION = (
    "there is no attention over sequences; `squeeze_excite` weighs channels: "
    "`from std.attention import squeeze_excite`"
)
EXTENT = "blocks know channels and dimensions, not extents: one block serves all sizes"

# In expressions. Folded, as in diagnostics/aliases.
_VALUES = {
    "enumerate": _COUNTED,
    "zip": f"{_COUNTED}; `for a, b in [[1, 2], [3, 4]]` takes lists apart",
    "map": _COUNTED,
    "filter": "`if` in a loop leaves elements out",
    "int": _ROUNDED,
    "float": "a number needs no conversion; `/` gives a float",
    "bool": "a comparison is true or false",
    "str": "a label takes an index: `conv[i]: …`",
    "f": "a label takes an index: `conv[i]: …`",
    "list": "a list is written `[1, 2]`; `range(n)` is one",
    "tuple": "a list is written `[1, 2]`",
    "dict": "there are no dictionaries; arguments have names",
    "print": _PRINTED,
    "sorted": "write the list in its order",
    "reversed": "`for i in range(len(a) - 1, -1, -1) { … }` goes backwards: `a[i]`",
    "any": "conditions are joined with `or`",
    "all": "conditions are joined with `and`",
    "pow": "a power is written `a ** b`",
    "sqrt": "a root is written `a ** 0.5`",
    "isinstance": _TYPED,
    "type": _TYPED,
    "null": _EMPTY,
    "nil": _EMPTY,
    "undefined": _EMPTY,
    "inchannels": _CONTEXT,
    "inplanes": _CONTEXT,
    "cin": _CONTEXT,
    "inch": _CONTEXT,
    "infeatures": _CONTEXT,
    "input": "the tensor that enters is `in`: `in.channels`",
    "inputs": "the tensor that enters is `in`: `in.channels`",
    "height": EXTENT,
    "h": EXTENT,
    "spatial": EXTENT,
    "yes": _TRUE,
    "on": _TRUE,
    "no": _FALSE,
    "off": _FALSE,
}

# As steps.
_STEPS = {
    **{
        name: f"tensors are joined: `join {name}(a, b)`"
        for name, function in JOIN_FUNCTIONS.items()
        if function.takes == "pairs"
    },
    "sequential": _GROUP,
    "modulelist": _GROUP,
    "block": _GROUP,
    "repeat": _TIMES,
    "outputstride": "without brackets: `output_stride 16`",
    "loop": _TIMES,
    "concat": _CONCAT,
    "concatenate": _CONCAT,
    "cat": _CONCAT,
    "stack": f"no tensor has an axis more; {_CONCAT} has the channels of both",
    "add": "tensors are joined: `join here + a`",
    "plus": "tensors are joined: `join here + a`",
    "sum": "tensors are joined: `join here + a`",
    "mul": "tensors are joined: `join here * a`",
    "multiply": "tensors are joined: `join here * a`",
    "mean": "the copies of a branch are joined: `join mean(path)`",
    "print": _PRINTED,
    "unless": "write `if not … { … }`",
    "inputlayer": "write `input 3 x 224 x 224`",
    "input": "write `input 3 x 224 x 224`",
    "residualblock": "write `residual { … }`, or use `basic` or `bottleneck`",
    "output": "`output logits: here` names what the last step makes; alone it needs no name",
    "super": "a definition needs no constructor",
    **dict.fromkeys(
        "lstm gru rnn lstmcell grucell rnncell bilstm convlstm".split(), _NO_RECURRENCE
    ),
    **dict.fromkeys(
        "attention transformer selfattention multiheadattention mha multiheadselfattention "
        "crossattention transformerencoder transformerencoderlayer transformerblock embedding "
        "positionalencoding positionalembedding vit".split(),
        _NO_ATTENTION,
    ),
}

# Behind a number, with a blank between.
_SUFFIXES = {
    "k": "K", "m": "M", "g": "G", "b": "G", "gflops": "G", "mflops": "M", "gmacs": "G",
    "mmacs": "M", "million": "M", "billion": "G", "thousand": "K", "kb": "K", "mb": "M", "gb": "G",
}  # fmt: skip


def value(name: str) -> str | None:
    """What to write for a word in an expression."""
    return _VALUES.get(fold(name)) or None


def step(name: str) -> str | None:
    """What to write for a word that stands as a step."""
    window = re.fullmatch(r"[Cc]onv([1-9])x\1(?:_\w+)?", name)
    if window is not None:
        return f"write `conv({window[1]}, …)`"
    return _STEPS.get(fold(name))


def suffix(name: str) -> str | None:
    """The suffix of numbers that a word stands for."""
    return _SUFFIXES.get(name.lower())
