"""Random `.res` texts: valid ones, as far as the writer can tell, and nearly valid ones.

A `Writer` writes steps one after the other and follows the shape of the current tensor with its own
arithmetic (`shapes.py`), so that most of what it writes elaborates. Where it is wrong, the compiler
must say so; it must never raise.

What the texts cover:

- all operators but a few, on maps of one to three dimensions and on vectors, with free and with
  declared extents;
- groups, residuals with all shortcuts of the library, own ones and ones in place, forks, joins,
  kept tensors, `if`, `for`, `let`, `set`, stages alone and in a loop;
- repetition whose copies are alike, differ by `index`, or differ because the first is fed other
  channels than those that follow: calls, groups and residuals, also inside of each other;
- own blocks that become classes, and chains without labels that become functions; blocks for maps
  and vectors alike, with a width, with a stride, dense layers;
- parameters of blocks and shortcuts, required or not, that are conditions, counts, widths, windows,
  groups, factors, rates, tails, shortcuts, and blocks that are called with a width; the same block
  called in a row with other arguments;
- labels with dots, tensors of a body's own (`param`), `/s` behind calls, blocks that contain
  themselves or each other and end, shortcuts by condition;
- `output` in networks, their groups, `if`s and `for`s, and in the braces of an instance: names,
  labels, expressions;
- tensors and lists of them as parameters of blocks and shortcuts, given kept tensors, `in`, `here`,
  lists and what is computed, in calls, repetitions, branches, stages and behind `via`; `let` for
  both, what joins, `for` and `if` make of lists, shares; several results and `keep a, b`; `reuse`
  of whatever has a label; extents like another tensor's;
- several networks in a file, families with several instances, networks whose parameters stay
  arguments of the emitted module;
- names: Python's, torch's, the language's; in some texts names that meet (`Names.meet`): a
  parameter, `let`, kept tensor, variable or label called as a block, as a parameter of the library,
  as what the emitter names itself (`channels`, `conv1_channels`, `downsample`, `i`), or as an
  attribute of nn.Module.

Not covered: imports of other files, `op`s and lists as arguments but in `for`, inputs that a
network declares conditions for.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from random import Random

from hypothesis import strategies as st

from tests.random_networks.texts import Text, render
from tests.random_networks.writing.files import FileWriter


def tree(seed: int, often: Collection[str] = ()) -> list[Text]:
    """The text of a seed, as a tree that can be made smaller.

    Of the kinds of steps `often` (`reuse`, `twice`, `group`) there are several times as many.
    """
    return FileWriter(Random(seed), often).file()


def write(seed: int, often: Collection[str] = ()) -> str:
    """The text of a seed. One in eight is spoilt."""
    random = Random(seed)
    text = render(tree(seed, often))
    return spoilt(text, random) if random.random() < 0.125 else text


def texts() -> st.SearchStrategy[str]:
    return st.integers(0, 2**32 - 1).map(write)


_WORD = re.compile(r"\s+|\"[^\"\n]*\"|##[^\n]*|\w+|[=!<>]=|\*\*|//|.", re.DOTALL)
_STRANGE = """
0 1 2 3 64 -1 1.5 1e300 1e-9 9223372036854775807 9223372036854775808 true false "a" "" 3x3 1x2x3 0x0
in here main out stride index count progress x via edition set let keep join fork residual expect
network block shortcut stage input if else for [ ] ( ) { } , : . = == + - * / // % ** < conv norm
act projection basic relu flatten linear(10) global_avgpool None none in.channels here.rank range(3)
[] class self import é \x00 # ## "unclosed shape(a) [1,2] where(true,1,2) len([]) 1/0 a.b a[0] 2**63
1M """.split()


def spoilt(text: str, random: Random) -> str:
    """The text with one to three mistakes in it."""
    words = _WORD.findall(text)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(words))
        match random.randrange(6):
            case 0:
                del words[at]
            case 1:
                words.insert(at, random.choice(words))
            case 2:
                other = random.randrange(len(words))
                words[at], words[other] = words[other], words[at]
            case 3:
                words[at] = f" {random.choice(_STRANGE)} "
            case 4:
                words.insert(at, f" {random.choice(_STRANGE)} ")
            case _:
                numbers = [i for i, word in enumerate(words) if word.isdigit()]
                if numbers:
                    words[random.choice(numbers)] = random.choice(["0", "1", "2", "3", "5", "7"])
        if not words:
            break
    return "".join(words)
